using System.Collections.Concurrent;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using RemixProxy.TestKit.Redis;

namespace RemixProxy.FunctionalTests.Redis;

/// <summary>
/// Stands between a proxy and its Redis on a loopback port. It knows commands and answers apart, so that a test can stop the world at a moment of a submit; it
/// can be slow, go deaf, cut connections and lead to another server.
/// What it holds is as good as lost when a side hangs up.
/// </summary>
internal sealed class RedisRelay : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly ConcurrentQueue<RedisCommand> _seen = new();
    private readonly ConcurrentDictionary<Line, Task> _lines = new();
    private readonly TimeProvider _time;
    private readonly Task _accepting;
    private volatile RelayMoment[] _moments = [];
    private volatile bool _isDeaf;
    private int _connections;
    private int _delaying;
    private int _delays;

    private RedisRelay(int port, TimeProvider time)
    {
        Target = port;
        _time = time;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>The port of the server; for connections that come.</summary>
    public int Target { get; set; }

    /// <summary>How long each command is under way, on the relay's clock.</summary>
    public TimeSpan Latency { get; set; }

    public string ConnectionString => _listener.LocalEndpoint.ToString()!;

    /// <summary>How many connections have come.</summary>
    public int Connections => Volatile.Read(ref _connections);

    /// <summary>Whether a command is under way for as long as <see cref="Latency"/> says.</summary>
    public bool IsDelaying => Volatile.Read(ref _delaying) > 0;

    /// <summary>How many have been.</summary>
    public int Delays => Volatile.Read(ref _delays);

    /// <param name="redis">Where to.</param>
    /// <param name="time">The clock of <see cref="Latency"/>.</param>
    public static RedisRelay To(RedisServer redis, TimeProvider? time = null) => new(redis.Port, time ?? TimeProvider.System);

    /// <summary>Such commands that have come, carried on or not.</summary>
    public IReadOnlyList<RedisCommand> Commands(Func<RedisCommand, bool> which) => [.. _seen.Where(which)];

    /// <summary>Stops everything once such a command has come for so many times: none of them reaches Redis, nor anything behind them.</summary>
    public RelayMoment HoldBefore(Func<RedisCommand, bool> which, int times = 1) => Add(new(which, times) { IsHolding = true });

    /// <summary>Stops all traffic once such a command has been carried out: neither its answer nor anything after it comes back.</summary>
    public RelayMoment HoldAfter(Func<RedisCommand, bool> which) => Add(new(which, 1) { IsHolding = true, IsAnswer = true });

    /// <summary>Tells when such commands have been answered, and holds nothing.</summary>
    public RelayMoment Watch(Func<RedisCommand, bool> which, int times = 1) => Add(new(which, times) { IsAnswer = true });

    /// <summary>Nothing that is sent arrives any more, in either direction, over the connections there are; new ones work.</summary>
    public void Deafen()
    {
        foreach (var line in _lines.Keys) line.IsDeaf = true;
    }

    /// <summary>As <see cref="Deafen"/>, new connections too; until it is undone for those that come then.</summary>
    public void DeafenAll(bool isDeaf = true)
    {
        _isDeaf = isDeaf;
        if (isDeaf) Deafen();
    }

    /// <summary>Breaks the connections there are.</summary>
    public async Task CutAsync()
    {
        var lines = _lines.ToArray();
        foreach (var (line, _) in lines) await line.End.CancelAsync();
        await Task.WhenAll(lines.Select(l => l.Value));
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Stop();
        await _accepting;
        await CutAsync();
        _end.Dispose();
        _listener.Dispose();
    }

    private RelayMoment Add(RelayMoment moment)
    {
        _moments = [.. _moments, moment];
        return moment;
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(_end.Token);
                Interlocked.Increment(ref _connections);
                var line = new Line { IsDeaf = _isDeaf };
                var ready = new TaskCompletionSource();
                _lines[line] = CarryAsync(line, client, ready.Task);
                ready.SetResult();
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The end.
        }
    }

    private async Task CarryAsync(Line line, TcpClient client, Task ready)
    {
        await ready;
        var server = new TcpClient { NoDelay = true };
        client.NoDelay = true;
        try
        {
            await server.ConnectAsync(IPAddress.Loopback, Target, line.End.Token);
            var (here, there) = (client.GetStream(), server.GetStream());
            var under = new ConcurrentQueue<RedisCommand>();
            Task[] ways =
            [
                WriteAsync(line, line.Commands.Reader, there), WriteAsync(line, line.Answers.Reader, here),
                ReadAsync(line, here, line.Commands.Writer, frame =>
                {
                    var command = new RedisCommand(RespFrame.Words(frame));
                    _seen.Enqueue(command);
                    under.Enqueue(command);
                    return command;
                }),
                // Each answer belongs to the oldest command without one. A message to a subscriber belongs to no command.
                ReadAsync(line, there, line.Answers.Writer, frame => !RespFrame.IsMessage(frame) && under.TryDequeue(out var command) ? command : null),
            ];
            await Task.WhenAny(ways);
            await line.End.CancelAsync();
            await Task.WhenAll(ways).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException)
        {
            // No server listens there, or the connection was cut.
        }
        finally
        {
            client.Dispose();
            server.Dispose();
            _lines.TryRemove(line, out _);
        }
    }

    private async Task ReadAsync(Line line, Stream from, ChannelWriter<Item> to, Func<byte[], RedisCommand?> read)
    {
        var isAnswer = to == line.Answers.Writer;
        var reader = PipeReader.Create(from);
        while (true)
        {
            var result = await reader.ReadAsync(line.End.Token);
            var bytes = result.Buffer;
            while (RespFrame.TryTake(ref bytes, out var frame))
            {
                var held = read(frame) is { } command ? HeldBy(command, isAnswer) : Task.CompletedTask;
                to.TryWrite(new(frame, isAnswer ? 0 : _time.GetTimestamp(), held));
            }

            reader.AdvanceTo(bytes.Start, bytes.End);
            if (result.IsCompleted) return;
        }
    }

    private async Task WriteAsync(Line line, ChannelReader<Item> from, Stream to)
    {
        await foreach (var (frame, at, held) in from.ReadAllAsync(line.End.Token))
        {
            await held.WaitAsync(line.End.Token);
            var wait = at == 0 ? TimeSpan.Zero : Latency - _time.GetElapsedTime(at);
            if (wait > TimeSpan.Zero) await DelayAsync(wait, line.End.Token);
            if (line.IsDeaf) await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, line.End.Token);
            await to.WriteAsync(frame, line.End.Token);
        }
    }

    private async Task DelayAsync(TimeSpan wait, CancellationToken cancel)
    {
        var delay = Task.Delay(wait, _time, cancel);
        Interlocked.Increment(ref _delays);
        Interlocked.Increment(ref _delaying);
        try
        {
            await delay;
        }
        finally
        {
            Interlocked.Decrement(ref _delaying);
        }
    }

    private Task HeldBy(RedisCommand command, bool isAnswer)
    {
        var held = Task.CompletedTask;
        foreach (var moment in _moments)
            if (moment.IsAnswer == isAnswer && moment.Comes(command) is { IsCompleted: false } wait) held = wait;
        return held;
    }

    private sealed class Line
    {
        public CancellationTokenSource End { get; } = new();

        public Channel<Item> Commands { get; } = Channel.CreateUnbounded<Item>();

        public Channel<Item> Answers { get; } = Channel.CreateUnbounded<Item>();

        public volatile bool IsDeaf;
    }

    private sealed record Item(byte[] Frame, long At, Task Held);
}
