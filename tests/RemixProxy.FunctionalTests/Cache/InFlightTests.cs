using RemixProxy.FunctionalTests.Kit;
using RemixProxy.FunctionalTests.Submits;
using RemixProxy.Jobs.Submissions;
using static RemixProxy.FunctionalTests.Cache.CacheReplies;

namespace RemixProxy.FunctionalTests.Cache;

/// <summary>Equal requests while the first is still being submitted.</summary>
public class InFlightTests
{
    private const int Many = 20;

    private readonly Upstream _upstream = new();
    private readonly Gate _gate = new();
    private readonly WatchedStores _store = new();

    [Fact]
    public async Task They_share_its_job()
    {
        await using var app = await StartAsync();
        _upstream.OnSubmit("openai", _gate.HoldAsync);
        var first = app.CreateAsync(Model, "x", Exact);
        await _gate.Arrived;
        var others = Enumerable.Range(1, Many).Select(i => app.CreateAsync(Model, "x", Exact, ("Idempotency-Key", $"k{i % 2}{i}"))).ToArray();
        await _store.WaitersAsync(Many);
        _gate.Open();
        (await first).AssertMiss();
        foreach (var other in await Task.WhenAll(others)) other.AssertHit(await first, "in_flight");
        (await app.CreateAsync(Model, "x", Exact)).AssertHit(await first);
        Assert.Equal(1, app.SubmitsSeen());
        Assert.Single(await app.ListAsync());
    }

    [Theory]
    [InlineData(400, 400, "invalid_value", null)]
    [InlineData(429, 429, "rate_limit_exceeded", "7")]
    [InlineData(500, 424, "submission_unknown", null)]
    public async Task Its_failure_is_theirs_and_nobody_submits_again(int native, int status, string code, string? retryAfter)
    {
        await using var app = await StartAsync();
        _upstream.OnSubmit("openai", (http, rest) => _gate.HoldAsync(http, c => Upstream.Answers(native, headers: [("Retry-After", "7")])(c, rest)));
        var first = app.CreateAsync(Model, "x", Exact);
        await _gate.Arrived;
        var others = Enumerable.Range(0, Many).Select(_ => app.CreateAsync(Model, "x", Exact)).ToArray();
        await _store.WaitersAsync(Many);
        _gate.Open();
        (await first).AssertError(status, code);
        Assert.StartsWith("RemixProxy; fwd=uri-miss; key=", (await first).CacheStatus(), StringComparison.Ordinal);
        foreach (var other in await Task.WhenAll(others))
        {
            other.AssertError(status, code);
            Assert.Equal(((await first).Json["error"]!.ToJsonString(), retryAfter), (other.Json["error"]!.ToJsonString(), other.Header("Retry-After")));
            Assert.Contains("; collapsed; ", other.CacheStatus(), StringComparison.Ordinal);
        }

        Assert.Equal(1, app.SubmitsSeen());

        // A refusal leaves nothing behind; what may have been billed is not sent again by reflex.
        _upstream.Heal();
        var again = await app.CreateAsync(Model, "x", Exact);
        if (status == 424) again.AssertError(424, "submission_unknown");
        else again.AssertMiss();
    }

    [Fact]
    public async Task They_outlive_the_caller_of_the_first()
    {
        await using var app = await StartAsync();
        _upstream.OnSubmit("openai", _gate.HoldAsync);
        using var hangUp = new CancellationTokenSource();
        var request = Calls.Request("POST", "v1/videos", new { model = Model, prompt = "x" }, Exact);
        var first = app.SendUntilAsync(request, hangUp.Token);
        await _gate.Arrived;
        // It has another key, so it is a new request and no repeat.
        var second = app.CreateAsync(Model, "x", Exact, ("Idempotency-Key", "k"));
        await _store.WaitersAsync(1);
        await hangUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        request.Dispose();
        _gate.Open();
        Assert.Equal("in_flight", (await second).HitType());
        Assert.Equal(1, app.SubmitsSeen());
    }

    [Fact]
    public async Task Off_no_cache_and_no_store_neither_join_nor_are_joined()
    {
        await using var app = await StartAsync();
        foreach (var header in new (string, string)[] { ("x-remix-cache", "off"), NoCache, ("Cache-Control", "no-store") })
        {
            var (gate, prompt) = (new Gate(), $"with {header}");
            _upstream.OnSubmit("openai", gate.HoldAsync);
            var first = app.CreateAsync(Model, prompt, header.Item1 == "x-remix-cache" ? [header] : [Exact, header]);
            await gate.Arrived;
            _upstream.Heal();
            var second = await app.CreateAsync(Model, prompt, Exact);
            second.AssertMiss();
            gate.Open();
            Assert.NotEqual(second.Id, (await first).Id);

            gate = new();
            _upstream.OnSubmit("openai", gate.HoldAsync);
            var third = app.CreateAsync(Model, prompt + " again", Exact);
            await gate.Arrived;
            _upstream.Heal();
            var fourth = await app.CreateAsync(Model, prompt + " again", header.Item1 == "x-remix-cache" ? [header] : [Exact, header]);
            gate.Open();
            Assert.NotEqual(fourth.Id, (await third).Id);
        }
    }

    [Fact]
    public async Task When_its_holder_dies_before_sending_one_of_them_takes_over_and_the_holder_sends_nothing()
    {
        await using var app = await StartAsync();
        var held = HoldFirst();
        var first = app.CreateAsync(Model, "x", Exact);
        var holder = await held.Holder;
        _upstream.OnSubmit("openai", _gate.HoldAsync);
        var others = Enumerable.Range(0, Many).Select(_ => app.CreateAsync(Model, "x", Exact)).ToArray();
        await _store.WaitersAsync(Many);

        // As a store does that has not heard of it for longer than its lease.
        await _store.Submissions.MoveAsync(holder, s => s with { State = SubmissionState.Refused }, CancellationToken.None);
        await _gate.Arrived;
        await _store.WaitersAsync(Many + Many - 1);
        _gate.Open();
        var replies = await Task.WhenAll(others);
        var taker = Assert.Single(replies, r => r.HitType() is null);
        taker.AssertMiss();
        foreach (var other in replies.Where(r => r != taker)) other.AssertHit(taker, "in_flight");

        held.Release();
        (await first).AssertError(409, "submission_in_progress");
        Assert.Equal(("2", null), ((await first).Header("Retry-After"), (await first).Header("x-should-retry")));
        Assert.Equal(1, app.SubmitsSeen());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_repeat_of_one_whose_holder_died_before_sending_becomes_the_submit(bool byKey)
    {
        await using var app = await StartAsync();
        var held = HoldFirst();
        (string, string)[] headers = byKey ? [("Idempotency-Key", "k")] : [("X-Stainless-Retry-Count", "1")];
        var first = app.CreateAsync(Model, "x", headers);
        var holder = await held.Holder;
        var repeat = app.CreateAsync(Model, "x", headers);
        await _store.WaitersAsync(1);
        await _store.Submissions.MoveAsync(holder, s => s with { State = SubmissionState.Refused }, CancellationToken.None);
        Assert.False((await repeat).IsReplayed);
        Assert.Equal((await repeat).Id, Assert.Single(await app.ListAsync()));
        held.Release();
        (await first).AssertError(409, "submission_in_progress");
        Assert.Equal(1, app.SubmitsSeen());
    }

    [Fact]
    public async Task A_holder_that_others_gave_up_while_it_may_have_sent_is_unknown()
    {
        await using var app = await StartAsync();
        var held = HoldFirst();
        var first = app.CreateAsync(Model, "x", Exact);
        var holder = await held.Holder;
        await _store.Submissions.MoveAsync(holder, s => s with { State = SubmissionState.Unknown }, CancellationToken.None);
        held.Release();
        (await first).AssertError(424, "submission_unknown");
        Assert.Equal(0, app.SubmitsSeen());
    }

    [Fact]
    public async Task They_wait_no_longer_than_their_own_deadline()
    {
        await using var app = await StartAsync();
        var held = HoldFirst();
        var first = app.CreateAsync(Model, "x", Exact);
        await held.Holder;
        var second = app.CreateAsync(Model, "x", Exact);
        await _store.WaitersAsync(1);
        app.Time.Advance(TimeSpan.FromSeconds(55));
        var reply = await second;
        reply.AssertError(409, "submission_in_progress");
        Assert.Equal("2", reply.Header("Retry-After"));
        Assert.EndsWith("; detail=in_flight", reply.CacheStatus(), StringComparison.Ordinal);
        held.Release();
        (await first).AssertError(504, "provider_timeout");
        Assert.Equal(0, app.SubmitsSeen());
    }

    /// <summary>Holds the first submission that is about to move, until it is released.</summary>
    private Held HoldFirst()
    {
        var held = new Held();
        _store.BeforeMove = held.PassAsync;
        return held;
    }

    private Task<ProxyApp> StartAsync() => ProxyApp.StartAsync(new() { Sandbox = _upstream.Sandbox, Proxy = _store.Install });

    private sealed class Held
    {
        private readonly TaskCompletionSource<Submission> _holder = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);

        private string? _id;

        public Task<Submission> Holder => _holder.Task.WaitAsync(TimeSpan.FromSeconds(30));

        public void Release() => _released.SetResult();

        public Task PassAsync(Submission submission)
        {
            Interlocked.CompareExchange(ref _id, submission.Id, null);
            if (_id == submission.Id) _holder.TrySetResult(submission);
            return _id == submission.Id ? _released.Task : Task.CompletedTask;
        }
    }
}
