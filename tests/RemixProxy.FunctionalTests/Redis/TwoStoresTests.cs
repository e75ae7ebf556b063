using RemixProxy.Providers.Kit;
using RemixProxy.TestKit;
using RemixProxy.TestKit.Redis;

namespace RemixProxy.FunctionalTests.Redis;

/// <summary>Tests of two replicas' stores that share a Redis and a clock that stands still.</summary>
public abstract class TwoStoresTests(RedisVersion version) : IAsyncLifetime
{
    private protected static CancellationToken Ct => TestContext.Current.CancellationToken;

    private protected RedisVersion Version { get; } = version;

    private protected ManualTimeProvider Time { get; } = new();

    private protected RedisServer Server { get; private set; } = null!;

    private protected Replica One { get; private set; } = null!;

    private protected Replica Other { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Server = await RedisServer.StartAsync(Version);
        One = await Replica.StartAsync(Server.ConnectionString, Time);
        Other = await Replica.StartAsync(Server.ConnectionString, Time);
    }

    public async ValueTask DisposeAsync()
    {
        await One.DisposeAsync();
        await Other.DisposeAsync();
        await Server.DisposeAsync();
        GC.SuppressFinalize(this);
    }
}
