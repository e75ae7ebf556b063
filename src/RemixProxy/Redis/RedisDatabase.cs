using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using RemixProxy.Providers;
using RemixProxy.Resilience;
using RemixProxy.Telemetry;
using StackExchange.Redis;

namespace RemixProxy.Redis;

/// <summary>
/// One Redis, with what its client lacks: a budget for every command, and a breaker. The client itself reconnects, also when a connection has gone deaf.
/// </summary>
internal sealed partial class RedisDatabase : IKnownDependency, IAsyncDisposable, IDisposable
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(1);

    // The client replaces a connection on which nothing has come for four of these while commands waited.
    private static readonly TimeSpan AsyncTimeout = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan ProbeLife = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan MemoryLife = TimeSpan.FromDays(366);

    private readonly ConfigurationOptions? _configuration;
    private readonly TimeSpan _budget;
    private readonly TimeProvider _time;
    private readonly ILogger<RedisDatabase> _logger;
    private volatile ConnectionMultiplexer? _connection;
    private int _generation;
    private DependencyState? _refusal;
    private DependencyState? _acceptance;
    private Sighting? _sighting;
    private Loss? _loss;

    public RedisDatabase(ProviderRegistry registry, TimeProvider time, ILogger<RedisDatabase> logger)
    {
        var options = registry.Current.Options.Redis;
        _configuration = options.IsUsed ? Read(options.ConnectionString!) : null;
        _budget = options.Timeout;
        // RemixProxy keeps the budget itself, so the client's time-out may not end a command before it.
        _configuration?.AsyncTimeout = (int)Math.Max(AsyncTimeout.TotalMilliseconds, Math.Ceiling(_budget.TotalMilliseconds));
        _time = time;
        _logger = logger;
        Dependency = new("redis", time, logger);
        Keys = new(options.KeyPrefix);
    }

    /// <summary>Whether a Redis is configured.</summary>
    public bool IsUsed => _configuration is not null;

    /// <summary>Says whether Redis answers.</summary>
    public Dependency Dependency { get; }

    public RedisKeys Keys { get; }

    /// <summary>The number of connections so far. Behind a new connection another server may answer.</summary>
    public int Generation => Volatile.Read(ref _generation);

    /// <summary>Whether no look has asked yet which server answers on the present connection.</summary>
    public bool IsNew => _sighting?.Generation != Generation;

    /// <summary>Whether Redis answers and accepts writes, and since when; null where none is configured.</summary>
    public DependencyState? State
    {
        get
        {
            if (!IsUsed) return null;
            var state = Dependency.State;
            if (!state.IsUp) return state;
            return Volatile.Read(ref _refusal) ?? (Volatile.Read(ref _acceptance) is { } later && later.Since > state.Since ? later : state);
        }
    }

    /// <summary>How often Redis came back without its data, as far as this process has seen.</summary>
    public int Losses => _loss?.Count ?? 0;

    /// <summary>When this process last saw a loss, as a time stamp; null: never.</summary>
    public long? LostAt => _loss?.At;

    /// <summary>Reads a connection string.</summary>
    /// <exception cref="ArgumentException">The text is no connection string.</exception>
    public static ConfigurationOptions Read(string connectionString)
    {
        var configuration = ConfigurationOptions.Parse(connectionString);
        if (configuration.EndPoints.Count == 0) throw new ArgumentException("No server is named.", nameof(connectionString));
        // Redis may come later. Until then, and whenever it is away, this process goes on without it.
        configuration.AbortOnConnectFail = false;
        configuration.ConnectTimeout = (int)ConnectTimeout.TotalMilliseconds;
        configuration.ReconnectRetryPolicy = new LinearRetry(200);
        // Where a replica takes over and the old primary lives on, no connection breaks, and every write is refused until the client looks who is who. By
        // default it looks once a minute.
        configuration.ConfigCheckSeconds = 1;
        configuration.ClientName ??= "remixproxy";
        // A command that can't be sent fails at once instead of waiting for a connection after its caller has gone.
        configuration.BacklogPolicy = BacklogPolicy.FailFast;
        return configuration;
    }

    /// <summary>Runs commands within the budget. Redis may carry them out after they were given up, so they have to be idempotent or fenced.</summary>
    /// <exception cref="DependencyException">Redis is away, too slow, or refuses.</exception>
    public async ValueTask<T> RunAsync<T>(Func<IDatabase, Task<T>> command, CancellationToken cancellationToken, [CallerMemberName] string operation = "")
    {
        using var activity = VideoActivities.Redis(operation);
        try
        {
            return await AskAsync(command, cancellationToken);
        }
        catch (DependencyException e)
        {
            activity?.Failed(e.InnerException ?? e);
            throw;
        }
    }

    /// <summary>Runs a script.</summary>
    public ValueTask<RedisResult> EvalAsync(
        string script, RedisKey[] keys, RedisValue[] values, CancellationToken cancellationToken, [CallerMemberName] string operation = "") =>
        RunAsync(db => db.ScriptEvaluateAsync(script, keys, values), cancellationToken, operation);

    /// <summary>Notes that Redis accepted a write that needs memory, which ends a time of refusals.</summary>
    public void Wrote()
    {
        if (Volatile.Read(ref _refusal) is null) return;
        Volatile.Write(ref _acceptance, new(Dependency.Name, IsUp: true, _time.GetUtcNow()));
        if (Interlocked.Exchange(ref _refusal, null) is not null) Log.Accepts(_logger);
    }

    /// <summary>Connects. If that fails, the client goes on trying by itself.</summary>
    public async Task ConnectAsync()
    {
        var connection = await ConnectionMultiplexer.ConnectAsync(_configuration!.Clone());
        connection.ConnectionRestored += (_, _) => Interlocked.Increment(ref _generation);
        Interlocked.Increment(ref _generation);
        _connection = connection;
        try
        {
            await LookAsync(CancellationToken.None);
        }
        catch (DependencyException)
        {
            // The dependency has logged it once.
        }
    }

    /// <summary>Asks Redis, also when no request does, and finds out whether it accepts writes again.</summary>
    public async Task ReviveAsync(CancellationToken cancellationToken)
    {
        try
        {
            await LookAsync(cancellationToken);
            if (Volatile.Read(ref _refusal) is null) return;
            // Requests may have nothing to write for hours, so this write tries it.
            await RunAsync(db => db.StringSetAsync(Keys.Probe, 1, ProbeLife), cancellationToken);
            Wrote();
        }
        catch (DependencyException)
        {
            // The dependency has logged it once; the next beat asks again.
        }
    }

    /// <summary>Reads the server's clock, and finds out whether the server has lost its data.</summary>
    public async ValueTask LookAsync(CancellationToken cancellationToken)
    {
        var generation = Generation;
        var answer = (RedisResult[])(
            await EvalAsync(RedisScripts.Look, [Keys.Memory], [Guid.NewGuid().ToString("N"), (long)MemoryLife.TotalMilliseconds], cancellationToken))!;
        var seen = new Sighting(((long)answer[0] * 1000) + ((long)answer[1] / 1000), TimeProvider.System.GetTimestamp(), (string)answer[2]!, generation);
        var before = Interlocked.Exchange(ref _sighting, seen);
        if (before is null || before.Memory == seen.Memory) return;
        Interlocked.Exchange(ref _loss, new((_loss?.Count ?? 0) + 1, _time.GetTimestamp()));
        Log.Lost(_logger);
    }

    /// <summary>What the server's clock will show after <paramref name="span"/>, in milliseconds; null before the first look.</summary>
    // The server's time passes as the machine's does, whatever clock a test has set here.
    public long? ServerTimeIn(TimeSpan span) => _sighting is { } seen
        ? seen.Clock + (long)(TimeProvider.System.GetElapsedTime(seen.At) + span).TotalMilliseconds
        : null;

    public ValueTask DisposeAsync()
    {
        Dispose();
        return default;
    }

    public void Dispose()
    {
        // Closing is not awaited, because a deaf server would delay it.
        if (Interlocked.Exchange(ref _connection, null) is { } connection) _ = Task.Run(() => connection.Close(allowCommandsToComplete: false));
    }

    private async ValueTask<T> AskAsync<T>(Func<IDatabase, Task<T>> command, CancellationToken cancellationToken)
    {
        var (value, refusal) = await Dependency.RunAsync(_ => AnswerAsync(command), _budget, cancellationToken);
        if (refusal is null) return value!;
        if (Interlocked.CompareExchange(ref _refusal, new(Dependency.Name, IsUp: false, _time.GetUtcNow()), null) is null) Log.Refuses(_logger, Word(refusal));
        throw new DependencyException(Dependency.Name, refusal);
    }

    // A refusal by the server is an answer, and the breaker counts silence only.
    private async Task<(T? Value, RedisServerException? Refusal)> AnswerAsync<T>(Func<IDatabase, Task<T>> command)
    {
        var connection = _connection ?? throw new DependencyFaultException("it is not connected yet");
        try
        {
            return (await command(connection.GetDatabase()), null);
        }
        catch (RedisServerException e)
        {
            return (default, e);
        }
        catch (RedisConnectionException)
        {
            // The exception's own text names the server and the command, so it is left out.
            throw new DependencyFaultException("it can't be reached");
        }
    }

    // In "OOM command not allowed …" the first word is the code; the rest may quote what was sent.
    private static string Word(RedisServerException e) => e.Message.Split(' ', 2)[0];

    /// <summary>What a look has shown.</summary>
    /// <param name="Clock">The server's clock, in milliseconds.</param>
    /// <param name="At">The time of the look, as a time stamp of this machine.</param>
    /// <param name="Memory">The name of the server's memory; another name means that it has lost its data.</param>
    /// <param name="Generation">The generation of the connection that answered.</param>
    private sealed record Sighting(long Clock, long At, string Memory, int Generation);

    private sealed record Loss(int Count, long At);

    private static partial class Log
    {
        [LoggerMessage(EventIds.RedisRefuses, LogLevel.Warning, "Redis refuses commands ({Code}); this process goes on without it as far as it may.")]
        public static partial void Refuses(ILogger logger, string code);

        [LoggerMessage(EventIds.RedisLostMemory, LogLevel.Warning, "Redis has lost what it knew; this process tells it again what it has submitted.")]
        public static partial void Lost(ILogger logger);

        [LoggerMessage(EventIds.RedisAccepts, LogLevel.Information, "Redis accepts commands again.")]
        public static partial void Accepts(ILogger logger);
    }
}
