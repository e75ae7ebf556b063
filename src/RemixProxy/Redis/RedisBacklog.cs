using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using RemixProxy.Contract;
using RemixProxy.Jobs;
using RemixProxy.Jobs.Submissions;
using RemixProxy.Resilience;
using RemixProxy.Telemetry;

namespace RemixProxy.Redis;

/// <summary>Jobs that were paid for, and submissions of this process, that Redis has not been told yet.</summary>
internal sealed partial class RedisBacklog(RedisDatabase redis, RedisJobs jobs, RedisSubmissions submissions, ILogger<RedisBacklog> logger)
{
    /// <summary>The most that is kept of each kind. What comes after is not written back.</summary>
    public const int MaxCount = 10_000;

    /// <summary>The most bytes that the jobs may take. What comes after is not written back.</summary>
    public const long MaxBytes = 128 << 20;

    // Guards changes of the jobs, with the bytes that they take.
    private readonly Lock _lock = new();
    private readonly ConcurrentDictionary<VideoId, VideoJob> _jobs = new();
    private readonly ConcurrentDictionary<string, Submission> _submissions = new(StringComparer.Ordinal);

    // Submissions that were admitted while Redis was away.
    private readonly ConcurrentDictionary<string, Submission> _unheardOf = new(StringComparer.Ordinal);

    private long _bytes;

    public int Count => _jobs.Count + _submissions.Count;

    public VideoJob? Find(VideoId id) => _jobs.GetValueOrDefault(id);

    public Submission? Find(string id) => _submissions.GetValueOrDefault(id);

    public VideoJob Keep(VideoJob job)
    {
        lock (_lock)
        {
            var before = _jobs.GetValueOrDefault(job.Id);
            if (before is null && (_jobs.Count >= MaxCount || _bytes + job.Bytes > MaxBytes)) Log.Lost(logger, job.Id.ToString());
            else Set(job, before);
        }

        return job;
    }

    /// <summary>Changes a job that is kept here; null where none is.</summary>
    public VideoJob? Change(VideoId id, Func<VideoJob, VideoJob> change)
    {
        lock (_lock)
        {
            if (!_jobs.TryGetValue(id, out var kept)) return null;
            var changed = change(kept);
            Set(changed, kept);
            return changed;
        }
    }

    public Submission Keep(Submission submission)
    {
        if (_submissions.Count >= MaxCount && !_submissions.ContainsKey(submission.Id)) Log.Lost(logger, submission.Id);
        else _submissions.AddOrUpdate(submission.Id, submission, (_, kept) => kept.Joined(submission));
        return submission;
    }

    /// <summary>Keeps a submission that was admitted here and that Redis doesn't know; false where too many are kept.</summary>
    public bool TryAdmit(Submission submission) => _unheardOf.Count < MaxCount && _unheardOf.TryAdd(submission.Id, submission);

    /// <summary>Whether Redis was never told of that submission.</summary>
    public bool IsUnheardOf(string id) => _unheardOf.ContainsKey(id);

    /// <summary>Tells Redis everything, the latest submissions first, because callers are likely to repeat those.</summary>
    /// <param name="heard">Gets each submission under way that Redis now knows for the first time.</param>
    /// <param name="cancellationToken">Ends the try.</param>
    public async Task WriteBackAsync(Action<Submission> heard, CancellationToken cancellationToken)
    {
        if (redis.Dependency.IsInDoubt) return;
        foreach (var submission in _submissions.Values.OrderByDescending(s => s.StartedAt))
            if (!await TryAsync(() => WriteBackAsync(submission, heard, cancellationToken))) return;
        foreach (var job in _jobs.Values)
            if (!await TryAsync(() => WriteBackAsync(job, cancellationToken))) return;
    }

    /// <summary>Tells Redis of one submission, after its video, so that a repeat finds both.</summary>
    /// <exception cref="DependencyException">Redis did not take it.</exception>
    public async Task WriteBackAsync(Submission submission, Action<Submission> heard, CancellationToken cancellationToken)
    {
        if (submission.Video is { } video && Find(video) is { } made) await WriteBackAsync(made, cancellationToken);
        await submissions.MoveAsync(submission, s => s.Joined(submission), isHolder: true, cancellationToken);
        // If the submission has changed in the meantime, the next beat writes it once more.
        if (!_submissions.TryRemove(new(submission.Id, submission))) return;
        if (_unheardOf.TryRemove(submission.Id, out _) && !submission.IsEnded) heard(submission);
    }

    private async Task WriteBackAsync(VideoJob job, CancellationToken cancellationToken)
    {
        var stored = await jobs.AddAsync(job, cancellationToken);
        if (!ReferenceEquals(stored, job)) await jobs.UpdateAsync(job.Id, there => Further(there, job), cancellationToken);
        lock (_lock)
        {
            if (_jobs.TryRemove(new(job.Id, job))) _bytes -= job.Bytes;
        }
    }

    private void Set(VideoJob job, VideoJob? before)
    {
        _jobs[job.Id] = job;
        _bytes += job.Bytes - (before?.Bytes ?? 0);
    }

    /// <returns>Whether to go on with the others: one that can't be written must not hold them up.</returns>
    private async Task<bool> TryAsync(Func<Task> write)
    {
        try
        {
            await write();
            return true;
        }
        catch (DependencyException)
        {
            return !redis.Dependency.IsInDoubt;
        }
    }

    // Never another caller's job. A deleted job wins, then a newer video under the same id, then a finished job, then the one polled later.
    private static VideoJob Further(VideoJob there, VideoJob here)
    {
        if (there.Caller != here.Caller || there.Deleted) return there;
        if (here.Deleted || (!here.Adopted && !there.Adopted && here.Video.CreatedAt != there.Video.CreatedAt && here.SeenAt > there.SeenAt)) return here;
        var (later, earlier) = !there.IsFinished && (here.IsFinished || here.PolledAt > there.PolledAt) ? (here, there) : (there, here);
        return later.Adopted && !earlier.Adopted ? Told(earlier.Promptless ? later.WithoutPrompt() : later, earlier) : later;
    }

    // Only the submit's own record has prompt, size and the like; a job that was merely read adds its state.
    private static VideoJob Told(VideoJob seen, VideoJob submitted) => submitted with
    {
        Video = submitted.Video with
        {
            Status = seen.Video.Status,
            Progress = Math.Max(seen.Video.Progress, submitted.Video.Progress),
            CompletedAt = seen.Video.CompletedAt,
            ExpiresAt = seen.Video.ExpiresAt,
            Error = seen.Video.Error,
            ContentFilter = seen.Video.ContentFilter,
        },
        Outputs = seen.Outputs,
        PolledAt = seen.PolledAt,
        UrlsUntil = seen.UrlsUntil,
    };

    private static partial class Log
    {
        [LoggerMessage(EventIds.NotKeptForRedis, LogLevel.Error, "Redis has been away for so long that {Id} is not kept for it.")]
        public static partial void Lost(ILogger logger, string id);
    }
}
