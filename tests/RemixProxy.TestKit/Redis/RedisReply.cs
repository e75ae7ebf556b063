using System.Net.Sockets;
using System.Text;

namespace RemixProxy.TestKit.Redis;

/// <summary>One command and its answer in Redis's own protocol (RESP 2), without a client that retries, pools or waits by itself.</summary>
internal static class RedisReply
{
    /// <summary>The answer as text: an array's items a line each, nothing as the empty text.</summary>
    /// <exception cref="InvalidOperationException">The server answered an error; its text is the message.</exception>
    public static async Task<string> AskAsync(int port, string[] command, CancellationToken cancel)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(System.Net.IPAddress.Loopback, port, cancel);
        var stream = client.GetStream();
        var request = new StringBuilder($"*{command.Length}\r\n");
        foreach (var word in command) request.Append($"${Encoding.UTF8.GetByteCount(word)}\r\n{word}\r\n");
        await stream.WriteAsync(Encoding.UTF8.GetBytes(request.ToString()), cancel);
        // Latin-1, one character a byte: lengths count bytes.
        using var reader = new StreamReader(stream, Encoding.Latin1);
        return Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(await ReadAsync(reader, cancel)));
    }

    private static async Task<string> ReadAsync(StreamReader reader, CancellationToken cancel)
    {
        var line = await reader.ReadLineAsync(cancel) ?? throw new IOException("Redis closed the connection instead of answering.");
        return (line[0], line[1..]) switch
        {
            ('+' or ':', var text) => text,
            ('-', var error) => throw new InvalidOperationException(error),
            ('$' or '*', "-1") => "",
            ('$', var length) => await ReadBlockAsync(reader, int.Parse(length), cancel),
            ('*', var count) => await ReadItemsAsync(reader, int.Parse(count), cancel),
            _ => throw new IOException($"Redis answered '{line}'."),
        };
    }

    private static async Task<string> ReadBlockAsync(StreamReader reader, int length, CancellationToken cancel)
    {
        var block = new char[length + "\r\n".Length];
        if (await reader.ReadBlockAsync(block, cancel) < block.Length) throw new IOException("Redis closed the connection within an answer.");
        return new(block, 0, length);
    }

    private static async Task<string> ReadItemsAsync(StreamReader reader, int count, CancellationToken cancel)
    {
        var items = new string[count];
        for (var i = 0; i < count; i++) items[i] = await ReadAsync(reader, cancel);
        return string.Join('\n', items);
    }
}
