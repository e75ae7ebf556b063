using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using RemixProxy.Adapters;
using RemixProxy.Cache;
using RemixProxy.Cache.Embedding;
using RemixProxy.Contract;
using RemixProxy.Jobs;
using RemixProxy.Operations.Submit;
using RemixProxy.Providers;

namespace RemixProxy.Benchmarks.Load;

/// <summary>Puts completed videos into a cache as submits would have, by the store and the index themselves.</summary>
internal sealed class CacheFill(IServiceProvider services)
{
    private const string Caller = "";
    private const int AtOnce = 64;

    // Longer than any run: a hit must neither expire nor ask for news of its video.
    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(12);

    private readonly IJobStore _jobs = services.GetRequiredService<IJobStore>();
    private readonly ICacheEntryStore _entries = services.GetRequiredService<ICacheEntryStore>();
    private readonly ISemanticIndex _index = services.GetRequiredService<ISemanticIndex>();
    private readonly IPromptEmbedder _embedder = services.GetRequiredService<IPromptEmbedder>();
    private readonly ProviderRegistry _registry = services.GetRequiredService<ProviderRegistry>();
    private readonly DateTimeOffset _now = DateTimeOffset.UtcNow;

    /// <summary>The jobs, as completed a moment ago.</summary>
    public Task AddJobsAsync(int count) => EachAsync(count, async item => await _jobs.AddAsync(JobOf(item), CancellationToken.None));

    /// <summary>Their exact entries.</summary>
    public Task AddEntriesAsync(int count) =>
        EachAsync(count, async item => await _entries.StoreEntryAsync(Caller, item.Entry.Entry, item.Id, Lifetime, CancellationToken.None));

    /// <summary>Their vectors.</summary>
    public Task AddVectorsAsync(int count) =>
        EachAsync(count, async item => await _index.AddAsync(item.Entry.Scope!, item.Entry.Entry, item.Vector, _now + Lifetime, CancellationToken.None));

    private Task EachAsync(int count, Func<Item, Task> add) =>
        Parallel.ForEachAsync(
            Enumerable.Range(0, count), new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (number, _) => await add(await ItemAsync(number)));

    private async Task<Item> ItemAsync(int number)
    {
        var prompt = Prompts.Of(number);
        var body = RequestBody.Of(JsonNode.Parse(LoadCase.BodyOf(prompt))!.AsObject());
        var fingerprint = await Fingerprint.OfAsync(VideoOperation.Create, sourceId: null, body, CancellationToken.None);
        var scope = CacheScope.Of(Caller, VideoOperation.Create, _registry.Current.Resolve(LoadCase.Model), source: null, fingerprint.Parameters(_ => true));
        var vector = await _embedder.EmbedAsync(prompt, CancellationToken.None) ?? throw new InvalidOperationException("The built-in embedder failed.");
        return new(new($"video_{number:x32}", "openai"), prompt, new(CacheScope.EntryOf(scope, fingerprint.Prompt), CacheScope.VectorsOf(scope, vector)),
            vector.Values);
    }

    private VideoJob JobOf(Item item)
    {
        var provider = _registry.Current.Find(item.Id.Provider)!;
        var known = new Video { Id = item.Id.ToString(), Prompt = item.Prompt, Model = "sora-2", Size = "1280x720", Seconds = "4" };
        var snapshot = new VideoSnapshot
        {
            Status = VideoStatus.Completed, Progress = 100, CreatedAt = _now, CompletedAt = _now, ExpiresAt = _now + Lifetime,
            Outputs = [new($"videos/{item.Id.Native}/content")]
        };
        return VideoJob.First(item.Id, Caller, known, snapshot, provider.Profile, provider.Options.JobTimeout, _now)
            with
        { ModelRequested = LoadCase.Model, Cached = item.Entry };
    }

    private sealed record Item(VideoId Id, string Prompt, CacheEntry Entry, ReadOnlyMemory<float> Vector);
}
