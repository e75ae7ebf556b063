using RemixProxy.FunctionalTests.Kit;

namespace RemixProxy.FunctionalTests.Submits;

/// <summary><c>Idempotency-Key</c>: the same request once, another one never.</summary>
public sealed class IdempotencyKeyTests(FaultyProviders providers) : IClassFixture<FaultyProviders>
{
    private const string Model = "openai/sora-2";

    [Fact]
    public async Task The_same_request_gets_the_same_video_in_its_present_state_also_against_no_cache()
    {
        var (app, prompt, seen) = Begin();
        var first = await CreateAsync(prompt, "same");
        await app.FinishAsync(first.Id);

        var second = await CreateAsync(prompt, "same", ("Cache-Control", "no-cache"));
        Assert.Equal((first.Id, true, false), (second.Id, second.IsReplayed, first.IsReplayed));
        Assert.Equal("completed", second.Json["status"]!.GetValue<string>());
        Assert.False(second.Json["extra_fields"]!["cache_debug"]!["cache_hit"]!.GetValue<bool>());
        Assert.Equal(seen + 1, app.SubmitsSeen());
    }

    [Fact]
    public async Task Another_request_is_422_while_the_first_is_under_way_and_afterwards()
    {
        var (app, prompt, seen) = Begin();
        var gate = new Gate();
        providers.Upstream.OnSubmit("openai", gate.HoldAsync);
        var first = CreateAsync(prompt, "taken");
        await gate.Arrived;
        (await CreateAsync(providers.NewPrompt(), "taken")).AssertError(422, "idempotency_key_reused");
        gate.Open();
        _ = (await first).Id;
        (await CreateAsync(providers.NewPrompt(), "taken")).AssertError(422, "idempotency_key_reused");
        Assert.Equal(seen + 1, app.SubmitsSeen());
    }

    [Fact]
    public async Task Many_at_once_are_one_submit()
    {
        var (app, prompt, seen) = Begin();
        var replies = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => CreateAsync(prompt, "many")));
        Assert.Single(replies.Select(r => r.Id).Distinct());
        Assert.Equal(7, replies.Count(r => r.IsReplayed));
        Assert.Equal(seen + 1, app.SubmitsSeen());
    }

    [Fact]
    public async Task A_refusal_that_created_nothing_releases_the_key_for_whatever_comes_next()
    {
        var (app, prompt, seen) = Begin();
        providers.Upstream.OnSubmit("openai", Upstream.Answers(429));
        (await CreateAsync(prompt, "released")).AssertError(429, "rate_limit_exceeded");
        providers.Upstream.Heal();
        var other = await CreateAsync(providers.NewPrompt(), "released");
        Assert.False(other.IsReplayed);
        Assert.EndsWith(":openai", other.Id, StringComparison.Ordinal);
        Assert.Equal(seen + 2, app.SubmitsSeen());
    }

    [Fact]
    public async Task An_unknown_outcome_keeps_the_key_for_a_day()
    {
        var (app, prompt, seen) = Begin();
        providers.Upstream.OnSubmit("openai", Upstream.Drops);
        (await CreateAsync(prompt, "kept")).AssertError(424, "submission_unknown");
        providers.Upstream.Heal();
        app.Time.Advance(TimeSpan.FromHours(23.9));
        (await CreateAsync(prompt, "kept")).AssertError(424, "submission_unknown");
        (await CreateAsync(providers.NewPrompt(), "kept")).AssertError(422, "idempotency_key_reused");
        Assert.Equal(seen + 1, app.SubmitsSeen());

        app.Time.Advance(TimeSpan.FromHours(0.2));
        Assert.False((await CreateAsync(prompt, "kept")).IsReplayed);
        Assert.Equal(seen + 2, app.SubmitsSeen());
    }

    [Fact]
    public async Task A_deleted_video_is_404_and_nothing_is_sent()
    {
        var (app, prompt, seen) = Begin();
        var first = await CreateAsync(prompt, "deleted");
        Assert.Equal(200, (await app.CallAsync("DELETE", "v1/videos/" + first.Id)).Status);
        (await CreateAsync(prompt, "deleted")).AssertError(404, "video_not_found");
        Assert.Equal(seen + 1, app.SubmitsSeen());
    }

    [Fact]
    public async Task A_key_is_of_one_operation()
    {
        var (app, prompt, seen) = Begin();
        var source = await CreateAsync(prompt, "scoped");
        await app.FinishAsync(source.Id);
        var remix = await app.CallAsync("POST", $"v1/videos/{source.Id}/remix", new { prompt }, ("Idempotency-Key", "scoped"));
        var extension = await app.CallAsync(
            "POST", "v1/videos/extensions", new { prompt, seconds = "4", video = new { id = source.Id } }, ("Idempotency-Key", "scoped"));
        Assert.Equal(3, new HashSet<string>(StringComparer.Ordinal) { source.Id, remix.Id, extension.Id }.Count);
        Assert.Equal(seen + 3, app.SubmitsSeen());
    }

    [Fact]
    public async Task The_remix_of_another_source_is_another_request()
    {
        var (app, _, _) = Begin();
        var one = (await app.CreateFinishedAsync(Model, providers.NewPrompt()))["id"]!.GetValue<string>();
        var two = (await app.CreateFinishedAsync(Model, providers.NewPrompt()))["id"]!.GetValue<string>();
        Assert.Equal(200, (await app.CallAsync("POST", $"v1/videos/{one}/remix", new { prompt = "snow" }, ("Idempotency-Key", "source"))).Status);
        (await app.CallAsync("POST", $"v1/videos/{two}/remix", new { prompt = "snow" }, ("Idempotency-Key", "source"))).AssertError(
            422, "idempotency_key_reused");
    }

    [Fact]
    public async Task The_order_and_the_spaces_of_a_body_are_not_part_of_the_request()
    {
        var (app, prompt, seen) = Begin();
        var first = await app.CallAsync("POST", "v1/videos", $$"""{"model":"{{Model}}","prompt":"{{prompt}}"}""", ("Idempotency-Key", "order"));
        var second = await app.CallAsync("POST", "v1/videos", $$"""{ "prompt" : "{{prompt}}" , "model" : "{{Model}}" }""", ("Idempotency-Key", "order"));
        Assert.Equal(first.Id, second.Id);
        Assert.Equal(seen + 1, app.SubmitsSeen());
    }

    [Fact]
    public async Task A_file_is_part_of_the_request()
    {
        var (app, prompt, seen) = Begin();
        Assert.Equal(200, (await EditAsync(prompt, [1, 2, 3])).Status);
        Assert.True((await EditAsync(prompt, [1, 2, 3])).IsReplayed);
        (await EditAsync(prompt, [1, 2, 4])).AssertError(422, "idempotency_key_reused");
        Assert.Equal(seen + 1, app.SubmitsSeen());
    }

    [Theory]
    [InlineData("")]
    [InlineData("two words")]
    [InlineData("256")]
    public async Task A_key_that_is_none_is_400_before_anything_is_sent(string key)
    {
        var (app, prompt, seen) = Begin();
        var reply = await CreateAsync(prompt, key == "256" ? new('k', 256) : key);
        reply.AssertError(400, "invalid_value");
        Assert.Equal(("Idempotency-Key", seen), (reply.Param, app.SubmitsSeen()));
    }

    [Fact]
    public async Task A_key_of_255_characters_is_a_key()
    {
        var (_, prompt, _) = Begin();
        Assert.Equal((await CreateAsync(prompt, new('k', 255))).Id, (await CreateAsync(prompt, new('k', 255))).Id);
    }

    private (ProxyApp App, string Prompt, int Seen) Begin()
    {
        providers.Upstream.Heal();
        return (providers.App, providers.NewPrompt(), providers.App.SubmitsSeen());
    }

    private Task<Reply> CreateAsync(string prompt, string key, params (string Name, string Value)[] headers) =>
        providers.App.CreateAsync(Model, prompt, [("Idempotency-Key", key), .. headers]);

    private async Task<Reply> EditAsync(string prompt, byte[] video)
    {
        using var form = new MultipartFormDataContent { { new StringContent(prompt), "prompt" }, { new StringContent(Model), "model" },
            { new ByteArrayContent(video) { Headers = { ContentType = new("video/mp4") } }, "video", "a.mp4" } };
        using var request = new HttpRequestMessage(HttpMethod.Post, "v1/videos/edits") { Content = form, Headers = { { "Idempotency-Key", "file" } } };
        return await providers.App.SendAsync(request);
    }
}
