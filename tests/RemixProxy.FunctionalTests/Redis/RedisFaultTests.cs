using Microsoft.Extensions.DependencyInjection;
using RemixProxy.FunctionalTests.Kit;
using RemixProxy.Redis;
using RemixProxy.Resilience;
using RemixProxy.TestKit.Redis;

namespace RemixProxy.FunctionalTests.Redis;

/// <summary>
/// A Redis that fails in each of its ways, seen by callers of two replicas: what can be served is, nothing is paid twice or forgotten, and it heals by itself.
/// </summary>
public sealed class RedisFaultTests
{
    private const string Model = TwoReplicas.Model;

    private static readonly (string Name, string Value) Retry = ("X-Stainless-Retry-Count", "1");

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Killed_and_back_with_or_without_what_it_held(bool remembers)
    {
        await using var replicas = await TwoReplicas.StartAsync(RedisVersion.Eight, remembers ? ["--appendonly", "yes", "--appendfsync", "always"] : []);
        var before = await replicas.CreateAsync("before", ("Idempotency-Key", "before"));
        await replicas.Redis.KillAsync();
        var meanwhile = await UseWithoutRedisAsync(replicas, before.Id);
        await replicas.Redis.RestartAsync();
        await replicas.HealAsync();

        await replicas.AssertListedAsync(remembers ? [before.Id, .. meanwhile] : meanwhile);
        var sent = replicas.Submits;
        if (remembers) Assert.Equal((before.Id, true), await ReplayAsync(replicas.Second.CreateAsync(Model, "before", ("Idempotency-Key", "before"))));
        Assert.Equal(meanwhile[0], (await replicas.Second.CreateAsync(Model, "meanwhile 0", Retry)).Id);
        Assert.Equal(sent, replicas.Submits);
        AssertOneLineAFault(replicas.First);
        AssertOneLineAFault(replicas.Second);
    }

    [Fact]
    public async Task Paused_it_costs_one_budget_and_then_none_and_resumed_it_knows_all()
    {
        await using var replicas = await TwoReplicas.StartAsync();
        var before = await replicas.CreateAsync("before", ("Idempotency-Key", "before"));
        replicas.Redis.Pause();
        var meanwhile = await UseWithoutRedisAsync(replicas, before.Id);
        replicas.Redis.Resume();
        await replicas.HealAsync();

        await replicas.AssertListedAsync([before.Id, .. meanwhile]);
        var sent = replicas.Submits;
        Assert.Equal((before.Id, true), await ReplayAsync(replicas.Second.CreateAsync(Model, "before", ("Idempotency-Key", "before"))));
        Assert.Equal(meanwhile[0], (await replicas.Second.CreateAsync(Model, "meanwhile 0", Retry)).Id);
        Assert.Equal(sent, replicas.Submits);
        AssertOneLineAFault(replicas.First);
        AssertOneLineAFault(replicas.Second);
    }

    [Fact]
    public async Task Just_back_it_denies_no_video_that_another_replica_has_yet_to_tell_it()
    {
        var key = (Name: "x-api-key", Value: "key-of-ann-0123456789");
        await using var replicas = await TwoReplicas.StartWithAsync(
            new() { ["RemixProxy:Clients:0:Name"] = "ann", ["RemixProxy:Clients:0:Keys:0"] = key.Value });
        await replicas.Redis.KillAsync();
        var meanwhile = await replicas.RunAsync(replicas.First.CreateAsync(Model, "meanwhile", key));
        var path = "v1/videos/" + meanwhile.Id;
        var away = replicas.Second.Services.GetRequiredService<RedisDatabase>().Dependency;
        while (away.IsUp) (await replicas.RunAsync(replicas.Second.CallAsync("GET", path, null, key))).AssertError(503, "store_unavailable");
        // The first replica still finds no Redis.
        replicas.Relay.DeafenAll();
        await replicas.Redis.RestartAsync();
        await replicas.RunAsync(BackAsync(away));

        (await replicas.Second.CallAsync("GET", path, null, key)).AssertError(503, "store_unavailable");
        replicas.Relay.DeafenAll(isDeaf: false);
        await replicas.Relay.CutAsync();
        await replicas.HealAsync();

        Assert.Equal(200, (await replicas.Second.CallAsync("GET", path, null, key)).Status);
        (await replicas.RunAsync(UnknownAsync(replicas.Second, key))).AssertError(404, "video_not_found");
    }

    [Fact]
    public async Task When_its_replica_takes_over_and_it_lives_on_writes_go_there_within_seconds()
    {
        var cancel = TestContext.Current.CancellationToken;
        await using var first = await RedisServer.StartAsync(RedisVersion.Eight, "--repl-diskless-sync-delay", "0");
        await using var second = await RedisServer.StartAsync(RedisVersion.Eight, "--replicaof", "127.0.0.1", $"{first.Port}");
        while (!(await second.CommandAsync("INFO", "replication")).Contains("master_link_status:up", StringComparison.Ordinal))
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, cancel);
        await using var replica = await Replica.StartAsync($"{first.ConnectionString},{second.ConnectionString}", TimeProvider.System);
        await second.CommandAsync("REPLICAOF", "NO", "ONE");
        await first.CommandAsync("REPLICAOF", "127.0.0.1", $"{second.Port}");

        var started = TimeProvider.System.GetTimestamp();
        while (!await TryWriteAsync(replica)) await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, cancel);

        Assert.Equal("1", await second.CommandAsync("GET", "written"));
        // It is one or two; the client's own habit is a minute.
        Assert.InRange(TimeProvider.System.GetElapsedTime(started), TimeSpan.Zero, TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task Resumed_it_carries_out_what_was_given_up_and_nothing_comes_of_it()
    {
        await using var replicas = await TwoReplicas.StartAsync();
        replicas.Redis.Pause();
        (await replicas.RunAsync(replicas.First.CreateAsync(Model, "keyed", ("Idempotency-Key", "k")))).AssertError(503, "store_unavailable");
        Assert.Equal(0, replicas.Submits);
        replicas.Redis.Resume();
        await replicas.HealAsync();

        // A claim without a holder ends by itself, within the time that a repeat waits.
        var repeats = await replicas.RunAsync(Task.WhenAll(
            replicas.First.CreateAsync(Model, "keyed", ("Idempotency-Key", "k")), replicas.Second.CreateAsync(Model, "keyed", ("Idempotency-Key", "k"))));
        Assert.Single(repeats.Select(r => r.Id).Distinct(StringComparer.Ordinal));
        Assert.Equal(1, replicas.Submits);
    }

    [Fact]
    public async Task Slow_within_the_budget_is_no_fault()
    {
        await using var replicas = await TwoReplicas.StartAsync();
        // Redis learns each script here. To learn one later would take one more command.
        var before = await replicas.CreateAsync("before");
        // Also where a beat and a request are under way at one time, and the clock is moved for each.
        replicas.Relay.Latency = TwoReplicas.Budget * 0.4;
        var first = await replicas.RunSlowlyAsync(replicas.First.CreateAsync(Model, "keyed", ("Idempotency-Key", "k")));
        var again = await replicas.RunSlowlyAsync(replicas.First.CreateAsync(Model, "keyed", ("Idempotency-Key", "k")));
        Assert.Equal((first.Id, true), (again.Id, again.IsReplayed));
        Assert.Equal([first.Id, before.Id], await replicas.RunSlowlyAsync(replicas.First.ListAsync()));
        Assert.Equal(2, replicas.Submits);
        Assert.Empty(TwoReplicas.Warnings(replicas.First));
    }

    [Fact]
    public async Task Slower_than_the_budget_it_is_as_one_that_is_away_and_what_comes_late_does_no_harm()
    {
        await using var replicas = await TwoReplicas.StartAsync();
        replicas.Relay.Latency = TwoReplicas.Budget * 1.5;
        var meanwhile = new List<string>();
        for (var i = 0; i < 8; i++)
        {
            var prompt = $"slow {i}";
            var (reply, budgets) = await replicas.SpendAsync(() => replicas.First.CreateAsync(Model, prompt));
            meanwhile.Add(reply.Id);
            Assert.InRange(budgets, 0, 1);
        }

        (await replicas.RunAsync(replicas.First.CreateAsync(Model, "keyed", ("Idempotency-Key", "k")))).AssertError(503, "store_unavailable");
        (await replicas.RunAsync(replicas.First.CallAsync("GET", "v1/videos"))).AssertError(503, "store_unavailable");
        Assert.Equal(meanwhile.Count, replicas.Submits);
        replicas.Relay.Latency = TimeSpan.Zero;
        await replicas.HealAsync();

        await replicas.AssertListedAsync([.. meanwhile]);
        // The submission that was admitted late is the one that was made, for the other replica too.
        for (var i = 0; i < meanwhile.Count; i++)
            Assert.Equal((meanwhile[i], true), await ReplayAsync(replicas.RunAsync(replicas.Second.CreateAsync(Model, $"slow {i}", Retry))));
        Assert.Equal(meanwhile.Count, replicas.Submits);
        AssertOneLineAFault(replicas.First);
        Assert.Empty(TwoReplicas.Warnings(replicas.Second));
    }

    [Fact]
    public async Task Full_it_refuses_what_is_written_and_tells_what_it_has()
    {
        await using var replicas = await TwoReplicas.StartAsync(RedisVersion.Eight, "--maxmemory-policy", "noeviction");
        var before = await replicas.CreateAsync("before", ("Idempotency-Key", "before"));
        await replicas.Redis.CommandAsync("CONFIG", "SET", "maxmemory", "1");
        var meanwhile = new List<string>();
        for (var i = 0; i < 5; i++) meanwhile.Add((await replicas.RunAsync(replicas.First.CreateAsync(Model, $"full {i}"))).Id);
        for (var i = 0; i < 3; i++)
        {
            (await replicas.RunAsync(replicas.First.CreateAsync(Model, "keyed", ("Idempotency-Key", "k")))).AssertError(503, "store_unavailable");
            Assert.Equal("before", (await replicas.RunAsync(replicas.Second.CallAsync("GET", "v1/videos/" + before.Id))).Ok()["prompt"]!.GetValue<string>());
        }

        Assert.Equal(6, replicas.Submits);
        await replicas.Redis.CommandAsync("CONFIG", "SET", "maxmemory", "0");
        await replicas.HealAsync();
        await replicas.AssertListedAsync([before.Id, .. meanwhile]);
        Assert.Equal((meanwhile[4], true), await ReplayAsync(replicas.Second.CreateAsync(Model, "full 4", Retry)));
        Assert.Equal(200, (await replicas.First.CreateAsync(Model, "keyed", ("Idempotency-Key", "k"))).Status);
        Assert.Equal(7, replicas.Submits);
        Assert.Single(replicas.First.Log, l => l.Contains("Redis refuses commands (OOM)", StringComparison.Ordinal));
        Assert.Single(replicas.First.Log, l => l.Contains("Redis accepts commands again", StringComparison.Ordinal));
        Assert.Single(TwoReplicas.Warnings(replicas.First), l => !l.Contains("SubmitOperation[11]", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(RedisVersion.Eight, RedisVersion.Seven)]
    [InlineData(RedisVersion.Seven, RedisVersion.Eight)]
    public async Task Replaced_by_another_server_at_its_port_it_serves_and_compares_prompts_in_that_one_s_way(RedisVersion version, RedisVersion other)
    {
        (string, string) semantic = ("x-remix-cache", "semantic");
        await using var replicas = await TwoReplicas.StartAsync(version);
        var before = await replicas.First.CreateAsync(Model, "A paper boat on a canal", semantic);
        Assert.Equal(before.Id, (await replicas.Second.CreateAsync(Model, "a paper boat on the canal", semantic)).Id);
        await replicas.Redis.DisposeAsync();
        for (var i = 0; i < 3; i++)
        {
            (await replicas.First.CallAsync("GET", "v1/videos")).AssertError(503, "store_unavailable");
            (await replicas.Second.CallAsync("GET", "v1/videos")).AssertError(503, "store_unavailable");
        }

        replicas.Redis = await RedisServer.StartAsync(other, () => replicas.Redis.Port, []);
        await replicas.HealAsync();

        // That one knows nothing of before.
        var after = await replicas.First.CreateAsync(Model, "a paper boat on a canal", semantic);
        Assert.NotEqual(before.Id, after.Id);
        var similar = await replicas.Second.CreateAsync(Model, "A paper boat, on the canal", semantic);
        Assert.Equal((after.Id, "semantic"), (similar.Id, similar.Json["extra_fields"]!["cache_debug"]!["hit_type"]!.GetValue<string>()));
        Assert.Equal(2, replicas.Submits);
        await replicas.AssertListedAsync(after.Id);
        AssertOneLineAFault(replicas.First);
        AssertOneLineAFault(replicas.Second);
    }

    [Fact]
    public async Task Behind_a_connection_that_leads_nowhere_it_is_asked_a_few_times_and_found_again_by_a_new_one()
    {
        await using var replicas = await TwoReplicas.StartAsync();
        replicas.Relay.Deafen();
        var connections = replicas.Relay.Connections;
        var asked = replicas.Asked;
        // The clock stands still but for what the first ones wait: what is given up stays in the client, so it has to be little.
        var meanwhile = await replicas.RunAsync(Task.WhenAll(Enumerable.Range(0, 3).Select(i => replicas.First.CreateAsync(Model, $"deaf {i}"))));
        for (var i = 0; i < 20; i++) (await replicas.First.CreateAsync(Model, $"keyed {i}", ("Idempotency-Key", "k"))).AssertError(503, "store_unavailable");
        Assert.InRange(replicas.Asked - asked, 3, 6);
        Assert.Equal(3, replicas.Submits);

        await replicas.HealAsync();
        Assert.True(replicas.Relay.Connections > connections);
        await replicas.AssertListedAsync([.. meanwhile.Select(r => r.Id)]);
        Assert.Equal(200, (await replicas.First.CreateAsync(Model, "keyed", ("Idempotency-Key", "k"))).Status);
        AssertOneLineAFault(replicas.First);
        Assert.Empty(TwoReplicas.Warnings(replicas.Second));
    }

    [Fact]
    public async Task Away_from_one_replica_only_it_is_told_what_that_one_knows_better()
    {
        await using var replicas = await TwoReplicas.StartAsync();
        replicas.Relay.DeafenAll();
        var video = (await replicas.RunAsync(replicas.First.CreateAsync(Model, "deaf"))).Id;
        replicas.Time.Advance(TimeSpan.FromSeconds(20));
        // The other one never heard of it.
        Assert.Equal("completed", (await replicas.RunAsync(replicas.Second.CallAsync("GET", "v1/videos/" + video))).Ok()["status"]!.GetValue<string>());
        replicas.Relay.DeafenAll(isDeaf: false);
        await replicas.HealAsync();
        await replicas.AssertListedAsync(video);
        var told = (await replicas.Second.CallAsync("GET", "v1/videos/" + video)).Ok();
        Assert.Equal(("deaf", "completed"), (told["prompt"]!.GetValue<string>(), told["status"]!.GetValue<string>()));
        Assert.Equal(Model, told["extra_fields"]!["model_requested"]!.GetValue<string>());
        AssertOneLineAFault(replicas.First);
    }

    // Everything that callers do while Redis is away. The videos that were made, in order.
    private static async Task<string[]> UseWithoutRedisAsync(TwoReplicas replicas, string before)
    {
        var sent = replicas.Submits;
        var made = new List<string>();
        var budgets = new List<int>();
        for (var i = 0; i < 5; i++)
        {
            var prompt = $"meanwhile {i}";
            var (reply, spent) = await replicas.SpendAsync(() => replicas.First.CreateAsync(Model, prompt));
            made.Add(reply.Id);
            budgets.Add(spent);
        }

        Assert.All(budgets, b => Assert.InRange(b, 0, 1));
        Assert.Equal([0, 0], budgets[^2..]);
        made.Add((await replicas.RunAsync(replicas.Second.CreateAsync(Model, "at the second"))).Id);
        Assert.Equal(sent + 6, replicas.Submits);
        foreach (var app in new[] { replicas.First, replicas.Second })
        {
            // Who has it, only Redis knows.
            var keyed = await replicas.RunAsync(app.CreateAsync(Model, "keyed", ("Idempotency-Key", "k")));
            keyed.AssertError(503, "store_unavailable");
            var replay = await replicas.RunAsync(app.CreateAsync(Model, "before", ("Idempotency-Key", "before")));
            replay.AssertError(503, "store_unavailable");
            Assert.Equal(
                "openai", (await replicas.RunAsync(app.CallAsync("GET", "v1/videos/" + before))).Ok()["extra_fields"]!["provider"]!.GetValue<string>());
            (await replicas.RunAsync(app.CallAsync("GET", "v1/videos"))).AssertError(503, "store_unavailable");
            (await replicas.RunAsync(app.CallAsync("DELETE", "v1/videos/" + before))).AssertError(503, "store_unavailable");
        }

        Assert.Equal(sent + 6, replicas.Submits);
        Assert.Equal("meanwhile 1", (await replicas.RunAsync(replicas.First.CallAsync("GET", "v1/videos/" + made[1]))).Ok()["prompt"]!.GetValue<string>());
        return [.. made];
    }

    private static async Task<(string Id, bool IsReplayed)> ReplayAsync(Task<Reply> call)
    {
        var reply = await call;
        return (reply.Id, reply.IsReplayed);
    }

    // A machine that starves for a whole budget makes a fault of its own: what holds is one line for each fault, and one for its end.
    private static void AssertOneLineAFault(ProxyApp app)
    {
        var lines = app.Log.Where(l => l.Contains("redis is not available", StringComparison.Ordinal)
            || l.Contains("redis is available again", StringComparison.Ordinal));
        bool[] isAway = [.. lines.Select(l => l.Contains("not available", StringComparison.Ordinal))];
        Assert.NotEmpty(isAway);
        Assert.Equal([.. Enumerable.Range(0, isAway.Length).Select(i => i % 2 == 0)], isAway);
        Assert.False(isAway[^1]);
        // Each submit that was refused has its line, as always; and a Redis that comes back empty is a fault of its own.
        Assert.Equal(isAway.Length / 2, TwoReplicas.Warnings(app).Count(l => !l.Contains("SubmitOperation[11]", StringComparison.Ordinal)
            && !l.Contains("Redis has lost what it knew", StringComparison.Ordinal)));
        Assert.InRange(app.Log.Count(l => l.Contains("Redis has lost what it knew", StringComparison.Ordinal)), 0, 1);
    }

    private static async Task<Reply> UnknownAsync(ProxyApp app, (string Name, string Value) key)
    {
        while (true)
        {
            var reply = await app.CallAsync("GET", "v1/videos/video_nobody_has:openai", null, key);
            if (reply.Status != 503) return reply;
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System);
        }
    }

    private static async Task<bool> TryWriteAsync(Replica replica)
    {
        try
        {
            return await replica.Redis.RunAsync(db => db.StringSetAsync("written", 1), CancellationToken.None);
        }
        catch (DependencyException)
        {
            return false;
        }
    }

    private static async Task<bool> BackAsync(Dependency dependency)
    {
        while (!dependency.IsUp) await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System);
        return true;
    }
}
