using RemixProxy.Contract;
using RemixProxy.Jobs;
using RemixProxy.TestKit;
using RemixProxy.TestKit.Redis;

namespace RemixProxy.FunctionalTests.Redis;

/// <summary>A server that does not speak the newer protocol, as before Redis 6: the client goes on in the older one.</summary>
public sealed class OldRedisTests
{
    [Theory]
    [InlineData(RedisVersion.Seven)]
    [InlineData(RedisVersion.Eight)]
    public async Task Where_nobody_says_hello_it_serves_all_the_same(RedisVersion version)
    {
        var cancel = TestContext.Current.CancellationToken;
        var time = new ManualTimeProvider();
        await using var server = await RedisServer.StartAsync(version, "--rename-command", "HELLO", "GOODBYE");
        await using var replica = await Replica.StartAsync(server.ConnectionString, time);
        var id = new VideoId("j", "runway");
        var job = new VideoJob { Id = id, Caller = "me", Video = new() { Id = id.ToString(), CreatedAt = 5 }, SeenAt = time.GetUtcNow() };

        Assert.Same(job, await replica.Jobs.AddAsync(job, cancel));
        Assert.Equal([id], (await replica.Jobs.ListAsync("me", after: null, limit: 10, ascending: false, cancel))!.Jobs.Select(j => j.Id));
        Assert.True(await replica.Jobs.BeginPollAsync(id, cancel));
        Assert.False(await replica.Jobs.BeginPollAsync(id, cancel));
        await Assert.ThrowsAsync<InvalidOperationException>(() => server.CommandAsync("HELLO", "3"));
    }
}
