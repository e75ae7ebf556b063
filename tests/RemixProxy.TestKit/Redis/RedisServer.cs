using RemixProxy.TestKit.Processes;

namespace RemixProxy.TestKit.Redis;

/// <summary>
/// A real Redis in a process of its own on a loopback port, empty and without persistence, which a test may configure, stop, pause and kill.
/// It ends with the process that started it, however that ends. For callers that need none of their own there is <c>SharedRedis</c>.
/// </summary>
internal sealed class RedisServer : IAsyncDisposable
{
    private const int PortsTried = 20;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly string[] _command;
    private readonly string _folder = Directory.CreateTempSubdirectory("remixproxy-redis-").FullName;
    private GuardedProcess? _process;

    private RedisServer(string[] program, int port, string[] settings)
    {
        Port = port;
        _command =
        [
            .. program, "--save", "", "--appendonly", "no", .. settings,
            "--bind", "127.0.0.1", "--port", Port.ToString(), "--dir", _folder, "--daemonize", "no", "--logfile", "", "--loglevel", "notice",
        ];
    }

    public int Port { get; }

    public string ConnectionString => $"127.0.0.1:{Port}";

    /// <summary>The server's own process; another one after a restart.</summary>
    public int ProcessId => _process?.Id ?? 0;

    /// <summary>Everything that it logged.</summary>
    public string Output => _process?.Output ?? "";

    /// <summary>Starts a server and waits until it takes connections.</summary>
    /// <param name="version">Which one.</param>
    /// <param name="settings">Further arguments of <c>redis-server</c>, such as <c>"--maxmemory", "2mb"</c>.</param>
    public static Task<RedisServer> StartAsync(RedisVersion version, params string[] settings) =>
        // Below the ports that Linux gives away by itself: it stays free while the server is down, and a client that knocks meanwhile can't be connected to
        // itself.
        StartAsync(version, () => Random.Shared.Next(20_000, 30_000), settings);

    /// <summary>Starts a server at the first port offered that is free.</summary>
    internal static async Task<RedisServer> StartAsync(RedisVersion version, Func<int> nextPort, string[] settings)
    {
        var program = await TestProgram.FindAsync(version == RedisVersion.Seven ? "redis-7" : "redis-8");
        for (var tried = 1; ; tried++)
        {
            var server = new RedisServer(program, nextPort(), settings);
            try
            {
                if (await server.TryLaunchAsync()) return server;
                if (tried == PortsTried) throw new IOException($"{tried} ports were taken. Redis said at last: {server.Output}");
            }
            catch
            {
                await server.DisposeAsync();
                throw;
            }

            await server.DisposeAsync();
        }
    }

    /// <summary>Ends it at once (SIGKILL), paused or not; what it held is lost.</summary>
    public async Task KillAsync()
    {
        if (_process is not null) await _process.DisposeAsync();
    }

    /// <summary>Starts it again on its port, empty; kills it before if it still runs.</summary>
    public async Task RestartAsync()
    {
        await KillAsync();
        if (!await TryLaunchAsync()) throw new IOException($"Port {Port} was taken meanwhile. Redis said: {Output}");
    }

    /// <summary>Stops it in its tracks (SIGSTOP): connections stay open, also new ones, and nothing is answered.</summary>
    public void Pause() => _process?.Signal("STOP");

    /// <summary>Lets a paused server go on (SIGCONT); it then does what was sent meanwhile.</summary>
    public void Resume() => _process?.Signal("CONT");

    /// <summary>Sends one command over a connection of its own. The answer as text: an array's items a line each, nothing as the empty text.</summary>
    /// <exception cref="InvalidOperationException">The server answered an error; its text is the message.</exception>
    /// <exception cref="TimeoutException">It did not answer within 30 seconds.</exception>
    public async Task<string> CommandAsync(params string[] command)
    {
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            return await RedisReply.AskAsync(Port, command, patience.Token);
        }
        catch (OperationCanceledException late) when (patience.IsCancellationRequested)
        {
            throw new TimeoutException($"Redis did not answer {command[0]} within {Patience}.", late);
        }
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await KillAsync();
        }
        finally
        {
            if (Directory.Exists(_folder)) Directory.Delete(_folder, recursive: true);
        }
    }

    /// <summary>False if the port is taken.</summary>
    private async Task<bool> TryLaunchAsync()
    {
        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _process = new(_command, line =>
        {
            // Its own word, not a PING: another test's server may answer at a port that both have chosen.
            if (line.Contains("Ready to accept connections", StringComparison.Ordinal)) ready.TrySetResult();
        });
        if (await _process.IsDoneAsync(ready.Task)) return true;
        return Output.Contains("Address already in use", StringComparison.Ordinal)
            ? false
            : throw new InvalidOperationException($"Redis did not start: {Output}");
    }
}
