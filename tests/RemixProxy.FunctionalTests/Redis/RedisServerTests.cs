using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using RemixProxy.TestKit.Redis;

namespace RemixProxy.FunctionalTests.Redis;

/// <summary>The servers that other tests rely on are what they are taken for, and do what is asked of them.</summary>
public class RedisServerTests
{
    [Fact]
    public async Task Redis_8_finds_the_nearest_vector()
    {
        await using var redis = await RedisServer.StartAsync(RedisVersion.Eight);
        Assert.InRange(await MajorAsync(redis), 8, int.MaxValue);
        Assert.Equal("1", await redis.CommandAsync("VADD", "prompts", "VALUES", "2", "1", "0", "boat"));
        Assert.Equal("1", await redis.CommandAsync("VADD", "prompts", "VALUES", "2", "0", "1", "canal"));
        Assert.Equal("boat", await redis.CommandAsync("VSIM", "prompts", "VALUES", "2", "0.9", "0.1", "COUNT", "1"));
    }

    [Fact]
    public async Task Redis_7_knows_no_vector_sets()
    {
        await using var redis = await RedisServer.StartAsync(RedisVersion.Seven);
        Assert.Equal(7, await MajorAsync(redis));
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => redis.CommandAsync("VADD", "prompts", "VALUES", "2", "1", "0", "boat"));
        Assert.StartsWith("ERR unknown command 'VADD'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_killed_server_comes_back_empty_at_the_same_port()
    {
        await using var redis = await RedisServer.StartAsync(RedisVersion.Eight);
        var (address, process) = (redis.ConnectionString, redis.ProcessId);
        await redis.CommandAsync("SET", "key", "välue");
        Assert.Equal("välue", await redis.CommandAsync("GET", "key"));

        await redis.KillAsync();
        await Assert.ThrowsAsync<SocketException>(() => redis.CommandAsync("PING"));
        await redis.RestartAsync();

        Assert.Equal("", await redis.CommandAsync("GET", "key"));
        Assert.Equal("0", await redis.CommandAsync("DBSIZE"));
        Assert.Equal(address, redis.ConnectionString);
        Assert.NotEqual(process, redis.ProcessId);
    }

    [Fact]
    public async Task A_running_server_is_restarted_empty()
    {
        await using var redis = await RedisServer.StartAsync(RedisVersion.Eight);
        await redis.CommandAsync("SET", "key", "value");
        await redis.RestartAsync();
        Assert.Equal("", await redis.CommandAsync("GET", "key"));
    }

    [Fact]
    public async Task A_paused_server_is_silent_until_it_is_resumed()
    {
        await using var redis = await RedisServer.StartAsync(RedisVersion.Eight);
        redis.Pause();
        var answer = redis.CommandAsync("INCR", "counter");
        await Assert.ThrowsAsync<TimeoutException>(() => answer.WaitAsync(TimeSpan.FromMilliseconds(300)));
        redis.Resume();
        Assert.Equal("1", await answer);
    }

    [Fact]
    public async Task Settings_are_the_servers_arguments_and_can_be_changed()
    {
        await using var redis = await RedisServer.StartAsync(RedisVersion.Eight, "--maxmemory", "3mb", "--maxmemory-policy", "noeviction");
        Assert.Equal("maxmemory\n3145728", await redis.CommandAsync("CONFIG", "GET", "maxmemory"));
        Assert.Equal("OK", await redis.CommandAsync("CONFIG", "SET", "maxmemory", "1"));
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => redis.CommandAsync("SET", "key", "value"));
        Assert.StartsWith("OOM ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_setting_that_the_server_refuses_is_said()
    {
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => RedisServer.StartAsync(RedisVersion.Eight, "--no-such-setting", "1"));
        Assert.Contains("no-such-setting", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_that_another_took_is_left_to_it()
    {
        await using var first = await RedisServer.StartAsync(RedisVersion.Eight);
        var ports = new Queue<int>([first.Port, first.Port, Random.Shared.Next(30_000, 32_000)]);
        await using var second = await RedisServer.StartAsync(RedisVersion.Eight, ports.Dequeue, []);
        Assert.NotEqual(first.Port, second.Port);
        await second.CommandAsync("SET", "key", "value");
        Assert.Equal("", await first.CommandAsync("GET", "key"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_disposed_server_leaves_nothing(bool paused)
    {
        var redis = await RedisServer.StartAsync(RedisVersion.Eight);
        var folder = (await redis.CommandAsync("CONFIG", "GET", "dir")).Split('\n')[1];
        Assert.True(Directory.Exists(folder));
        using (Process.GetProcessById(redis.ProcessId)) { }
        if (paused) redis.Pause();

        await redis.DisposeAsync();

        Assert.Throws<ArgumentException>(() => Process.GetProcessById(redis.ProcessId));
        Assert.False(Directory.Exists(folder));
        // No server listens there any more.
        using var listener = new TcpListener(IPAddress.Loopback, redis.Port);
        listener.Start();
    }

    [Fact]
    public async Task Callers_that_need_no_server_of_their_own_get_the_named_one()
    {
        await using var named = await SharedRedis.FindAsync("cache:6379,password=secret");
        Assert.Equal("cache:6379,password=secret", named.ConnectionString);
        await using var own = await SharedRedis.FindAsync(" ");
        Assert.StartsWith("127.0.0.1:", own.ConnectionString, StringComparison.Ordinal);
    }

    private static async Task<int> MajorAsync(RedisServer redis)
    {
        var info = await redis.CommandAsync("INFO", "server");
        var version = info.Split("\r\n").Single(line => line.StartsWith("redis_version:", StringComparison.Ordinal));
        return Version.Parse(version["redis_version:".Length..]).Major;
    }
}
