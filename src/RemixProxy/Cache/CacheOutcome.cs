using RemixProxy.Contract;
using RemixProxy.Jobs;
using RemixProxy.Jobs.Submissions;

namespace RemixProxy.Cache;

/// <summary>What a cache look-up says to a submit. The debug object, the header and the metrics are made from it.</summary>
internal abstract record CacheOutcome
{
    private CacheOutcome()
    {
    }

    /// <summary>The object <c>extra_fields.cache_debug</c>.</summary>
    public abstract CacheDebug Debug { get; }

    /// <summary>The header <c>Cache-Status</c>.</summary>
    public abstract CacheStatus Status { get; }

    /// <summary>The result for metrics, one of <see cref="Results"/>.</summary>
    public abstract string Result { get; }

    /// <summary>The part of the cache that answered, for metrics: one of <see cref="Tiers"/>.</summary>
    public virtual string Tier => Tiers.None;

    /// <summary>The word for the log: the part that answered, else the result.</summary>
    public string Word => Tier == Tiers.None ? Result : Tier;

    /// <summary>This outcome after the store failed while the video was remembered.</summary>
    public virtual CacheOutcome WithStoreAway() => this;

    /// <summary>The cache was bypassed.</summary>
    /// <param name="Reason">The reason in one word, for <c>Cache-Status</c>.</param>
    public sealed record Bypassed(string Reason) : CacheOutcome
    {
        public override CacheDebug Debug => new() { CacheHit = false };

        public override CacheStatus Status => new() { Forward = "bypass", Detail = Reason };

        public override string Result => Results.Bypass;

        public override CacheOutcome WithStoreAway() => this with { Reason = CacheStatus.StoreUnavailable };
    }

    /// <summary>No video answers the request. It has to be sent, and its job will be stored.</summary>
    /// <param name="New">The entry to store.</param>
    public sealed record Missed(NewEntry New) : CacheOutcome
    {
        /// <summary>Whether the caller asked for no look-up.</summary>
        public bool NoCache { get; init; }

        /// <summary>See <see cref="CachePolicy.Promptless"/>.</summary>
        public bool Promptless { get; init; }

        /// <summary>What kept the cache from doing its work.</summary>
        public CacheFault Fault { get; init; }

        /// <summary>How the prompt was compared; null if it was not.</summary>
        public PromptMeasure? Measure { get; init; }

        /// <summary>Whether the job is stored.</summary>
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
                _ => NoCache ? "no-cache" : Promptless ? CacheStatus.PromptsNotKept : null,
            },
        };

        public override string Result => NoCache ? Results.Bypass : Fault == CacheFault.None ? Results.Miss : Results.Error;

        public override CacheOutcome WithStoreAway() => Fault == CacheFault.NotAsked ? this : this with { Fault = CacheFault.Store };
    }

    /// <summary>A stored video answers the request.</summary>
    /// <param name="Job">The job of the video, in its present state.</param>
    /// <param name="Entry">The <c>cache_id</c> of the entry that names it.</param>
    /// <param name="HitType"><see cref="Tiers.Direct"/> or <see cref="Tiers.Semantic"/>.</param>
    public sealed record Hit(VideoJob Job, string Entry, string HitType) : CacheOutcome
    {
        /// <summary>How the prompt was compared; null if it was not.</summary>
        public PromptMeasure? Measure { get; init; }

        public override CacheDebug Debug => Measured(new() { CacheHit = true, CacheId = Entry, HitType = HitType }, Measure);

        public override CacheStatus Status => new() { Hit = true, Detail = HitType };

        public override string Result => Results.Hit;

        public override string Tier => HitType;
    }

    /// <summary>The submit waited for an identical one under way, and ends as that one did.</summary>
    /// <param name="End">The other submit after its end.</param>
    /// <param name="Entry">The <c>cache_id</c> of both.</param>
    /// <param name="Job">The video that the other submit was accepted with, as stored now; null if it has none.</param>
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

    /// <summary>The part of the cache that answered, for metrics and <c>hit_type</c>.</summary>
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

    /// <summary>The store was away before the submit held the claim, so nothing more was looked up.</summary>
    NotAsked,

    /// <summary>The store was away later: while searching by similarity, or while storing.</summary>
    Store,

    /// <summary>The embedder was away, so only the exact entry was looked up.</summary>
    Embedder,
}

/// <summary>How a prompt was compared with those of stored videos.</summary>
/// <param name="Provider">The embedder's name.</param>
/// <param name="Model">The embedder's model; null if it names none.</param>
/// <param name="InputTokens">The tokens that the embedder counted; null if it doesn't count.</param>
/// <param name="Threshold">The least similarity of a hit, 0–1.</param>
/// <param name="Similarity">The similarity of the nearest video that is alive, a cosine, −1…1; null if there is none.</param>
internal sealed record PromptMeasure(string Provider, string? Model, int? InputTokens, double Threshold, double? Similarity = null);

/// <summary>A cache entry to store.</summary>
/// <param name="Entry">The entry and the scope of its vector.</param>
/// <param name="Ttl">The longest that it is valid.</param>
/// <param name="Vector">The vector of the prompt; empty if the entry has no scope.</param>
internal sealed record NewEntry(CacheEntry Entry, TimeSpan Ttl, ReadOnlyMemory<float> Vector);
