using RemixProxy.FunctionalTests.Kit;
using static RemixProxy.FunctionalTests.Cache.CacheReplies;

namespace RemixProxy.FunctionalTests.Cache;

/// <summary>Requests that equal an earlier one.</summary>
public class DirectHitTests
{
    [Theory]
    [InlineData("openai/sora-2")]
    [InlineData("gemini/gemini-omni-1.1-flash")]
    [InlineData("luma/ray-3.2")]
    [InlineData("runway/gen4.5")]
    public async Task A_create_is_answered_by_the_stored_video_in_its_present_state_with_one_poll_at_most(string model)
    {
        await using var app = await ProxyApp.StartAsync();
        var first = await app.CreateAsync(model, "A red car", Exact);
        first.AssertMiss();
        var polls = app.PollsSeen();
        var again = await app.CreateAsync(model, "A  red car ", Exact);
        again.AssertHit(first);
        Assert.Equal("queued", again.Text("status"));
        Assert.Equal(polls, app.PollsSeen());

        app.Time.Advance(TimeSpan.FromMinutes(1));
        var later = await app.CreateAsync(model, "A red car", Exact);
        later.AssertHit(first);
        Assert.Equal("completed", later.Text("status"));
        Assert.NotEmpty(later.Ok()["videos"]!.AsArray());
        Assert.InRange(app.PollsSeen(), polls, polls + 1);

        Assert.Equal("completed", (await app.CreateAsync(model, "A red car", Exact)).Text("status"));
        Assert.InRange(app.PollsSeen(), polls, polls + 1);
        Assert.Equal(1, app.SubmitsSeen());
    }

    [Fact]
    public async Task A_remix_of_the_same_video_is_a_hit_also_as_an_edit_by_id()
    {
        await using var app = await ProxyApp.StartAsync();
        var source = (await app.CreateFinishedAsync(Model))["id"]!.GetValue<string>();
        var other = (await app.CreateFinishedAsync(Model))["id"]!.GetValue<string>();
        var first = await app.CallAsync("POST", $"v1/videos/{source}/remix", new { prompt = "snow" }, Exact);
        first.AssertMiss();
        (await app.CallAsync("POST", $"v1/videos/{source}/remix", new { prompt = "snow" }, Exact)).AssertHit(first);
        // Another way to write the id, and to ask for a remix.
        (await app.CallAsync("POST", $"v1/videos/{source}:openai/remix", new { prompt = "snow" }, Exact)).AssertHit(first);
        (await app.CallAsync("POST", "v1/videos/edits", new { prompt = "snow", video = new { id = source } }, Exact)).AssertHit(first);
        Assert.NotEqual(first.CacheId(), (await app.CallAsync("POST", $"v1/videos/{other}/remix", new { prompt = "snow" }, Exact)).CacheId());
    }

    [Fact]
    public async Task An_edit_of_a_file_is_a_hit_for_the_same_bytes()
    {
        await using var app = await ProxyApp.StartAsync();
        var first = await EditAsync([1, 2, 3]);
        first.AssertMiss();
        (await EditAsync([1, 2, 3])).AssertHit(first);
        (await EditAsync([1, 2, 4])).AssertMiss();

        Task<Reply> EditAsync(byte[] bytes) => app.FormAsync("v1/videos/edits", [("prompt", "snow"), ("model", Model), ("video", bytes)], Exact);
    }

    [Fact]
    public async Task An_extension_is_a_hit_for_the_same_seconds()
    {
        await using var app = await ProxyApp.StartAsync();
        var source = (await app.CreateFinishedAsync(Model))["id"]!.GetValue<string>();
        var first = await app.CallAsync("POST", "v1/videos/extensions", new { prompt = "on", seconds = "4", video = new { id = source } }, Exact);
        first.AssertMiss();
        (await app.CallAsync("POST", "v1/videos/extensions", new { prompt = "on", seconds = 4.0, video = new { id = source } }, Exact)).AssertHit(first);
        (await app.CallAsync("POST", "v1/videos/extensions", new { prompt = "on", seconds = 8, video = new { id = source } }, Exact)).AssertMiss();
    }

    [Fact]
    public async Task Other_operations_with_the_same_words_are_other_entries()
    {
        await using var app = await ProxyApp.StartAsync();
        var source = (await app.CreateFinishedAsync(Model))["id"]!.GetValue<string>();
        var replies = new[]
        {
            await app.CreateAsync(Model, "snow", Exact),
            await app.CallAsync("POST", $"v1/videos/{source}/remix", new { prompt = "snow" }, Exact),
            await app.CallAsync("POST", "v1/videos/extensions", new { prompt = "snow", seconds = "4", video = new { id = source } }, Exact),
            await app.FormAsync("v1/videos/edits", [("prompt", "snow"), ("model", Model), ("video", new byte[] { 1 })], Exact),
        };
        Assert.All(replies, r => r.AssertMiss());
        Assert.Equal(4, replies.Select(r => r.CacheId()).Distinct().Count());
    }

    [Fact]
    public async Task A_form_and_json_that_say_the_same_are_the_same()
    {
        await using var app = await ProxyApp.StartAsync();
        const string Image = "data:image/png;base64,AAEC";
        var first = await app.CallAsync(
            "POST", "v1/videos", new { model = Model, prompt = "x", seconds = 8, size = "1280x720", input_reference = new { image_url = Image } }, Exact);
        first.AssertMiss();
        (await app.FormAsync(
            "v1/videos", [("size", "1280X720"), ("prompt", "x"), ("seconds", "8.0"), ("input_reference[image_url]", Image), ("model", Model)],
            Exact)).AssertHit(first);
    }

    [Theory]
    [InlineData("""{"model":"gemini/gemini-omni-1.1-flash","prompt":"X"}""")]
    [InlineData("""{"model":"openai/sora-2-pro","prompt":"x"}""")]
    [InlineData("""{"model":"luma/ray-3.2","prompt":"x"}""")]
    [InlineData("""{"model":"gemini/gemini-omni-1.1-flash","prompt":"x","seconds":8}""")]
    [InlineData("""{"model":"gemini/gemini-omni-1.1-flash","prompt":"x","size":"1280x720"}""")]
    [InlineData("""{"model":"gemini/gemini-omni-1.1-flash","prompt":"x","seed":1}""")]
    [InlineData("""{"model":"gemini/gemini-omni-1.1-flash","prompt":"x","resolution":"1080p"}""")]
    [InlineData("""{"model":"gemini/gemini-omni-1.1-flash","prompt":"x","input_reference":"https://example.com/a.png"}""")]
    public async Task Any_difference_is_a_miss(string json)
    {
        await using var app = await ProxyApp.StartAsync();
        var first = await app.CallAsync("POST", "v1/videos", """{"model":"gemini/gemini-omni-1.1-flash","prompt":"x"}""", Exact);
        var second = await app.CallAsync("POST", "v1/videos", json, Exact);
        second.AssertMiss();
        Assert.NotEqual(first.CacheId(), second.CacheId());
    }

    [Theory]
    [InlineData("""{"model":"gemini/gemini-omni-1.1-flash","prompt":"x","user":"u","metadata":{"a":"b"},"style":"noir"}""")]
    [InlineData("""{"model":"gemini/gemini-omni-1.1-flash","prompt":"x","user":"v"}""")]
    public async Task What_the_target_is_not_sent_makes_no_difference(string json)
    {
        await using var app = await ProxyApp.StartAsync();
        var first = await app.CallAsync("POST", "v1/videos", """{"model":"gemini/gemini-omni-1.1-flash","prompt":"x"}""", Exact);
        (await app.CallAsync("POST", "v1/videos", json, Exact)).AssertHit(first);
    }

    [Fact]
    public async Task Names_that_mean_the_same_are_the_same_request()
    {
        await using var app = await ProxyApp.StartAsync();
        var first = await app.CallAsync(
            "POST", "v1/videos", """{"model":"gemini/gemini-omni-1.1-flash","prompt":"x","seconds":8,"input_reference":{"image_url":"https://example.com/a.png"}}""",
            Exact);
        first.AssertMiss();
        (await app.CallAsync(
            "POST", "v1/videos", """{"model":"gemini/gemini-omni-1.1-flash","prompt":"x","duration":"8s","images":["https://example.com/a.png"]}""",
            Exact)).AssertHit(first);
    }

    [Fact]
    public async Task Names_that_lead_to_the_same_model_are_the_same_request()
    {
        await using var app = await ProxyApp.StartAsync(new() { Settings = { ["RemixProxy:Models:mine:0"] = Model } });
        var first = await app.CreateAsync("mine", "x", Exact);
        var hit = await app.CreateAsync(Model, "x", Exact);
        hit.AssertHit(first);
        // The model as this video's own caller named it.
        Assert.Equal("mine", hit.Ok()["extra_fields"]!["model_requested"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_provider_that_can_t_tell_leaves_it_at_what_is_known()
    {
        var upstream = new Upstream();
        await using var app = await ProxyApp.StartAsync(new() { Sandbox = upstream.Sandbox });
        var first = await app.CreateAsync(Model, "x", Exact);
        app.Time.Advance(TimeSpan.FromMinutes(1));
        upstream.On("openai", r => r.Method == "GET", Upstream.Answers(500));
        (await app.CreateAsync(Model, "x", Exact)).AssertHit(first);
        Assert.Equal(1, app.SubmitsSeen());
    }
}
