using RemixProxy.TestKit;
using RemixProxy.TestKit.Redis;

namespace RemixProxy.FunctionalTests.Redis;

/// <summary>
/// Tests of two replicas' stores that share a Redis and a clock that stands still; without a Redis both are one process, which keeps all in memory.
/// </summary>
public abstract class TwoStoresTests(RedisVersion? version) : IAsyncLifetime
{
    private protected static CancellationToken Ct => TestContext.Current.CancellationToken;

    private protected RedisVersion? Version { get; } = version;

    private protected ManualTimeProvider Time { get; } = new();

    private protected RedisServer Server { get; private set; } = null!;

    private protected Replica One { get; private set; } = null!;

    private protected Replica Other { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        if (Version is not { } version)
        {
            One = Other = await Replica.StartAsync(connectionString: null, Time);
            return;
        }

        Server = await RedisServer.StartAsync(version);
        One = await Replica.StartAsync(Server.ConnectionString, Time);
        Other = await Replica.StartAsync(Server.ConnectionString, Time);
    }

    public async ValueTask DisposeAsync()
    {
        await One.DisposeAsync();
        await Other.DisposeAsync();
        if (Version is not null) await Server.DisposeAsync();
        GC.SuppressFinalize(this);
    }
}
