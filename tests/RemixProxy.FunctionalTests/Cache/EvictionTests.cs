using RemixProxy.Contract;
using RemixProxy.FunctionalTests.Kit;
using RemixProxy.FunctionalTests.Submits;
using static RemixProxy.FunctionalTests.Cache.CacheReplies;

namespace RemixProxy.FunctionalTests.Cache;

/// <summary>Videos that are no answer any more.</summary>
public class EvictionTests
{
    private readonly WatchedStores _store = new();

    [Theory]
    [InlineData("FAIL", true)]
    [InlineData("FAIL", false)]
    [InlineData("MODERATE", true)]
    [InlineData("MODERATE", false)]
    public async Task A_job_that_failed_answers_nobody_whether_it_was_asked_for_or_not(string word, bool asked)
    {
        await using var app = await StartAsync();
        var first = await app.CreateAsync(Model, $"A {word} boat", Exact);
        if (asked) Assert.Equal("failed", (await app.FinishAsync(first.Id))["status"]!.GetValue<string>());
        else app.Time.Advance(TimeSpan.FromMinutes(1));
        if (asked) Assert.Null(await _store.Entries.FindEntryAsync("", first.CacheId(), CancellationToken.None));

        var polls = app.PollsSeen();
        var second = await app.CreateAsync(Model, $"A {word} boat", Exact);
        second.AssertMiss();
        Assert.NotEqual(first.Id, second.Id);
        Assert.Equal(polls + (asked ? 0 : 1), app.PollsSeen());
        (await app.CreateAsync(Model, $"A {word} boat", Exact)).AssertHit(second);
    }

    [Fact]
    public async Task A_video_whose_bytes_were_found_gone_answers_nobody()
    {
        await using var app = await StartAsync();
        var first = await app.CreateAsync(Model, "An EXPIRE boat", Exact);
        await app.FinishAsync(first.Id);
        Assert.Equal("completed", (await app.CreateAsync(Model, "An EXPIRE boat", Exact)).Text("status"));
        (await app.CallAsync("GET", $"v1/videos/{first.Id}/content")).AssertError(410, "video_expired");
        (await app.CreateAsync(Model, "An EXPIRE boat", Exact)).AssertMiss();
    }

    [Fact]
    public async Task A_video_whose_bytes_were_found_gone_on_their_way_into_an_answer_answers_nobody()
    {
        await using var app = await StartAsync();
        var first = await app.CreateAsync(Model, "An EXPIRE boat", Exact);
        await app.FinishAsync(first.Id);
        (await app.CallAsync("GET", $"v1/videos/{first.Id}?include=base64")).AssertError(410, "video_expired");
        (await app.CreateAsync(Model, "An EXPIRE boat", Exact)).AssertMiss();
    }

    [Fact]
    public async Task A_deleted_video_answers_nobody_and_leaves_nothing()
    {
        await using var app = await StartAsync();
        var first = await app.CreateAsync(Model, "x", Exact);
        Assert.NotNull(await _store.Entries.FindEntryAsync("", first.CacheId(), CancellationToken.None));
        (await app.CallAsync("DELETE", "v1/videos/" + first.Id)).Ok();
        Assert.Null(await _store.Entries.FindEntryAsync("", first.CacheId(), CancellationToken.None));
        Assert.True(VideoId.TryParse(first.Id, out var id));
        var tombstone = await _store.Jobs.FindAsync(id.Value, CancellationToken.None);
        Assert.Equal((true, null, null), (tombstone!.Deleted, tombstone.Video.Prompt, tombstone.Cached));
        var second = await app.CreateAsync(Model, "x", Exact);
        second.AssertMiss();
        Assert.NotEqual(first.Id, second.Id);
    }

    [Fact]
    public async Task A_video_whose_source_was_deleted_answers_nobody()
    {
        await using var app = await StartAsync();
        var source = (await app.CreateFinishedAsync(Model))["id"]!.GetValue<string>();
        var path = $"v1/videos/{source}/remix";
        var first = await app.CallAsync("POST", path, new { prompt = "snow" }, Exact);
        (await app.CallAsync("POST", path, new { prompt = "snow" }, Exact)).AssertHit(first);

        // After the request found its source, and before it looks into the cache.
        Assert.True(VideoId.TryParse(source, out var id));
        _store.BeforeClaim = async () => await _store.Jobs.UpdateAsync(id.Value, j => j with { Deleted = true }, CancellationToken.None);
        var second = await app.CallAsync("POST", path, new { prompt = "snow" }, Exact);
        Assert.NotEqual(first.Id, second.Id);
        Assert.Null(second.HitType());
        (await app.CallAsync("POST", path, new { prompt = "snow" }, Exact)).AssertError(404, "video_not_found");
    }

    [Fact]
    public async Task A_video_whose_bytes_are_about_to_die_answers_nobody()
    {
        // Gemini keeps them for 48 hours.
        const string Gemini = "gemini/gemini-omni-1.1-flash";
        await using var app = await StartAsync();
        var first = await app.CreateAsync(Gemini, "x", Exact, ("x-remix-cache-ttl", "31536000"));
        await app.FinishAsync(first.Id);
        var expires = DateTimeOffset.FromUnixTimeSeconds((await app.GetAsync("v1/videos/" + first.Id))["expires_at"]!.GetValue<long>());
        app.Time.Advance(expires - app.Time.GetUtcNow() - TimeSpan.FromMinutes(10));
        (await app.CreateAsync(Gemini, "x", Exact)).AssertHit(first);
        app.Time.Advance(TimeSpan.FromSeconds(1));
        (await app.CreateAsync(Gemini, "x", Exact)).AssertMiss();
    }

    [Theory]
    [InlineData(404)]
    [InlineData(410)]
    public async Task A_video_that_its_provider_has_forgotten_answers_nobody(int status)
    {
        var upstream = new Upstream();
        await using var app = await ProxyApp.StartAsync(new() { Sandbox = upstream.Sandbox });
        var first = await app.CreateAsync(Model, "x", Exact);
        app.Time.Advance(TimeSpan.FromMinutes(1));
        upstream.On("openai", r => r.Method == "GET", Upstream.Answers(status));
        var second = await app.CreateAsync(Model, "x", Exact);
        second.AssertMiss();
        Assert.NotEqual(first.Id, second.Id);
    }

    [Fact]
    public async Task A_video_under_an_id_that_was_given_out_anew_does_not_answer_for_the_old_one()
    {
        var upstream = new Upstream();
        await using var app = await ProxyApp.StartAsync(new() { Sandbox = upstream.Sandbox });
        upstream.OnSubmit("openai", Upstream.Answers(200, """{"id":"video_1","status":"queued"}"""));
        _ = (await app.CreateAsync(Model, "old", Exact)).Id;
        var other = await app.CreateAsync(Model, "new", Exact);
        (await app.CreateAsync(Model, "old", Exact)).AssertMiss();
        Assert.Equal("old", (await app.GetAsync("v1/videos/" + other.Id))["prompt"]!.GetValue<string>());
    }

    private Task<ProxyApp> StartAsync() => ProxyApp.StartAsync(new() { Proxy = _store.Install });
}
