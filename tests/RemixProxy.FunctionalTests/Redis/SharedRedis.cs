using RemixProxy.TestKit.Redis;

namespace RemixProxy.FunctionalTests.Redis;

/// <summary>
/// A Redis 8 for callers that only read and write keys of their own: the one that the environment variable <c>REMIXPROXY_TEST_REDIS</c> names (a
/// StackExchange.Redis connection string such as <c>cache:6379,password=…</c>),
/// so that runs can measure a server elsewhere; without it, one in a container where Docker answers, else one of our own. It may hold others' data: don't
/// flush, configure or stop it.
/// </summary>
internal sealed class SharedRedis : IAsyncDisposable
{
    public const string Variable = "REMIXPROXY_TEST_REDIS";

    private readonly IAsyncDisposable? _started;

    private SharedRedis(string connectionString, IAsyncDisposable? started)
    {
        ConnectionString = connectionString;
        _started = started;
    }

    public string ConnectionString { get; }

    public static Task<SharedRedis> FindAsync() => FindAsync(Environment.GetEnvironmentVariable(Variable));

    internal static async Task<SharedRedis> FindAsync(string? named)
    {
        if (!string.IsNullOrWhiteSpace(named)) return new(named, null);
        if (await RedisInContainer.TryStartAsync() is { } contained) return new(contained.ConnectionString, contained.Container);
        var own = await RedisServer.StartAsync(RedisVersion.Eight);
        return new(own.ConnectionString, own);
    }

    public async ValueTask DisposeAsync()
    {
        if (_started is not null) await _started.DisposeAsync();
    }
}
