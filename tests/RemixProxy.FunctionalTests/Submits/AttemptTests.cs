using System.Text.Json.Nodes;
using RemixProxy.FunctionalTests.Kit;
using RemixProxy.TestKit.Redis;

namespace RemixProxy.FunctionalTests.Submits;

/// <summary><c>extra_fields.attempts</c>: the targets of an alias that were tried before the one that made the video.</summary>
public class AttemptTests
{
    [Theory]
    [InlineData(null)]
    [InlineData(RedisVersion.Eight)]
    public async Task They_stand_with_the_video_wherever_it_is_shown(RedisVersion? version)
    {
        await using var stored = await StoredApp.StartAsync(version, Settings());
        var (app, upstream) = (stored.App, stored.Upstream);
        upstream.OnSubmit("openai", Upstream.Answers(429, """{"error":{"message":"The queue is full."}}"""));

        var made = (await app.CreateAsync("mine", "A boat", ("Idempotency-Key", "k"))).Ok();
        var id = made["id"]!.GetValue<string>();
        Assert.EndsWith(":luma", id, StringComparison.Ordinal);
        const string Expected = """
            [{"provider":"openai","model":"sora-2","error":{"code":"rate_limit_exceeded","message":"The provider says: The queue is full."}},
            {"provider":"openai","model":"wan-2.2","error":{"code":"rate_limit_exceeded","message":"The provider says: The queue is full."}}]
            """;
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(Expected), Attempts(made)), made.ToJsonString());
        JsonNode[] shown =
        [
            await app.GetAsync("v1/videos/" + id), (await app.GetAsync("v1/videos"))["data"]![0]!,
            (await app.CreateAsync("mine", "A boat", ("Idempotency-Key", "k"))).Ok(),
        ];
        Assert.All(shown, video => Assert.True(JsonNode.DeepEquals(Attempts(made), Attempts(video)), video.ToJsonString()));

        upstream.Heal();
        Assert.Null(Attempts((await app.CreateAsync("mine", "Another boat")).Ok()));
    }

    [Fact]
    public async Task A_target_that_can_not_express_the_request_is_one_too()
    {
        await using var app = await ProxyApp.StartAsync(new() { Settings = Settings("kling/kling-3.0", "luma/ray-3.2") });
        var made = await app.PostAsync("v1/videos", new { model = "mine", prompt = new string('x', 3073) });
        Assert.EndsWith(":luma", made["id"]!.GetValue<string>(), StringComparison.Ordinal);
        var attempt = Assert.Single(Attempts(made)!.AsArray())!;
        Assert.Equal(("kling", "invalid_value"), (attempt["provider"]!.GetValue<string>(), attempt["error"]!["code"]!.GetValue<string>()));
    }

    [Fact]
    public async Task Where_prompts_are_not_kept_their_words_are_not_either()
    {
        var settings = Settings();
        settings["RemixProxy:Jobs:KeepPrompts"] = "false";
        var upstream = new Upstream();
        await using var app = await ProxyApp.StartAsync(new() { Settings = settings, Sandbox = upstream.Sandbox });
        upstream.OnSubmit("openai", Upstream.Answers(429, """{"error":{"message":"Too many boats."}}"""));
        var made = (await app.CreateAsync("mine", "boats")).Ok();
        Assert.Contains("boats", Attempts(made)!.ToJsonString(), StringComparison.Ordinal);
        var later = Attempts(await app.GetAsync("v1/videos/" + made["id"]!.GetValue<string>()))!;
        Assert.DoesNotContain("boats", later.ToJsonString(), StringComparison.Ordinal);
        Assert.Equal("rate_limit_exceeded", later[0]!["error"]!["code"]!.GetValue<string>());
    }

    private static Dictionary<string, string?> Settings(params string[] targets)
    {
        if (targets.Length == 0) targets = ["openai/sora-2", "openai/wan-2.2", "luma/ray-3.2"];
        return targets.Index().ToDictionary(t => $"RemixProxy:Models:mine:{t.Index}", string? (t) => t.Item);
    }

    private static JsonNode? Attempts(JsonNode video) => video["extra_fields"]!["attempts"];
}
