using RemixProxy.Adapters;
using RemixProxy.Contract;

namespace RemixProxy.Jobs;

/// <summary>What we remember of a video. Immutable: a change is a new record, so that any store can compare and swap.</summary>
internal sealed record VideoJob
{
    /// <summary>Progress of an unfinished job never shows more than this.</summary>
    private const int AlmostDone = 99;

    /// <summary>An estimate stops here: only the provider knows the rest.</summary>
    private const int EstimateEnd = 95;

    public required VideoId Id { get; init; }

    /// <summary>Who may see it.</summary>
    public required string Caller { get; init; }

    /// <summary>The unified object without entries and extra fields; both are made when answering.</summary>
    public required Video Video { get; init; }

    public IReadOnlyList<NativeOutput> Outputs { get; init; } = [];

    /// <summary>The model as the caller named it.</summary>
    public string? ModelRequested { get; init; }

    /// <summary>When this proxy first saw it; the base of timeouts, estimates and retention.</summary>
    public required DateTimeOffset SeenAt { get; init; }

    /// <summary>When the provider was last asked; null: never.</summary>
    public DateTimeOffset? PolledAt { get; init; }

    /// <summary>Until when the outputs' URLs can be fetched; null: as long as the bytes are there.</summary>
    public DateTimeOffset? UrlsUntil { get; init; }

    /// <summary>The cache entry that it may answer.</summary>
    public CacheEntry? Cached { get; init; }

    /// <summary>First seen by its id: whoever submitted it knows more of it.</summary>
    public bool Adopted { get; init; }

    /// <summary>A tombstone: 404 for every operation.</summary>
    public bool Deleted { get; init; }

    public bool IsFinished => Video.Status is VideoStatus.Completed or VideoStatus.Failed;

    /// <summary>A job as its first native answer shows it.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="caller">Who may see it.</param>
    /// <param name="known">What the proxy knows already; the snapshot's echo of model, size and length wins over it, because it is what was used.</param>
    /// <param name="snapshot">The first answer.</param>
    /// <param name="profile">The provider's.</param>
    /// <param name="jobTimeout">See <see cref="Apply"/>.</param>
    /// <param name="now">The present.</param>
    public static VideoJob First(
        VideoId id, string caller, Video known, VideoSnapshot snapshot, ProviderProfile profile, TimeSpan jobTimeout, DateTimeOffset now)
    {
        var video = known with
        {
            Id = id.ToString(),
            Model = FirstOf(snapshot.Model, known.Model),
            Size = FirstOf(snapshot.Size, known.Size),
            Seconds = FirstOf(snapshot.Seconds, known.Seconds),
            CreatedAt = (snapshot.CreatedAt ?? now).ToUnixTimeSeconds(),
        };
        return new VideoJob { Id = id, Caller = caller, Video = video, SeenAt = now }.Apply(snapshot, profile, jobTimeout, now);
    }

    /// <summary>The job after one more native answer. What callers saw once stays; a finished job stays finished and at most gets fresh URLs.</summary>
    /// <param name="snapshot">The answer.</param>
    /// <param name="profile">The provider's.</param>
    /// <param name="jobTimeout">A job that this answer still shows unfinished so long after it was first seen is failed as expired.</param>
    /// <param name="now">The present.</param>
    public VideoJob Apply(VideoSnapshot snapshot, ProviderProfile profile, TimeSpan jobTimeout, DateTimeOffset now)
    {
        var polled = this with { PolledAt = now };
        if (IsFinished) return RefreshUrls(polled, snapshot, profile, now);

        var video = Video with
        {
            Model = FirstOf(Video.Model, snapshot.Model),
            Size = FirstOf(Video.Size, snapshot.Size),
            Seconds = FirstOf(Video.Seconds, snapshot.Seconds),
            Prompt = Video.Prompt ?? snapshot.Prompt,
            RemixedFromVideoId = Video.RemixedFromVideoId ?? (
                snapshot.RemixedFromId is { Length: > 0 } source ? new VideoId(source, Id.Provider).ToString() : null),
            ContentFilter = snapshot.ContentFilter ?? Video.ContentFilter,
        };
        return snapshot.Status switch
        {
            VideoStatus.Completed when snapshot.Outputs.Count == 0 =>
                polled with { Video = Failed(video, new("no_output", "The provider reported success without a video.")) },
            VideoStatus.Completed => RefreshUrls(polled with { Video = Completed(video, snapshot, profile, now) }, snapshot, profile, now),
            VideoStatus.Failed => polled with { Video = Failed(video, snapshot.Error ?? new("provider_error", "The provider gave no reason.")) },
            _ when now - SeenAt > jobTimeout => polled with { Video = Failed(video, new("expired", "The provider did not finish the video in time.")) },
            _ => polled with { Video = video with { Status = Later(video.Status, snapshot.Status), Progress = ProgressOf(snapshot, profile, now) } },
        };
    }

    /// <summary>Whether the provider may be asked (again): unfinished or without live URLs, and not asked within <paramref name="interval"/>.</summary>
    public bool IsPollDue(ProviderProfile profile, TimeSpan interval, DateTimeOffset now)
    {
        if (PolledAt is { } last && now - last < interval) return false;
        return !IsFinished || (Video.Status == VideoStatus.Completed && profile.RefreshesUrls && UrlsUntil <= now);
    }

    private static VideoJob RefreshUrls(VideoJob job, VideoSnapshot snapshot, ProviderProfile profile, DateTimeOffset now) =>
        job.Video.Status == VideoStatus.Completed && snapshot.Outputs.Count > 0
            ? job with { Outputs = [.. snapshot.Outputs.Select(WithoutBytes)], UrlsUntil = now + profile.UrlLifetime }
            : job;

    // A clip inside the answer would fill the store. The provider is asked again when somebody wants the bytes.
    private static NativeOutput WithoutBytes(NativeOutput output, int index) => output.IsInline ? output with { Url = Invariant($"data:,{index}") } : output;

    private static Video Completed(Video video, VideoSnapshot snapshot, ProviderProfile profile, DateTimeOffset now)
    {
        var completedAt = snapshot.CompletedAt ?? now;
        return video with
        {
            Status = VideoStatus.Completed,
            Progress = 100,
            CompletedAt = completedAt.ToUnixTimeSeconds(),
            ExpiresAt = (snapshot.ExpiresAt ?? completedAt + profile.BytesLifetime)?.ToUnixTimeSeconds(),
        };
    }

    private static Video Failed(Video video, VideoError error) => video with { Status = VideoStatus.Failed, Error = error };

    private int ProgressOf(VideoSnapshot snapshot, ProviderProfile profile, DateTimeOffset now)
    {
        var said = snapshot.Progress is { } p && double.IsFinite(p) ? (int)Math.Clamp(Math.Round(p), 0, AlmostDone) : (int?)null;
        var estimate = snapshot.Status == VideoStatus.Queued ? 0 : (int)Math.Clamp((now - SeenAt) / profile.UsualDuration * 100, 0, EstimateEnd);
        return Math.Max(Video.Progress, said ?? estimate);
    }

    private static VideoStatus Later(VideoStatus a, VideoStatus b) => a > b ? a : b;

    private static string FirstOf(string? a, string? b) => a is { Length: > 0 } ? a : b ?? "";
}
