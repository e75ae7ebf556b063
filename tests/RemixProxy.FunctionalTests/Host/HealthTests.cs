using RemixProxy.FunctionalTests.Cache;
using RemixProxy.FunctionalTests.Kit;
using RemixProxy.TestKit.Redis;

namespace RemixProxy.FunctionalTests.Host;

/// <summary>What the health answers say of the servers that the process needs.</summary>
public class HealthTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Each_dependency_tells_its_state_and_age_and_one_that_is_away_degrades_and_stops_nothing()
    {
        await using var redis = await RedisServer.StartAsync(RedisVersion.Eight);
        await using var embeddings = await EmbeddingServer.StartAsync();
        await using var host = await HostProcess.StartAsync(new()
        {
            Environment =
            {
                ["RemixProxy__Sandbox"] = "true",
                ["RemixProxy__Redis__ConnectionString"] = redis.ConnectionString,
                // A busy machine is no fault.
                ["RemixProxy__Redis__Timeout"] = "00:00:05",
                ["RemixProxy__Cache__Embeddings__Endpoint"] = embeddings.Endpoint.AbsoluteUri,
                ["RemixProxy__Cache__Embeddings__Model"] = "m",
            },
        });

        var ready = await ReadyAsync(host);
        Assert.Equal((200, "ready", "up", "up"), (ready.Status, Word(ready), Word(ready, "redis"), Word(ready, "embedder")));
        Assert.InRange(ready.Json["dependencies"]!["redis"]!["age_seconds"]!.GetValue<double>(), 0, 60);
        Assert.Equal("""{"status":"live"}""", (await GetAsync(host, "healthz/live")).Text);

        await redis.KillAsync();
        var degraded = await UntilAsync(host, "degraded");
        Assert.Equal((200, "down", "up", "redis is away"),
            (degraded.Status, Word(degraded, "redis"), Word(degraded, "embedder"), degraded.Json["reason"]!.GetValue<string>()));
        Assert.Equal("""{"status":"live"}""", (await GetAsync(host, "healthz/live")).Text);

        await redis.RestartAsync();
        Assert.Equal("up", Word(await UntilAsync(host, "ready"), "redis"));

        embeddings.Answer = EmbeddingServer.Text("{}", status: 500);
        for (var i = 0; i < 4; i++)
        {
            using var request = Calls.Request("POST", "v1/videos", new { prompt = $"boat {i}" }, ("x-remix-cache", "semantic"));
            using var response = await host.Http.SendAsync(request);
            Assert.True(response.IsSuccessStatusCode);
        }

        degraded = await ReadyAsync(host);
        Assert.Equal((200, "degraded", "embedder is away"), (degraded.Status, Word(degraded), degraded.Json["reason"]!.GetValue<string>()));
    }

    private static string Word(Reply reply, string? dependency = null) =>
        (dependency is null ? reply.Json : reply.Json["dependencies"]![dependency]!.AsObject())["status"]!.GetValue<string>();

    private static Task<Reply> ReadyAsync(HostProcess host) => GetAsync(host, "healthz/ready");

    private static async Task<Reply> GetAsync(HostProcess host, string path)
    {
        using var response = await host.Http.GetAsync(path);
        return await Reply.ReadAsync(response);
    }

    private static async Task<Reply> UntilAsync(HostProcess host, string status)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (true)
        {
            var reply = await ReadyAsync(host);
            if (Word(reply) == status) return reply;
            await Task.Delay(TimeSpan.FromMilliseconds(50), patience.Token);
        }
    }
}
