using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace RemixProxy.FunctionalTests.Kit;

/// <summary>Answers each request when its head is there, whatever is still to come of its body, and then leaves the connection as told.</summary>
internal sealed class EarlyServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentBag<TcpClient> _open = [];
    private readonly Task _run;
    private int _requests;

    /// <param name="answer">The bytes of the answer.</param>
    /// <param name="then">What becomes of the connection.</param>
    public EarlyServer(string answer, Afterwards then)
    {
        _listener.Start();
        _run = RunAsync(Encoding.ASCII.GetBytes(answer), then);
    }

    /// <summary>What a server does after its answer, with the body unread.</summary>
    public enum Afterwards
    {
        /// <summary>It closes, which resets the connection because bytes are unread.</summary>
        Closes,

        /// <summary>It keeps the connection open and reads no more.</summary>
        Stalls,

        /// <summary>It reads on, and closes when nothing more comes.</summary>
        ReadsOn,
    }

    public string Authority => _listener.LocalEndpoint.ToString()!;

    public int Requests => Volatile.Read(ref _requests);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _run.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (var client in _open) client.Dispose();
        _stop.Dispose();
    }

    private async Task RunAsync(byte[] answer, Afterwards then)
    {
        while (true)
        {
            var client = await _listener.AcceptTcpClientAsync(_stop.Token);
            _open.Add(client);
            _ = ServeAsync(client, answer, then);
        }
    }

    private async Task ServeAsync(TcpClient client, byte[] answer, Afterwards then)
    {
        client.ReceiveBufferSize = 16 << 10;
        var (stream, buffer, head) = (client.GetStream(), new byte[4 << 10], new StringBuilder());
        try
        {
            while (!head.ToString().Contains("\r\n\r\n", StringComparison.Ordinal))
            {
                var read = await stream.ReadAsync(buffer, _stop.Token);
                if (read == 0) return;
                head.Append(Encoding.ASCII.GetString(buffer, 0, read));
            }

            Interlocked.Increment(ref _requests);
            await stream.WriteAsync(answer, _stop.Token);
            if (then == Afterwards.Stalls) return;
            while (then == Afterwards.ReadsOn && await stream.ReadAsync(buffer, _stop.Token) > 0)
            {
            }

            client.Dispose();
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            client.Dispose();
        }
    }
}
