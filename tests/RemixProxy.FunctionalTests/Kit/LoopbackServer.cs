using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace RemixProxy.FunctionalTests.Kit;

/// <summary>Serves connections to a free loopback port, until it is disposed.</summary>
internal abstract class LoopbackServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<Task, bool> _serving = new();
    private readonly Task _run;

    protected LoopbackServer()
    {
        _listener.Start();
        _run = RunAsync();
    }

    public string Authority => _listener.LocalEndpoint.ToString()!;

    protected CancellationToken Stopping => _stop.Token;

    public virtual async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        foreach (var task in _serving.Keys.Append(_run)) await task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    protected abstract Task ServeAsync(NetworkStream client);

    /// <summary>Connects to the server behind this one, as <c>address:port</c>.</summary>
    protected async Task<NetworkStream> ConnectAsync(string server)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(IPEndPoint.Parse(server), Stopping);
            return new(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Carries bytes both ways, until either side ends.</summary>
    protected Task TunnelAsync(Stream one, Stream other) => Task.WhenAny(one.CopyToAsync(other, Stopping), other.CopyToAsync(one, Stopping));

    private async Task RunAsync()
    {
        while (true) _serving.TryAdd(ServeAsync(await _listener.AcceptTcpClientAsync(Stopping)), true);
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client) await ServeAsync(client.GetStream());
    }
}
