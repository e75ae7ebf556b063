using System.Net;
using System.Net.Sockets;
using System.Text;

namespace RemixProxy.FunctionalTests.Kit;

/// <summary>Accepts connections, and answers what is read first with a text that need not be HTTP; without one it stays silent.</summary>
internal sealed class RawServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _connected = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _run;
    private int _connections;

    public RawServer(string? answer)
    {
        _listener.Start();
        _run = RunAsync(answer);
    }

    public string Authority => _listener.LocalEndpoint.ToString()!;

    public int Connections => Volatile.Read(ref _connections);

    /// <summary>Ends at the first connection.</summary>
    public Task Connected => _connected.Task.WaitAsync(TimeSpan.FromSeconds(30));

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _run.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task RunAsync(string? answer)
    {
        var open = new List<TcpClient>();
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(_stop.Token);
                open.Add(client);
                Interlocked.Increment(ref _connections);
                _connected.TrySetResult();
                if (answer is null) continue;
                var stream = client.GetStream();
                // A small request ends with its JSON; what is no request (a TLS greeting) is answered at once.
                var (read, buffer) = (0, new byte[64 * 1024]);
                while (read == 0 || (buffer[0] == 'P' && !Encoding.ASCII.GetString(buffer, 0, read).Contains('}', StringComparison.Ordinal)))
                    read += await stream.ReadAsync(buffer.AsMemory(read), _stop.Token);
                await stream.WriteAsync(Encoding.Latin1.GetBytes(answer), _stop.Token);
                client.Dispose();
            }
        }
        finally
        {
            foreach (var client in open) client.Dispose();
        }
    }
}
