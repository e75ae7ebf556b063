using RemixProxy.Cache.Embedding;
using RemixProxy.Cache.Language;
using RemixProxy.Contract;
using RemixProxy.Jobs;
using RemixProxy.Resilience;

namespace RemixProxy.Cache;

/// <summary>Finds a stored video of the same scope whose prompt means the same.</summary>
internal sealed class SimilarPrompts(
    ICacheEntryStore store, ISemanticIndex index, IPromptEmbedder embedder, LexicalConflict conflicts, CacheEntries entries, CachedVideos videos)
{
    /// <summary>How many neighbours the first round asks for. Mostly the nearest one decides.</summary>
    private const int FirstCount = 8;

    /// <summary>The most neighbours that a search asks for, and compares.</summary>
    private const int MaxCount = 1024;
    private const int MaxRounds = 128;
    private const int SimilarityDigits = 6;

    /// <summary>Adds the vector of the prompt to a miss, if the policy is <see cref="CacheMode.Semantic"/>.</summary>
    public async ValueTask<CacheOutcome.Missed> MeasureAsync(CacheWish wish, CacheOutcome.Missed miss, CancellationToken deadline)
    {
        if (wish.Policy.Mode != CacheMode.Semantic) return miss;
        if (await EmbedAsync(wish.Prompt, deadline) is not { } vector) return miss with { Fault = CacheFault.Embedder };
        return miss with
        {
            Measure = new(vector.Provider, vector.Model, vector.InputTokens, wish.Policy.Threshold ?? vector.DefaultThreshold),
            New = miss.New with { Entry = miss.New.Entry with { Scope = CacheScope.VectorsOf(wish.Scope, vector) }, Vector = vector.Values },
        };
    }

    /// <summary>The nearest neighbour that is alive and means the same; else the miss, with the similarity of the nearest one that is alive.</summary>
    public async ValueTask<CacheOutcome> SearchAsync(CacheWish wish, CacheOutcome.Missed miss, CacheBudget budget, CancellationToken deadline)
    {
        if (miss is not { New: { Entry.Scope: { } scope, Vector: var vector }, Measure: { } measure }) return miss;
        var walk = new Walk(wish, scope, measure.Threshold, budget, deadline);
        try
        {
            var count = FirstCount;
            for (var round = 0; round < MaxRounds && count <= MaxCount; round++)
            {
                var asked = count;
                var neighbours = await budget.SpendAsync(ct => index.SearchAsync(scope, vector, asked, ct), deadline);
                var dead = walk.Dead;
                if (await FirstGoodAsync(walk, neighbours) is var (job, neighbour)) return Hit(wish, measure, job, neighbour);
                if (walk.Dead > dead)
                {
                    count = Math.Min(2 * count, MaxCount);
                    continue;
                }

                // Neighbours in conflict must not hide good ones behind them, so more are asked for.
                if (neighbours.Count < count || neighbours[^1].Similarity < measure.Threshold) break;
                count *= 4;
            }
        }
        catch (DependencyException)
        {
            miss = miss with { Fault = CacheFault.Store };
        }

        return walk.Nearest is { } nearest ? miss with { Measure = measure with { Similarity = Shown(nearest, measure.Threshold) } } : miss;
    }

    private async ValueTask<PromptVector?> EmbedAsync(string prompt, CancellationToken deadline)
    {
        try
        {
            return await embedder.EmbedAsync(prompt, deadline);
        }
        catch (DependencyException)
        {
            return null;
        }
    }

    private async ValueTask<(VideoJob Job, Neighbour Neighbour)?> FirstGoodAsync(Walk walk, IReadOnlyList<Neighbour> neighbours)
    {
        foreach (var neighbour in neighbours)
        {
            if (neighbour.Similarity < walk.Threshold)
            {
                walk.Nearest ??= neighbour.Similarity;
                break;
            }

            if (walk.InConflict.Contains(neighbour.Entry)) continue;
            var job = await AliveAsync(walk, neighbour.Entry);
            if (job is null)
            {
                walk.Dead++;
                continue;
            }

            walk.Nearest ??= neighbour.Similarity;
            if (!MeansTheSame(walk, job))
            {
                walk.InConflict.Add(neighbour.Entry);
                continue;
            }

            if (await videos.PresentAsync(walk.Wish, job, walk.Deadline) is { } present) return (present, neighbour);
            await RemoveAsync(walk, neighbour.Entry, job.Id);
            walk.Dead++;
        }

        return null;
    }

    // The very same prompt may have been stored since the exact look-up. It needs no conflict check.
    private bool MeansTheSame(Walk walk, VideoJob job)
    {
        if (job.Cached?.Entry == walk.Wish.Entry) return true;
        if (job.Video.Prompt is not { } prompt) return false;
        if (prompt == walk.Wish.Prompt) return true;
        var read = walk.Read ??= conflicts.Read(walk.Wish.Prompt);
        return !walk.Budget.Spend(() => LexicalConflict.Between(read, prompt), walk.Deadline);
    }

    private async ValueTask<VideoJob?> AliveAsync(Walk walk, string entry)
    {
        var video = await walk.Budget.SpendAsync(ct => store.FindEntryAsync(walk.Wish.Call.Caller, entry, ct), walk.Deadline);
        if (video is { } id && await videos.FindAsync(walk.Wish, entry, id, walk.Budget, walk.Deadline) is { } job) return job;
        await RemoveAsync(walk, entry, video);
        return null;
    }

    private ValueTask RemoveAsync(Walk walk, string entry, VideoId? video) => walk.Budget.SpendAsync(
        ct => video is { } id
            ? entries.RemoveAsync(walk.Wish.Call.Caller, new(entry, walk.Scope), id, ct)
            : index.RemoveAsync(walk.Scope, entry, ct), walk.Deadline);

    private static CacheOutcome.Hit Hit(CacheWish wish, PromptMeasure measure, VideoJob job, Neighbour neighbour) =>
        new(job, neighbour.Entry, neighbour.Entry == wish.Entry ? CacheOutcome.Tiers.Direct : CacheOutcome.Tiers.Semantic)
        {
            Measure = measure with { Similarity = Shown(neighbour.Similarity, measure.Threshold) },
        };

    // The similarity is rounded for people, but never across the threshold.
    private static double Shown(double similarity, double threshold)
    {
        var rounded = Math.Round(similarity, SimilarityDigits);
        return rounded >= threshold == similarity >= threshold ? rounded : similarity;
    }

    /// <summary>The state of one search through all its rounds.</summary>
    private sealed class Walk(CacheWish wish, string scope, double threshold, CacheBudget budget, CancellationToken deadline)
    {
        public CacheWish Wish { get; } = wish;

        public string Scope { get; } = scope;

        public double Threshold { get; } = threshold;

        public CacheBudget Budget { get; } = budget;

        public CancellationToken Deadline { get; } = deadline;

        public HashSet<string> InConflict { get; } = new(StringComparer.Ordinal);

        /// <summary>The prompt of the wish, as it is compared with others; null before the first comparison.</summary>
        public PromptTraits? Read { get; set; }

        /// <summary>How many neighbours were found dead so far.</summary>
        public int Dead { get; set; }

        /// <summary>The similarity of the nearest neighbour that is alive.</summary>
        public double? Nearest { get; set; }
    }
}
