using System.Globalization;
using System.Text.Json;
using RemixProxy.Contract;
using RemixProxy.Jobs;
using RemixProxy.Providers;
using RemixProxy.Resilience;
using StackExchange.Redis;

namespace RemixProxy.Redis;

/// <summary>Jobs in Redis: one key a job, and for each caller the order of the list.</summary>
internal sealed class RedisJobs(RedisDatabase redis, ProviderRegistry registry, TimeProvider time)
{
    private const int MaxTries = 32;
    private const int TrimmedAtOnce = 4;
    private static readonly TimeSpan PollLease = TimeSpan.FromSeconds(15);

    private readonly string _replica = Guid.NewGuid().ToString("N");

    private TimeSpan Retention => registry.Current.Options.Jobs.Retention;

    public async ValueTask<VideoJob?> FindAsync(VideoId id, CancellationToken cancellationToken) => (await ReadAsync(id, cancellationToken))?.Stored.Job;

    public async ValueTask<IReadOnlyList<VideoJob>> FindNativeAsync(string caller, string native, CancellationToken cancellationToken)
    {
        // Reads one key for each provider that could have the video. An index more could be wrong.
        var found = await Task.WhenAll(registry.Current.Providers.Select(p => FindAsync(new(native, p.Name), cancellationToken).AsTask()));
        return [.. found.OfType<VideoJob>().Where(j => j.Caller == caller && !j.Deleted)];
    }

    public async ValueTask<VideoJob> AddAsync(VideoJob job, CancellationToken cancellationToken)
    {
        var stored = new StoredJob(job, PositionOf(job));
        // The list is written first. An entry without a job is skipped; a job without an entry would be missing from the list for good.
        if (!job.Deleted) await EnlistAsync(stored, cancellationToken);
        var there = await redis.EvalAsync(RedisScripts.Add, [redis.Keys.Job(job.Id)], [Write(stored), Life(job)], cancellationToken);
        if (there.IsNull || Read((string?)there) is not { } known || IsOver(known.Job))
        {
            if (!there.IsNull && !await ReplaceAsync((string)there!, stored, cancellationToken)) return await AddAsync(job, cancellationToken);
            return job;
        }

        if (known.Position != stored.Position) await DelistAsync(stored, cancellationToken);
        return known.Job;
    }

    public async ValueTask<VideoJob?> UpdateAsync(VideoId id, Func<VideoJob, VideoJob> change, CancellationToken cancellationToken)
    {
        for (var i = 0; i < MaxTries; i++)
        {
            if (await ReadAsync(id, cancellationToken) is not var (text, stored)) return null;
            var job = change(stored.Job);
            // Another video under the same id moves in the list, which is ordered by age.
            var isAnother = job.Video.CreatedAt != stored.Job.Video.CreatedAt;
            var changed = new StoredJob(job, isAnother ? PositionOf(job) : stored.Position);
            if (isAnother && !job.Deleted) await EnlistAsync(changed, cancellationToken);
            if (!await ReplaceAsync(text, changed, cancellationToken)) continue;
            if (isAnother || job.Deleted) await DelistAsync(stored, cancellationToken);
            return job;
        }

        throw new DependencyException(redis.Dependency.Name);
    }

    public async ValueTask<JobPage?> ListAsync(string caller, VideoId? after, int limit, bool ascending, CancellationToken cancellationToken)
    {
        string? start = null;
        if (after is { } id)
        {
            if (await ReadAsync(id, cancellationToken) is not var (_, cursor) || cursor.Job.Caller != caller) return null;
            start = cursor.Position;
        }

        var jobs = new List<VideoJob>(limit + 1);
        while (jobs.Count <= limit)
        {
            var wanted = limit + 1 - jobs.Count;
            var positions = await PositionsAsync(caller, start, wanted, ascending, cancellationToken);
            var found = await Task.WhenAll(positions.Select(p => AtAsync(p, cancellationToken)));
            jobs.AddRange(found.OfType<VideoJob>().Where(j => j.Caller == caller && !j.Deleted));
            if (positions.Count < wanted) break;
            start = positions[^1];
        }

        return new(jobs[..Math.Min(limit, jobs.Count)], jobs.Count > limit);
    }

    public async ValueTask<bool> BeginPollAsync(VideoId id, CancellationToken cancellationToken) =>
        await redis.RunAsync(db => db.StringSetAsync(redis.Keys.Poll(id), _replica, PollLease, when: ValueCondition.NotExists), cancellationToken);

    public async ValueTask EndPollAsync(VideoId id, CancellationToken cancellationToken) =>
        await redis.EvalAsync(RedisScripts.Remove, [redis.Keys.Poll(id)], [_replica], cancellationToken);

    private static string PositionOf(VideoJob job) =>
        string.Create(CultureInfo.InvariantCulture, $"{Math.Clamp(job.Video.CreatedAt, 0, uint.MaxValue):x8}{job.SeenAt.ToUnixTimeMilliseconds():x12}{job.Id}");

    private static VideoId? IdAt(string position) => position.Length > 20 && VideoId.TryParse(position[20..], out var id) ? id : null;

    private static string Write(StoredJob stored) => JsonSerializer.Serialize(stored, StoreJsonContext.Default.StoredJob);

    // A job that can't be read counts as unknown, as after a flush.
    private static StoredJob? Read(string? text)
    {
        try
        {
            return text is null ? null : JsonSerializer.Deserialize(text, StoreJsonContext.Default.StoredJob);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private async ValueTask<(string Text, StoredJob Stored)?> ReadAsync(VideoId id, CancellationToken cancellationToken)
    {
        string? text = await redis.RunAsync(db => db.StringGetAsync(redis.Keys.Job(id)), cancellationToken);
        return Read(text) is { } stored && !IsOver(stored.Job) ? (text!, stored) : null;
    }

    private async ValueTask<bool> ReplaceAsync(string seen, StoredJob stored, CancellationToken cancellationToken) =>
        (int)await redis.EvalAsync(RedisScripts.Replace, [redis.Keys.Job(stored.Job.Id)], [seen, Write(stored), Life(stored.Job)], cancellationToken) == 1;

    private async Task EnlistAsync(StoredJob stored, CancellationToken cancellationToken)
    {
        await redis.EvalAsync(
            RedisScripts.Enlist, [redis.Keys.Jobs(stored.Job.Caller)], [stored.Position, (long)(Retention + Retention).TotalMilliseconds], cancellationToken);
        redis.Wrote();
        await TrimAsync(stored.Job.Caller, cancellationToken);
    }

    private Task DelistAsync(StoredJob stored, CancellationToken cancellationToken) => DelistAsync(stored.Job.Caller, stored.Position, cancellationToken);

    private async Task DelistAsync(string caller, string position, CancellationToken cancellationToken) =>
        await redis.RunAsync(db => db.SortedSetRemoveAsync(redis.Keys.Jobs(caller), position), cancellationToken);

    // Each new job removes some that are past their retention, so that the list doesn't grow without end.
    private async Task TrimAsync(string caller, CancellationToken cancellationToken)
    {
        foreach (var position in await PositionsAsync(caller, start: null, TrimmedAtOnce, ascending: true, cancellationToken))
        {
            if (await AtAsync(position, cancellationToken) is not null) return;
            if (IsSettled(position)) await DelistAsync(caller, position, cancellationToken);
        }
    }

    // An entry is written before its job, so a young entry without a job may still get it.
    private bool IsSettled(string position) =>
        !long.TryParse(position.AsSpan(8, Math.Min(12, position.Length - 8)), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var seen)
        || time.GetUtcNow() - DateTimeOffset.FromUnixTimeMilliseconds(seen) > TimeSpan.FromMinutes(10);

    private async Task<VideoJob?> AtAsync(string position, CancellationToken cancellationToken) =>
        IdAt(position) is { } id && await ReadAsync(id, cancellationToken) is var (_, stored) && stored.Position == position ? stored.Job : null;

    private async Task<IReadOnlyList<string>> PositionsAsync(string caller, string? start, int count, bool ascending, CancellationToken cancellationToken)
    {
        RedisValue from = start;
        var (min, max, order) = ascending ? (from, RedisValue.Null, Order.Ascending) : (RedisValue.Null, from, Order.Descending);
        // Only the start is a bound, so excluding both bounds excludes just the start.
        var found = await redis.RunAsync(
            db => db.SortedSetRangeByValueAsync(redis.Keys.Jobs(caller), min, max, Exclude.Both, order, take: count), cancellationToken);
        return [.. found.Select(v => (string)v!)];
    }

    private bool IsOver(VideoJob job) => time.GetUtcNow() - job.SeenAt > Retention;

    private long Life(VideoJob job) => Math.Max(1000, (long)(job.SeenAt + Retention - time.GetUtcNow()).TotalMilliseconds);
}
