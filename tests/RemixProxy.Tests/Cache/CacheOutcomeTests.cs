using RemixProxy.Cache;
using RemixProxy.Contract;
using RemixProxy.Jobs;
using RemixProxy.Jobs.Submissions;

namespace RemixProxy.Tests.Cache;

/// <summary>How each outcome shows itself: header, debug object, metrics, log.</summary>
public class CacheOutcomeTests
{
    private static readonly PromptMeasure Measure = new("builtin", "lexical-1", 4, Threshold: 0.85, Similarity: 0.7);

    private static readonly CacheOutcome.Missed Miss = new(new(new("0af", Scope: null), TimeSpan.FromDays(1), default));

    private static readonly VideoJob Job = new() { Id = new("task", "runway"), Caller = "", Video = new() { Id = "task:runway" }, SeenAt = default };

    private static readonly Submission Holder =
        Submission.Of(new("", VideoOperation.Create, "f", null, IsRetry: false, NoCache: false), DateTimeOffset.UnixEpoch);

    [Fact]
    public void Bypass_says_why()
    {
        var outcome = new CacheOutcome.Bypassed("no-store");
        Shows(outcome, "RemixProxy; fwd=bypass; detail=no-store", "bypass", "none", "bypass");
        Assert.Equal(new CacheDebug { CacheHit = false }, outcome.Debug);
        Shows(outcome.WithStoreAway(), "RemixProxy; fwd=bypass; detail=store-unavailable", "bypass", "none", "bypass");
    }

    [Fact]
    public void Miss_names_its_entry_and_what_failed()
    {
        Shows(Miss, "RemixProxy; fwd=uri-miss; key=\"0af\"", "miss", "none", "miss");
        Shows(Miss with { Stored = true }, "RemixProxy; fwd=uri-miss; stored; key=\"0af\"", "miss", "none", "miss");
        Shows(Miss with { Fault = CacheFault.Embedder }, "RemixProxy; fwd=uri-miss; key=\"0af\"; detail=embedder-unavailable", "error", "none", "error");
        Shows(Miss with { Promptless = true }, "RemixProxy; fwd=uri-miss; key=\"0af\"; detail=prompts-not-kept", "miss", "none", "miss");
        Shows(Miss.WithStoreAway(), "RemixProxy; fwd=uri-miss; key=\"0af\"; detail=store-unavailable", "error", "none", "error");
        var notAsked = Miss with { Fault = CacheFault.NotAsked };
        Shows(notAsked, "RemixProxy; fwd=miss; key=\"0af\"; detail=store-unavailable", "error", "none", "error");
        Assert.Equal(notAsked, notAsked.WithStoreAway());
        Assert.Equal(new CacheDebug { CacheHit = false, CacheId = "0af" }, Miss.Debug);
        Assert.Equal(
            new CacheDebug
            {
                CacheHit = false, CacheId = "0af", ProviderUsed = "builtin", ModelUsed = "lexical-1", InputTokens = 4, Threshold = 0.85, Similarity = 0.7,
            },
            (Miss with { Measure = Measure }).Debug);
    }

    [Fact]
    public void Miss_of_a_caller_that_wants_a_new_video_names_no_key()
    {
        var miss = Miss with { NoCache = true };
        Shows(miss, "RemixProxy; fwd=request; detail=no-cache", "bypass", "none", "bypass");
        Shows(miss with { Fault = CacheFault.Embedder }, "RemixProxy; fwd=request; detail=embedder-unavailable", "bypass", "none", "bypass");
    }

    [Fact]
    public void Hit_says_what_answered()
    {
        var hit = new CacheOutcome.Hit(Job, "0b1", CacheOutcome.Tiers.Semantic) { Measure = Measure with { Similarity = 0.9 } };
        Shows(hit, "RemixProxy; hit; detail=semantic", "hit", "semantic", "semantic");
        Assert.Equal(
            new CacheDebug
            {
                CacheHit = true, CacheId = "0b1", HitType = "semantic", ProviderUsed = "builtin", ModelUsed = "lexical-1", InputTokens = 4, Threshold = 0.85,
                Similarity = 0.9,
            },
            hit.Debug);
        Assert.Equal(hit, hit.WithStoreAway());
    }

    [Fact]
    public void Shared_end_is_a_hit_with_a_video_and_a_collapsed_miss_without()
    {
        var shared = new CacheOutcome.Shared(Holder, "0af", Job);
        Shows(shared, "RemixProxy; hit; detail=in_flight", "hit", "in_flight", "in_flight");
        Assert.Equal(new CacheDebug { CacheHit = true, CacheId = "0af", HitType = "in_flight" }, shared.Debug);
        Shows(shared with { Job = null }, "RemixProxy; fwd=uri-miss; collapsed; key=\"0af\"; detail=in_flight", "miss", "in_flight", "in_flight");
    }

    private static void Shows(CacheOutcome outcome, string status, string result, string tier, string word) =>
        Assert.Equal((status, result, tier, word), (outcome.Status.ToString(), outcome.Result, outcome.Tier, outcome.Word));
}
