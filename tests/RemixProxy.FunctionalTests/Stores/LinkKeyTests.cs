using RemixProxy.Callers;
using RemixProxy.FunctionalTests.Redis;
using RemixProxy.Redis;
using RemixProxy.TestKit;
using StackExchange.Redis;

namespace RemixProxy.FunctionalTests.Stores;

/// <summary>The key of content links in Redis: one for all replicas, which outlives what Redis loses.</summary>
public class LinkKeyTests
{
    private static readonly (string, string)[] Clients = [("RemixProxy:Clients:0:Name", "ann"), ("RemixProxy:Clients:0:Keys:0", "key-of-ann-0123456789")];

    private readonly string _prefix = "links-" + Guid.NewGuid().ToString("N");

    private string Name => _prefix + ":links";

    [Fact]
    public async Task Replicas_that_start_at_once_have_one_key()
    {
        await using var redis = await SharedRedis.FindAsync();
        var time = new ManualTimeProvider();
        var replicas = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Replica.StartAsync(redis.ConnectionString, time, _prefix, Clients)));
        Assert.All(replicas, r => Assert.Null(r.Get<ILinkKey>().Current));
        await Task.WhenAll(replicas.Select(RenewAsync));
        Assert.Equal(32, replicas[0].Get<ILinkKey>().Current!.Length);
        Assert.All(replicas, r => Assert.Equal(replicas[0].Get<ILinkKey>().Current, r.Get<ILinkKey>().Current));
        foreach (var replica in replicas) await replica.DisposeAsync();
    }

    [Fact]
    public async Task Lost_it_is_told_again_and_where_another_came_instead_all_have_that()
    {
        await using var redis = await SharedRedis.FindAsync();
        await using var connection = await ConnectionMultiplexer.ConnectAsync(redis.ConnectionString);
        var (time, db) = (new ManualTimeProvider(), connection.GetDatabase());
        await using var one = await Replica.StartAsync(redis.ConnectionString, time, _prefix, Clients);
        await RenewAsync(one);
        var key = one.Get<ILinkKey>().Current!;
        Assert.InRange((await db.KeyTimeToLiveAsync(Name))!.Value, TimeSpan.FromHours(2), TimeSpan.FromDays(1));

        await db.KeyDeleteAsync(Name);
        time.Advance(TimeSpan.FromSeconds(9));
        await RenewAsync(one);
        Assert.False(await db.KeyExistsAsync(Name));
        time.Advance(TimeSpan.FromSeconds(1));
        await RenewAsync(one);
        Assert.Equal(key, (byte[])(await db.StringGetAsync(Name))!);

        await db.KeyDeleteAsync(Name);
        await using var other = await Replica.StartAsync(redis.ConnectionString, time, _prefix, Clients);
        await RenewAsync(other);
        Assert.NotEqual(key, other.Get<ILinkKey>().Current);
        await db.KeyExpireAsync(Name, TimeSpan.FromMinutes(1));
        time.Advance(TimeSpan.FromSeconds(10));
        await RenewAsync(one);
        Assert.Equal(other.Get<ILinkKey>().Current, one.Get<ILinkKey>().Current);
        Assert.InRange((await db.KeyTimeToLiveAsync(Name))!.Value, TimeSpan.FromHours(2), TimeSpan.FromDays(1));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task None_is_made_where_none_is_needed(bool hasClients)
    {
        await using var redis = await SharedRedis.FindAsync();
        await using var connection = await ConnectionMultiplexer.ConnectAsync(redis.ConnectionString);
        (string, string)[] settings = hasClients ? [.. Clients, ("RemixProxy:ContentUrls:Key", new string('k', 32))] : [];
        await using var replica = await Replica.StartAsync(redis.ConnectionString, new ManualTimeProvider(), _prefix, settings);
        await RenewAsync(replica);
        Assert.False(await connection.GetDatabase().KeyExistsAsync(Name));
    }

    private static Task RenewAsync(Replica replica) => replica.Get<RedisLinkKey>().RenewAsync(TestContext.Current.CancellationToken);
}
