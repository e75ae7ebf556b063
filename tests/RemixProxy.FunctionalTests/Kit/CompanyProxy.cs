using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace RemixProxy.FunctionalTests.Kit;

/// <summary>
/// An HTTP proxy as a company has it: it opens tunnels (CONNECT) and forwards plain requests, knows names that the machine's own DNS doesn't know, and may want
/// a credential. It notes all that it reads.
/// </summary>
internal sealed class CompanyProxy : LoopbackServer
{
    private const string End = "Content-Length: 0\r\nConnection: close\r\n\r\n";

    private readonly StringBuilder _read = new();

    /// <summary>The only <c>user:password</c> that is let through; null: everybody is.</summary>
    public string? Credential { get; init; }

    /// <summary>Where names lead, as <c>name:port</c>. Others lead nowhere: 502.</summary>
    public ConcurrentDictionary<string, string> Hosts { get; } = new(StringComparer.Ordinal);

    /// <summary>Answers a request that is let through in its place, and hangs up.</summary>
    public Func<ProxyCall, string?>? Answer { get; set; }

    /// <summary>The requests, in their order.</summary>
    public ConcurrentQueue<ProxyCall> Calls { get; } = new();

    /// <summary>Every byte that came from clients, those in tunnels too.</summary>
    public string Read
    {
        get
        {
            lock (_read) return _read.ToString();
        }
    }

    protected override async Task ServeAsync(NetworkStream client)
    {
        if (await ReadAsync(client) is not var (call, head, body)) return;
        Calls.Enqueue(call);
        var isAllowed = Credential is null || call.Authorization == "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes(Credential));
        var answer = isAllowed ? Answer?.Invoke(call) : $"HTTP/1.1 407 No\r\nProxy-Authenticate: Basic realm=\"corp\"\r\n{End}";
        var target = call.Method == "CONNECT" ? call.Target : new Uri(call.Target).Authority;
        if (answer is null && !Hosts.TryGetValue(target, out target)) answer = "HTTP/1.1 502 No such host\r\n" + End;
        if (answer is not null)
        {
            await client.WriteAsync(Encoding.ASCII.GetBytes(answer), Stopping);
            return;
        }

        await using var server = await ConnectAsync(target!);
        if (call.Method == "CONNECT")
        {
            await client.WriteAsync("HTTP/1.1 200 Connection established\r\n\r\n"u8.ToArray(), Stopping);
            await Task.WhenAny(NoteAllAsync(client, server), server.CopyToAsync(client, Stopping));
            return;
        }

        // One request for each connection, so that each is seen.
        await server.WriteAsync(Encoding.Latin1.GetBytes(Forwarded(head) + body), Stopping);
        await server.CopyToAsync(client, Stopping);
    }

    private static string Forwarded(string head)
    {
        var lines = head.Split("\r\n");
        var parts = lines[0].Split(' ');
        var kept = lines[1..].Where(l => !l.StartsWith("Proxy-", StringComparison.OrdinalIgnoreCase));
        return $"{parts[0]} {new Uri(parts[1]).PathAndQuery} HTTP/1.1\r\n{string.Join("\r\n", kept)}\r\nConnection: close\r\n\r\n";
    }

    private async Task<(ProxyCall Call, string Head, string Body)?> ReadAsync(NetworkStream stream)
    {
        var (text, buffer) = ("", new byte[64 * 1024]);
        int end, length = 0;
        while ((end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal)) < 0 || text.Length < end + 4 + (length = LengthOf(text[..end])))
        {
            var read = await stream.ReadAsync(buffer, Stopping);
            if (read == 0) return null;
            Note(buffer.AsSpan(0, read));
            text += Encoding.Latin1.GetString(buffer, 0, read);
        }

        var line = text[..text.IndexOf("\r\n", StringComparison.Ordinal)].Split(' ');
        return (new(line[0], line[1], Header(text[..end], "Proxy-Authorization")), text[..end], text.Substring(end + 4, length));
    }

    private static int LengthOf(string head) => int.Parse(Header(head, "Content-Length") ?? "0", CultureInfo.InvariantCulture);

    private static string? Header(string head, string name) =>
        head.Split("\r\n").FirstOrDefault(l => l.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase))?[(name.Length + 1)..].Trim();

    private async Task NoteAllAsync(NetworkStream from, NetworkStream to)
    {
        var buffer = new byte[64 * 1024];
        int read;
        while ((read = await from.ReadAsync(buffer, Stopping)) > 0)
        {
            Note(buffer.AsSpan(0, read));
            await to.WriteAsync(buffer.AsMemory(0, read), Stopping);
        }
    }

    private void Note(ReadOnlySpan<byte> bytes)
    {
        lock (_read) _read.Append(Encoding.Latin1.GetString(bytes));
    }
}

/// <summary>A request to a proxy.</summary>
/// <param name="Method">The method.</param>
/// <param name="Target">As it was written: <c>host:port</c> of a tunnel, else a URL.</param>
/// <param name="Authorization">The credential for the proxy; null if none came.</param>
internal sealed record ProxyCall(string Method, string Target, string? Authorization);
