using RemixProxy.FunctionalTests.Kit;

namespace RemixProxy.FunctionalTests.Submits;

/// <summary>Requests without a key: what repeats an earlier one, and what is a new wish.</summary>
public sealed class RepeatTests(FaultyProviders providers) : IClassFixture<FaultyProviders>
{
    private const string Model = "openai/sora-2";

    private static readonly (string Name, string Value) Retry = ("X-Stainless-Retry-Count", "1");
    private static readonly (string Name, string Value) NoCache = ("Cache-Control", "no-cache");

    [Fact]
    public async Task A_second_identical_request_is_a_new_wish()
    {
        var (app, prompt, seen) = Begin();
        var (first, second) = (await app.CreateAsync(Model, prompt), await app.CreateAsync(Model, prompt, ("X-Stainless-Retry-Count", "0")));
        Assert.NotEqual(first.Id, second.Id);
        Assert.False(second.IsReplayed);
        Assert.Equal(seen + 2, app.SubmitsSeen());
    }

    [Fact]
    public async Task Two_at_once_are_two_wishes()
    {
        var (app, prompt, seen) = Begin();
        var replies = await Task.WhenAll(app.CreateAsync(Model, prompt), app.CreateAsync(Model, prompt));
        Assert.NotEqual(replies[0].Id, replies[1].Id);
        Assert.Equal(seen + 2, app.SubmitsSeen());
    }

    [Fact]
    public async Task What_the_SDK_sends_again_gets_the_latest_identical_video_whatever_the_cache_mode()
    {
        var (app, prompt, seen) = Begin();
        _ = await app.CreateAsync(Model, prompt);
        var latest = await app.CreateAsync(Model, prompt);
        var again = await app.CreateAsync(Model, prompt, Retry, NoCache);
        Assert.Equal((latest.Id, true), (again.Id, again.IsReplayed));
        Assert.False(again.Json["extra_fields"]!["cache_debug"]!["cache_hit"]!.GetValue<bool>());
        Assert.Equal(seen + 2, app.SubmitsSeen());
    }

    [Fact]
    public async Task A_retry_of_a_request_that_never_came_is_sent()
    {
        var (app, prompt, seen) = Begin();
        Assert.False((await app.CreateAsync(Model, prompt, Retry)).IsReplayed);
        Assert.Equal(seen + 1, app.SubmitsSeen());
    }

    [Fact]
    public async Task A_retry_of_a_refusal_that_created_nothing_is_sent()
    {
        var (app, prompt, seen) = Begin();
        providers.Upstream.OnSubmit("openai", Upstream.Answers(429));
        Assert.Equal(429, (await app.CreateAsync(Model, prompt)).Status);
        providers.Upstream.Heal();
        Assert.False((await app.CreateAsync(Model, prompt, Retry)).IsReplayed);
        Assert.Equal(seen + 2, app.SubmitsSeen());
    }

    [Fact]
    public async Task After_424_only_ten_minutes_or_no_cache_make_it_new()
    {
        var (app, prompt, seen) = Begin();
        providers.Upstream.OnSubmit("openai", Upstream.Drops);
        Assert.Equal(424, (await app.CreateAsync(Model, prompt)).Status);
        providers.Upstream.Heal();
        app.Time.Advance(TimeSpan.FromMinutes(10));
        (await app.CreateAsync(Model, prompt)).AssertError(424, "submission_unknown");
        (await app.CreateAsync(Model, prompt, Retry, NoCache)).AssertError(424, "submission_unknown");
        Assert.Equal(seen + 1, app.SubmitsSeen());

        app.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.False((await app.CreateAsync(Model, prompt, Retry)).IsReplayed);
        Assert.Equal(seen + 2, app.SubmitsSeen());
    }

    [Fact]
    public async Task After_424_no_cache_without_a_retry_count_is_a_new_wish()
    {
        var (app, prompt, seen) = Begin();
        providers.Upstream.OnSubmit("openai", Upstream.Drops);
        Assert.Equal(424, (await app.CreateAsync(Model, prompt)).Status);
        providers.Upstream.Heal();
        Assert.False((await app.CreateAsync(Model, prompt, NoCache)).IsReplayed);
        Assert.Equal(seen + 2, app.SubmitsSeen());
    }

    [Fact]
    public async Task A_repeat_of_another_operation_is_none()
    {
        var (app, prompt, _) = Begin();
        var source = await app.CreateAsync(Model, prompt);
        await app.FinishAsync(source.Id);
        Assert.False((await app.CallAsync("POST", $"v1/videos/{source.Id}/remix", new { prompt }, Retry)).IsReplayed);
    }

    private (ProxyApp App, string Prompt, int Seen) Begin()
    {
        providers.Upstream.Heal();
        return (providers.App, providers.NewPrompt(), providers.App.SubmitsSeen());
    }
}
