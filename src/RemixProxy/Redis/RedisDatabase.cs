using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using RemixProxy.Dependencies;
using RemixProxy.Routing;
using StackExchange.Redis;

namespace RemixProxy.Redis;

/// <summary>One Redis, with what its client lacks: a budget for every command, a breaker, and a new connection where the old one has gone deaf.</summary>
internal sealed partial class RedisDatabase : IAsyncDisposable
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan DeafFor = TimeSpan.FromSeconds(5);

    private readonly ConfigurationOptions _configuration;
    private readonly TimeSpan _budget;
    private readonly TimeProvider _time;
    private readonly ILogger<RedisDatabase> _logger;
    private volatile ConnectionMultiplexer? _connection;
    private long _triedAt;
    private int _generation;
    private int _refusing;

    public RedisDatabase(ProviderRegistry registry, TimeProvider time, ILogger<RedisDatabase> logger)
    {
        var options = registry.Current.Options.Redis;
        _configuration = Read(options.ConnectionString!);
        _budget = options.Timeout;
        _time = time;
        _logger = logger;
        Dependency = new("redis", time, logger);
        Keys = new(options.KeyPrefix);
    }

    /// <summary>Whether it answers.</summary>
    public Dependency Dependency { get; }

    public RedisKeys Keys { get; }

    /// <summary>Counts the connections: behind a new one another server may answer.</summary>
    public int Generation => Volatile.Read(ref _generation);

    /// <summary>Reads a connection string.</summary>
    /// <exception cref="ArgumentException">It is none.</exception>
    public static ConfigurationOptions Read(string connectionString)
    {
        var configuration = ConfigurationOptions.Parse(connectionString);
        if (configuration.EndPoints.Count == 0) throw new ArgumentException("No server is named.", nameof(connectionString));
        // It may come later; until then, and whenever it is away, this process goes on without it.
        configuration.AbortOnConnectFail = false;
        configuration.ConnectTimeout = (int)ConnectTimeout.TotalMilliseconds;
        configuration.ReconnectRetryPolicy = new LinearRetry(200);
        configuration.ClientName ??= "remixproxy";
        return configuration;
    }

    /// <summary>Runs commands within the budget. Given up, they may still be carried out later: they have to be idempotent or fenced.</summary>
    /// <exception cref="DependencyException">Redis is away, too slow, or refuses.</exception>
    public async ValueTask<T> RunAsync<T>(Func<IDatabase, Task<T>> command, CancellationToken cancellationToken)
    {
        var (value, refusal) = await Dependency.RunAsync(_ => AnswerAsync(command), _budget, cancellationToken);
        if (refusal is null) return value!;
        if (Interlocked.Exchange(ref _refusing, 1) == 0) Log.Refuses(_logger, Word(refusal));
        throw new DependencyException(Dependency.Name, refusal);
    }

    /// <summary>Runs a script. A script writes, so one that is carried out ends the time of refusals.</summary>
    public async ValueTask<RedisResult> EvalAsync(string script, RedisKey[] keys, RedisValue[] values, CancellationToken cancellationToken)
    {
        var result = await RunAsync(db => db.ScriptEvaluateAsync(script, keys, values), cancellationToken);
        if (Volatile.Read(ref _refusing) == 1 && Interlocked.Exchange(ref _refusing, 0) == 1) Log.Accepts(_logger);
        return result;
    }

    /// <summary>Connects; where it can't, the client goes on trying by itself.</summary>
    public async Task ConnectAsync()
    {
        _triedAt = _time.GetTimestamp();
        try
        {
            var fresh = await ConnectionMultiplexer.ConnectAsync(_configuration.Clone());
            fresh.ConnectionRestored += (_, _) => Interlocked.Increment(ref _generation);
            Interlocked.Increment(ref _generation);
            Close(Interlocked.Exchange(ref _connection, fresh));
            await PingAsync(CancellationToken.None);
        }
        catch (Exception e) when (e is RedisConnectionException or SocketException or TimeoutException or DependencyException)
        {
            // Said once by the dependency; tried again by the client, or by ReviveAsync where its name can't even be resolved.
        }
    }

    /// <summary>Looks for a Redis that is away, also when no request does. Where nothing has been heard for a while it connects anew: the connection may lead nowhere, and what was given up on it waits there.</summary>
    public async Task ReviveAsync(CancellationToken cancellationToken)
    {
        if (!Dependency.IsInDoubt) return;
        try
        {
            await PingAsync(cancellationToken);
        }
        catch (DependencyException)
        {
            if (_time.GetUtcNow() - Dependency.Since > DeafFor && _time.GetElapsedTime(_triedAt) > DeafFor) await ConnectAsync();
        }
    }

    public ValueTask DisposeAsync()
    {
        Close(Interlocked.Exchange(ref _connection, null));
        return default;
    }

    private async ValueTask PingAsync(CancellationToken cancellationToken) => await RunAsync(db => db.PingAsync(), cancellationToken);

    private static void Close(ConnectionMultiplexer? connection)
    {
        // Not waited for: a deaf server would keep it waiting.
        if (connection is not null) _ = Task.Run(() => connection.Close(allowCommandsToComplete: false));
    }

    // What the server refuses is an answer: the breaker is for silence.
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
            // Its own text names the server, and what was sent.
            throw new DependencyFaultException("it can't be reached");
        }
    }

    // "OOM command not allowed …": the first word is the code, the rest may quote what was sent.
    private static string Word(RedisServerException e) => e.Message.Split(' ', 2)[0];

    private static partial class Log
    {
        [LoggerMessage(32, LogLevel.Warning, "Redis refuses commands ({Code}); this process goes on without it as far as it may.")]
        public static partial void Refuses(ILogger logger, string code);

        [LoggerMessage(33, LogLevel.Information, "Redis accepts commands again.")]
        public static partial void Accepts(ILogger logger);
    }
}
