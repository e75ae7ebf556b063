using System.Text.Json.Nodes;
using RemixProxy.FunctionalTests.Cache;
using RemixProxy.FunctionalTests.Kit;
using RemixProxy.FunctionalTests.Redis;
using RemixProxy.TestKit.Redis;
using static RemixProxy.FunctionalTests.Cache.CacheReplies;

namespace RemixProxy.FunctionalTests.Jobs;

/// <summary><c>Jobs:KeepPrompts</c>: without it only the answer to a submit shows its prompt, and no store has it or a provider's quote of it.</summary>
public sealed class KeepPromptsTests
{
    private const string Word = "cnry-71c9";
    private const string Prompt = "A heron with the name of cnry-71c9 lands on the quay";
    private const string Other = "Let the heron cnry-71c9 fly off into the snow";

    private static readonly Canary[] Canaries = [new("the prompt", Word)];

    private static Dictionary<string, string?> Off => new() { ["RemixProxy:Jobs:KeepPrompts"] = "false" };

    // The clock takes small steps, within what Redis may take for a command that is under way.
    private static Dictionary<string, string?> Polled =>
        FaultyProviders.Types.ToDictionary(t => $"RemixProxy:Providers:{t}:PollInterval", _ => (string?)"00:00:01");

    [Theory]
    [InlineData(null)]
    [InlineData(RedisVersion.Seven)]
    [InlineData(RedisVersion.Eight)]
    public async Task Where_prompts_are_not_kept_no_store_has_one_or_a_quote_of_it(RedisVersion? version)
    {
        await using var stored = await StoredApp.StartAsync(version, new([.. Off, .. Polled]));
        var later = await WalkAsync(stored, keeps: false);

        Assert.All(later, video =>
        {
            Assert.True(video.ContainsKey("prompt") && video["prompt"] is null, video.ToJsonString());
            Assert.DoesNotContain(Word, video.ToJsonString(), StringComparison.OrdinalIgnoreCase);
        });
        var text = await stored.TextAsync();
        Canary.AssertNone(Canaries, "a store", text);
        // The walk looks where jobs and submissions are.
        Assert.Contains(later[0]["id"]!.GetValue<string>(), text, StringComparison.Ordinal);
        Assert.DoesNotContain(":vectors", text, StringComparison.Ordinal);
        Assert.DoesNotContain(":table", text, StringComparison.Ordinal);
        Canary.AssertNone(Canaries, "the log", string.Join('\n', stored.App.Log));
    }

    /// <summary>The same walk with prompts kept finds them: so it would have found them above.</summary>
    [Theory]
    [InlineData(null)]
    [InlineData(RedisVersion.Seven)]
    [InlineData(RedisVersion.Eight)]
    public async Task Where_they_are_kept_the_same_search_finds_them(RedisVersion? version)
    {
        await using var stored = await StoredApp.StartAsync(version, Polled);
        var later = await WalkAsync(stored, keeps: true);

        Assert.All(
            later.Where(v => v["error"] is null), video => Assert.Contains(Word, video["prompt"]!.GetValue<string>(), StringComparison.OrdinalIgnoreCase));
        var text = await stored.TextAsync();
        Assert.Contains(Prompt, text, StringComparison.Ordinal);
        Assert.Contains("said", text, StringComparison.Ordinal);
        if (version is not null) Assert.Contains(version == RedisVersion.Eight ? ":vectors" : ":table", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_semantic_request_is_then_an_exact_one_and_is_told_so()
    {
        await using var app = await ProxyApp.StartAsync(new() { Settings = Off });
        var first = await app.CreateAsync(Model, Prompt, Semantic);
        Assert.Equal($$"""{"cache_hit":false,"cache_id":"{{first.CacheId()}}"}""", first.Debug().ToJsonString());
        Assert.Equal($"RemixProxy; fwd=uri-miss; stored; key=\"{first.CacheId()}\"; detail=prompts-not-kept", first.CacheStatus());
        var again = await app.CreateAsync(Model, Prompt, Semantic);
        Assert.Equal((first.Id, "direct"), (again.Id, again.HitType()));
        // "Please" is no difference to a semantic cache.
        Assert.NotEqual(first.Id, (await app.CreateAsync(Model, "Please: " + Prompt, Semantic)).Id);
        (await app.CreateAsync(Model, Prompt + "!", Exact)).AssertMiss();
    }

    [Fact]
    public async Task A_change_holds_for_new_videos_and_a_job_stays_what_it_was_made_as()
    {
        var settings = new ChangeableSettings();
        await using var app = await ProxyApp.StartAsync(new() { Changeable = settings });
        var kept = await app.CreateAsync(Model, Prompt);
        settings.Replace(("Jobs:KeepPrompts", "false"));
        var made = await app.CreateAsync(Model, Other);
        Assert.Equal(Other, made.Text("prompt"));
        settings.Replace();

        Assert.Equal(Prompt, (await app.FinishAsync(kept.Id))["prompt"]!.GetValue<string>());
        // The server's own answers have the prompt, and bring it to no job that was made without.
        Assert.Null((await app.FinishAsync(made.Id))["prompt"]);
        Assert.Null((await app.CallAsync("GET", "v1/videos/" + made.Id)).Ok()["prompt"]);
    }

    [Fact]
    public async Task What_is_kept_while_Redis_is_away_and_what_another_replica_reads_has_no_prompt()
    {
        await using var replicas = await TwoReplicas.StartWithAsync(Off);
        var before = await replicas.CreateAsync(Prompt);
        await replicas.Redis.KillAsync();
        var away = await replicas.RunAsync(replicas.First.CreateAsync(Model, Other));
        Assert.Equal(Other, away.Text("prompt"));
        var held = StoredText.InProcess(replicas.First);
        Assert.Contains(away.Id.Split(':')[0], held, StringComparison.Ordinal);
        Canary.AssertNone(Canaries, "what is kept for Redis", held);
        await replicas.Redis.RestartAsync();
        await replicas.HealAsync();

        Canary.AssertNone(Canaries, "Redis", await StoredText.InRedisAsync(replicas.Redis.ConnectionString));
        Assert.Null((await replicas.Second.GetAsync("v1/videos/" + away.Id))["prompt"]);
        var next = await replicas.CreateAsync(Prompt + " again");
        // The other one sees it end.
        Assert.Null((await replicas.Second.FinishAsync(next.Id))["prompt"]);
        await replicas.HealAsync();
        Assert.Null((await replicas.First.GetAsync("v1/videos/" + next.Id))["prompt"]);
        Canary.AssertNone(Canaries, "Redis", await StoredText.InRedisAsync(replicas.Redis.ConnectionString));
        Assert.NotEqual(before.Id, next.Id);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_poll_that_a_delete_overtakes_brings_nothing_back(bool keeps)
    {
        await using var stored = await StoredApp.StartAsync(null, keeps ? [] : Off);
        var app = stored.App;
        var id = (await app.CreateAsync(Model, Prompt)).Id;
        app.Time.Advance(TimeSpan.FromMinutes(1));
        var gate = new Gate();
        stored.Upstream.On("openai", r => r.Method == "GET", gate.HoldAsync);
        var poll = app.CallAsync("GET", "v1/videos/" + id);
        await gate.Arrived;
        stored.Upstream.On("openai", r => r.Method == "DELETE", Upstream.Answers(200));
        (await app.CallAsync("DELETE", "v1/videos/" + id)).Ok();
        gate.Open();
        await poll;
        Canary.AssertNone(Canaries, "a store", await stored.TextAsync());
        (await app.CallAsync("GET", "v1/videos/" + id)).AssertError(404, "video_not_found");
    }

    /// <summary>Every operation at every provider, with everything that may bring a prompt into a store.</summary>
    /// <returns>The videos in all answers but those to the submits themselves.</returns>
    private static async Task<List<JsonObject>> WalkAsync(StoredApp stored, bool keeps)
    {
        var (app, upstream) = (stored.App, stored.Upstream);
        var later = new List<JsonObject>();
        foreach (var type in FaultyProviders.Types)
        {
            var model = FaultyProviders.ModelOf(type);
            var key = ("Idempotency-Key", "of-" + type);
            var made = await app.CreateAsync(model, Prompt, Semantic, key);
            Assert.Equal(Prompt, made.Text("prompt"));
            var replay = await app.CreateAsync(model, Prompt, Semantic, key);
            Assert.True(replay.IsReplayed);
            var hit = await app.CreateAsync(model, Prompt, Semantic);
            Assert.Equal("direct", hit.HitType());
            later.AddRange(replay.Ok(), hit.Ok(), await app.GetAsync("v1/videos/" + made.Id), await app.FinishAsync(made.Id));

            var remix = await app.CallAsync("POST", $"v1/videos/{made.Id}/remix", new { prompt = Other });
            if (TestedProviders.Find(type).Remixes) Assert.Equal(Other, remix.Text("prompt"));
            var cross = await app.CallAsync(
                "POST", $"v1/videos/{made.Id}/remix", new { prompt = Other, model = FaultyProviders.ModelOf(FaultyProviders.NextOf(type)) });
            var edit = await app.CallAsync("POST", "v1/videos/edits", new { prompt = Other + "!", video = new { id = made.Id } });
            var extension = await app.CallAsync("POST", "v1/videos/extensions", new { prompt = Other, seconds = "4", video = new { id = made.Id } });
            foreach (var reply in new[] { remix, cross, edit, extension }.Where(r => r.Status == 200))
            {
                Assert.StartsWith(Other, reply.Text("prompt"), StringComparison.Ordinal);
                later.Add(await app.GetAsync("v1/videos/" + reply.Id));
            }

            // One that waits for the same one.
            var gate = new Gate();
            upstream.OnSubmit(type, gate.HoldAsync);
            var one = app.CreateAsync(model, Prompt + " twice", Exact);
            await gate.Arrived;
            var two = app.CreateAsync(model, Prompt + " twice", Exact);
            gate.Open();
            Assert.Equal(Prompt + " twice", (await one).Text("prompt"));
            Assert.True((await two).Debug()["cache_hit"]!.GetValue<bool>());
            later.Add((await two).Ok());
            upstream.Heal();
            var cancelled = await app.CallAsync("POST", $"v1/videos/{(await one).Id}/cancel");
            if (cancelled.Status == 200) later.Add(cancelled.Json);

            // The provider quotes the prompt where it refuses, where nobody knows what it did, and where a video fails.
            foreach (var status in new[] { 400, 500 })
            {
                upstream.OnSubmit(type, Upstream.Answers(status, FaultyProviders.Refused(type, $"It said '{Prompt}' and failed.")));
                var failed = await app.CreateAsync(model, $"{Prompt} {status}", ("Idempotency-Key", $"{type}-{status}"));
                Assert.NotEqual(200, failed.Status);
                upstream.Heal();
                if (status == 400) continue;
                var told = await app.CreateAsync(model, $"{Prompt} {status}", ("Idempotency-Key", $"{type}-{status}"));
                Assert.True((told.Status, told.IsReplayed) == (424, true), $"{type}: {failed.Status} {failed.Text}, then {told.Status} {told.Text}");
                Assert.Contains(keeps ? Prompt : "It said", told.Text, StringComparison.Ordinal);
                Assert.Equal(keeps, told.Text.Contains(Word, StringComparison.Ordinal));
            }

            upstream.OnSubmit(type, Upstream.Answers(200, FaultyProviders.Failed(type, $"It said '{Prompt}' at once.")));
            if (await app.CreateAsync(model, Prompt + " at once") is { Status: 200 } atOnce) later.Add(await app.GetAsync("v1/videos/" + atOnce.Id));
            upstream.Heal();
            var poor = await app.CreateAsync(model, Prompt + " later");
            app.Time.Advance(TimeSpan.FromSeconds(2));
            upstream.On(type, TestedProviders.IsPoll, Upstream.Answers(200, FaultyProviders.Failed(type, $"It said '{Prompt}' later.")));
            var end = await app.GetAsync("v1/videos/" + poor.Id);
            Assert.Equal("failed", end["status"]!.GetValue<string>());
            later.AddRange(end, await app.GetAsync("v1/videos/" + poor.Id));
            upstream.Heal();
        }

        // A video that only the provider knows, which says the prompt by itself.
        upstream.On("openai", r => r.Method == "GET", Upstream.Answers(200, $$"""{"id":"stranger","status":"in_progress","prompt":"{{Prompt}}"}"""));
        later.Add(await app.GetAsync("v1/videos/stranger:openai"));
        upstream.Heal();
        later.AddRange((await app.GetAsync("v1/videos?limit=100"))["data"]!.AsArray().Select(v => v!.DeepClone().AsObject()));
        return later;
    }
}
