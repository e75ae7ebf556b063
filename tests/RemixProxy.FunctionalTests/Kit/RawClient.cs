using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace RemixProxy.FunctionalTests.Kit;

/// <summary>A client that decides itself when it writes and when it reads.</summary>
internal sealed class RawClient : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly NetworkStream _stream;

    private RawClient(Socket socket) => _stream = new(socket, ownsSocket: true);

    public static async Task<RawClient> ConnectAsync(Uri address)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(address.Host, address.Port);
        return new(socket);
    }

    public Task WriteAsync(string text) => WriteAsync(Encoding.ASCII.GetBytes(text));

    public Task WriteAsync(byte[] bytes) => _stream.WriteAsync(bytes).AsTask().WaitAsync(Patience);

    /// <summary>Writes a body in chunks, and its end.</summary>
    public async Task WriteChunksAsync(long length)
    {
        var chunk = Encoding.ASCII.GetBytes("10000\r\n" + new string(' ', 0x10000) + "\r\n");
        for (var left = length; left > 0; left -= 0x10000) await _stream.WriteAsync(chunk);
        await WriteAsync("0\r\n\r\n");
    }

    /// <summary>Tells the server that no more will come.</summary>
    public void EndWriting() => _stream.Socket.Shutdown(SocketShutdown.Send);

    /// <summary>Reads one answer with its body, which has a length.</summary>
    public async Task<string> ReadAnswerAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        var head = await ReadHeadAsync();
        var length = head.Split("\r\n").FirstOrDefault(l => l.StartsWith("Content-Length: ", StringComparison.Ordinal)) is { } line
            ? int.Parse(line.AsSpan(16), CultureInfo.InvariantCulture)
            : 0;
        var body = new byte[length];
        await _stream.ReadExactlyAsync(body, patience.Token);
        return head + Encoding.UTF8.GetString(body);
    }

    /// <summary>Reads the head of one answer, which is all of it after a HEAD.</summary>
    public async Task<string> ReadHeadAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        var bytes = new List<byte>();
        var one = new byte[1];
        while (true)
        {
            await _stream.ReadExactlyAsync(one, patience.Token);
            bytes.Add(one[0]);
            if (one[0] == '\n' && bytes is [.., (byte)'\r', (byte)'\n', (byte)'\r', (byte)'\n']) return Encoding.ASCII.GetString([.. bytes]);
        }
    }

    /// <summary>Whether the server closes the connection without another byte.</summary>
    public async Task<bool> IsClosedAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            return await _stream.ReadAsync(new byte[1], patience.Token) == 0;
        }
        catch (IOException)
        {
            return true;
        }
    }

    public void Dispose() => _stream.Dispose();
}
