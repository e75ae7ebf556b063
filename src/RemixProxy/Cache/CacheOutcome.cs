using RemixProxy.Contract;
using RemixProxy.Jobs;
using RemixProxy.Jobs.Submissions;

namespace RemixProxy.Cache;

/// <summary>What the cache says to a submit. Debug object, header and metrics are made from it.</summary>
internal abstract record CacheOutcome
{
    private CacheOutcome()
    {
    }

    /// <summary>For <c>extra_fields.cache_debug</c>.</summary>
    public abstract CacheDebug Debug { get; }

    /// <summary>For <c>Cache-Status</c>.</summary>
    public abstract CacheStatus Status { get; }

    /// <summary>For metrics: one of <see cref="Results"/>.</summary>
    public abstract string Result { get; }

    /// <summary>For metrics: which part of the cache answered; one of <see cref="Tiers"/>.</summary>
    public virtual string Tier => Tiers.None;

    /// <summary>For the log: the part that answered, else the result.</summary>
    public string Word => Tier == Tiers.None ? Result : Tier;

    /// <summary>The same, after the store failed to take what was to be stored.</summary>
    public virtual CacheOutcome WithStoreAway() => this;

    /// <summary>The request has nothing to do with the cache.</summary>
    /// <param name="Reason">Why, in a word.</param>
    public sealed record Bypassed(string Reason) : CacheOutcome
    {
        public override CacheDebug Debug => new() { CacheHit = false };

        public override CacheStatus Status => new() { Forward = "bypass", Detail = Reason };

        public override string Result => Results.Bypass;

        public override CacheOutcome WithStoreAway() => this with { Reason = CacheStatus.StoreUnavailable };
    }

    /// <summary>No video answers it. It is to be sent, and its job will be stored.</summary>
    /// <param name="New">Where its job will stand.</param>
    public sealed record Missed(NewEntry New) : CacheOutcome
    {
        /// <summary>The caller wanted no look-up.</summary>
        public bool NoCache { get; init; }

        /// <summary>What kept the cache from doing its work.</summary>
        public CacheFault Fault { get; init; }

        /// <summary>How the prompt was compared; null where it was not.</summary>
        public PromptMeasure? Measure { get; init; }

        /// <summary>The job is stored.</summary>
        public bool Stored { get; init; }

        public override CacheDebug Debug => Measured(new() { CacheHit = false, CacheId = New.Entry.Entry }, Measure);

        public override CacheStatus Status => new()
        {
            Forward = NoCache ? "request" : Fault == CacheFault.NotAsked ? "miss" : "uri-miss",
            Key = NoCache ? null : New.Entry.Entry,
            Stored = Stored,
            Detail = Fault switch
            {
                CacheFault.NotAsked or CacheFault.Store => CacheStatus.StoreUnavailable,
                CacheFault.Embedder => CacheStatus.EmbedderUnavailable,
                _ => NoCache ? "no-cache" : null,
            },
        };

        public override string Result => NoCache ? Results.Bypass : Fault == CacheFault.None ? Results.Miss : Results.Error;

        public override CacheOutcome WithStoreAway() => Fault == CacheFault.NotAsked ? this : this with { Fault = CacheFault.Store };
    }

    /// <summary>A stored video answers it.</summary>
    /// <param name="Job">Its job, in its present state.</param>
    /// <param name="Entry">The entry that named it.</param>
    /// <param name="HitType"><see cref="Tiers.Direct"/> or <see cref="Tiers.Semantic"/>.</param>
    public sealed record Hit(VideoJob Job, string Entry, string HitType) : CacheOutcome
    {
        /// <summary>How the prompt was compared; null where it was not.</summary>
        public PromptMeasure? Measure { get; init; }

        public override CacheDebug Debug => Measured(new() { CacheHit = true, CacheId = Entry, HitType = HitType }, Measure);

        public override CacheStatus Status => new() { Hit = true, Detail = HitType };

        public override string Result => Results.Hit;

        public override string Tier => HitType;
    }

    /// <summary>It joined an identical submit under way and ends as that one did.</summary>
    /// <param name="End">How that one ended.</param>
    /// <param name="Entry">The entry that both are for.</param>
    /// <param name="Job">The video of that one, as it was accepted; null where it has none.</param>
    public sealed record Shared(Submission End, string Entry, VideoJob? Job) : CacheOutcome
    {
        public override CacheDebug Debug => new() { CacheHit = Job is not null, CacheId = Entry, HitType = Job is null ? null : Tier };

        public override CacheStatus Status => Job is not null
            ? new() { Hit = true, Detail = Tier }
            : new() { Forward = "uri-miss", Collapsed = true, Key = Entry, Detail = Tier };

        public override string Result => Job is null ? Results.Miss : Results.Hit;

        public override string Tier => Tiers.InFlight;
    }

    /// <summary>How a look-up ended, for metrics.</summary>
    public static class Results
    {
        /// <summary>A video was found.</summary>
        public const string Hit = "hit";

        /// <summary>None was found.</summary>
        public const string Miss = "miss";

        /// <summary>Nothing was looked up.</summary>
        public const string Bypass = "bypass";

        /// <summary>The store or the embedder failed.</summary>
        public const string Error = "error";
    }

    /// <summary>What answered, for metrics and <c>hit_type</c>.</summary>
    public static class Tiers
    {
        /// <summary>The video of an equal request.</summary>
        public const string Direct = "direct";

        /// <summary>The video of a prompt that means the same.</summary>
        public const string Semantic = "semantic";

        /// <summary>An identical submit under way.</summary>
        public const string InFlight = "in_flight";

        /// <summary>Nothing.</summary>
        public const string None = "none";
    }

    private static CacheDebug Measured(CacheDebug debug, PromptMeasure? measure) => measure is null
        ? debug
        : debug with
        {
            ProviderUsed = measure.Provider,
            ModelUsed = measure.Model,
            InputTokens = measure.InputTokens,
            Threshold = measure.Threshold,
            Similarity = measure.Similarity,
        };
}

/// <summary>What kept the cache from doing its work.</summary>
internal enum CacheFault
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>The store was away, so that nothing was looked up.</summary>
    NotAsked,

    /// <summary>The store was away later.</summary>
    Store,

    /// <summary>The embedder was away: only the exact part was asked.</summary>
    Embedder,
}

/// <summary>How a prompt was compared with others.</summary>
/// <param name="Provider">Whose embedder measured it.</param>
/// <param name="Model">By which model.</param>
/// <param name="InputTokens">What the embedder counted; null where it doesn't.</param>
/// <param name="Threshold">The least similarity of a hit, 0–1.</param>
/// <param name="Similarity">That of the nearest video alive, 0–1; null where there was none.</param>
internal sealed record PromptMeasure(string Provider, string? Model, int? InputTokens, double Threshold, double? Similarity = null);

/// <summary>An entry to be.</summary>
/// <param name="Entry">Where it will stand.</param>
/// <param name="Ttl">How long at most.</param>
/// <param name="Vector">The prompt's, where the entry has a scope for it.</param>
internal sealed record NewEntry(CacheEntry Entry, TimeSpan Ttl, ReadOnlyMemory<float> Vector);
