using RemixProxy.Adapters;
using RemixProxy.Contract;
using RemixProxy.Exchanges;

namespace RemixProxy.Jobs;

/// <summary>What this proxy remembers of a video. It is immutable: a change makes a new record, so that any store can compare and swap.</summary>
internal sealed record VideoJob
{
    /// <summary>The most progress that an unfinished job shows, in percent.</summary>
    private const int AlmostDone = 99;

    /// <summary>What a record takes beside its texts, with its places in a store's indexes, in bytes.</summary>
    private const int OwnBytes = 1_000;
    private const int OutputBytes = 100;

    /// <summary>The longest data URL whose bytes are marked that a record takes, in characters.</summary>
    private const int MaxMarkedUrl = 256;

    /// <summary>The most progress that an estimate shows, in percent. Only the provider knows when the job is done.</summary>
    private const int EstimateEnd = 95;

    public required VideoId Id { get; init; }

    /// <summary>The only caller that may see the job.</summary>
    public required string Caller { get; init; }

    /// <summary>The unified object without <c>videos</c> entries and <c>extra_fields</c>, which are made for each answer.</summary>
    public required Video Video { get; init; }

    public IReadOnlyList<NativeOutput> Outputs { get; init; } = [];

    /// <summary>The model as the caller named it.</summary>
    public string? ModelRequested { get; init; }

    /// <summary>The targets that were tried before the one that made it, in order; null where there were none.</summary>
    public IReadOnlyList<Attempt>? Attempts { get; init; }

    /// <summary>When this proxy first saw the video. Timeouts, estimates and retention count from it.</summary>
    public required DateTimeOffset SeenAt { get; init; }

    /// <summary>When the provider was last asked; null if never.</summary>
    public DateTimeOffset? PolledAt { get; init; }

    /// <summary>When this proxy saw the video become completed; null while it is not, where it was met completed, and in records of earlier versions.</summary>
    public DateTimeOffset? CompletedSeenAt { get; init; }

    /// <summary>Until when the outputs' URLs can be fetched; null if they live as long as the bytes.</summary>
    public DateTimeOffset? UrlsUntil { get; init; }

    /// <summary>The cache entry that names this job; null if none does.</summary>
    public CacheEntry? Cached { get; init; }

    /// <summary>Whether this proxy learned of the video by its id only. The record of its submit knows more, and wins.</summary>
    public bool Adopted { get; init; }

    /// <summary>What the job holds of limits until it ends; null: nothing.</summary>
    public JobReservation? Reservation { get; init; }

    /// <summary>Whether the job failed because its time was over. The provider may have made the video all the same.</summary>
    public bool RanOutOfTime { get; init; }

    /// <summary>Whether the job was made where prompts are not stored. It stays so, whatever the configuration says later.</summary>
    public bool Promptless { get; init; }

    /// <summary>Whether the job is a tombstone: every operation on it is 404.</summary>
    public bool Deleted { get; init; }

    /// <summary>About how much memory the record takes, in bytes: its texts, and what stands around them.</summary>
    public long Bytes => OwnBytes + (2L * (Id.Native.Length + Caller.Length + (ModelRequested?.Length ?? 0) + TextOf(Video)))
        + Outputs.Sum(o => OutputBytes + (2L * (o.Url.Length + (o.ContentType?.Length ?? 0))))
        + (Attempts?.Sum(a => OutputBytes + (2L * (a.Provider.Length + a.Model.Length + a.Error.Code.Length + a.Error.Message.Length))) ?? 0);

    public bool IsFinished => Video.Status is VideoStatus.Completed or VideoStatus.Failed;

    /// <summary>A job as the provider's first answer shows it.</summary>
    /// <param name="id">The id of the video.</param>
    /// <param name="caller">The only caller that may see it.</param>
    /// <param name="known">What this proxy knows already. The snapshot's model, size and length win, because the provider used them.</param>
    /// <param name="snapshot">The first answer.</param>
    /// <param name="profile">The profile of the provider.</param>
    /// <param name="jobTimeout">See <see cref="Apply"/>.</param>
    /// <param name="now">The present time.</param>
    public static VideoJob First(
        VideoId id, string caller, Video known, VideoSnapshot snapshot, ProviderProfile profile, TimeSpan jobTimeout, DateTimeOffset now)
    {
        snapshot = snapshot.Bounded();
        var video = known with
        {
            Id = id.ToString(),
            Model = FirstOf(snapshot.Model, known.Model),
            Size = FirstOf(snapshot.Size, known.Size),
            Seconds = FirstOf(snapshot.Seconds, known.Seconds),
            CreatedAt = (Meant(snapshot.CreatedAt) ?? now).ToUnixTimeSeconds(),
        };
        return new VideoJob { Id = id, Caller = caller, Video = video, SeenAt = now }.Apply(snapshot, profile, jobTimeout, now);
    }

    /// <summary>
    /// The job as it is stored where prompts are not: without its prompt and without words of the provider, which may quote it. Later answers bring neither.
    /// </summary>
    public VideoJob WithoutPrompt() => this with
    {
        Promptless = true,
        Attempts = Attempts is null ? null : [.. Attempts.Select(a => a with { Error = WithoutWords(a.Error)! })],
        Video = Video with { Prompt = null, Error = WithoutWords(Video.Error), ContentFilter = WithoutWords(Video.ContentFilter) },
    };

    /// <summary>The job as it is known while nobody knows where in the provider's answers its clips stand.</summary>
    public VideoJob WithoutMarks() => this with { Outputs = [.. Outputs.Select(WithoutMark)] };

    /// <summary>The job after another answer. What callers have seen stays. A finished job stays finished and gets at most fresh URLs.</summary>
    /// <param name="snapshot">The answer.</param>
    /// <param name="profile">The profile of the provider.</param>
    /// <param name="jobTimeout">If this answer shows the job unfinished longer than this after it was first seen, it fails as <c>expired</c>.</param>
    /// <param name="now">The present time.</param>
    public VideoJob Apply(VideoSnapshot snapshot, ProviderProfile profile, TimeSpan jobTimeout, DateTimeOffset now)
    {
        // A poll that was under way when the video was deleted brings nothing back.
        if (Deleted) return this;
        snapshot = snapshot.Bounded();
        if (Promptless)
            snapshot = snapshot with { Prompt = null, Error = WithoutWords(snapshot.Error), ContentFilter = WithoutWords(snapshot.ContentFilter) };
        var polled = this with { PolledAt = now };
        if (IsFinished) return RefreshUrls(polled, snapshot, profile, now);

        var video = Video with
        {
            Model = FirstOf(Video.Model, snapshot.Model),
            Size = FirstOf(Video.Size, snapshot.Size),
            Seconds = FirstOf(Video.Seconds, snapshot.Seconds),
            Prompt = Video.Prompt ?? snapshot.Prompt,
            RemixedFromVideoId = Video.RemixedFromVideoId ?? (
                snapshot.RemixedFromId is { Length: > 0 } source && new VideoId(source, Id.Provider).ToString() is var from && VideoId.IsAcceptable(from)
                    ? from
                    : null),
            ContentFilter = snapshot.ContentFilter ?? Video.ContentFilter,
        };
        return snapshot.Status switch
        {
            VideoStatus.Completed when snapshot.Outputs.Count == 0 =>
                polled with { Video = Failed(video, new("no_output", "The provider reported success without a video.")) },
            VideoStatus.Completed => RefreshUrls(
                polled with { Video = Completed(video, snapshot, profile, now), CompletedSeenAt = now }, snapshot, profile, now),
            VideoStatus.Failed => polled with { Video = Failed(video, snapshot.Error ?? new("provider_error", "The provider gave no reason.")) },
            _ when now - SeenAt > jobTimeout =>
                polled with { Video = Failed(video, new("expired", "The provider did not finish the video in time.")), RanOutOfTime = true },
            _ => polled with { Video = video with { Status = Later(video.Status, snapshot.Status), Progress = ProgressOf(snapshot, profile, now) } },
        };
    }

    /// <summary>
    /// Whether a poll is due: the job is unfinished, or completed with URLs that expired, and the provider was not asked within <paramref name="interval"/>.
    /// </summary>
    public bool IsPollDue(ProviderProfile profile, TimeSpan interval, DateTimeOffset now)
    {
        if (PolledAt is { } last && now - last < interval) return false;
        return !IsFinished || (Video.Status == VideoStatus.Completed && profile.RefreshesUrls && UrlsUntil <= now);
    }

    private static VideoJob RefreshUrls(VideoJob job, VideoSnapshot snapshot, ProviderProfile profile, DateTimeOffset now) =>
        job.Video.Status == VideoStatus.Completed && snapshot.Outputs.Count > 0
            ? job with { Outputs = [.. snapshot.Outputs.Select(WithoutBytes)], UrlsUntil = now + profile.UrlLifetime }
            : job;

    // A clip inside the answer would fill the store. The provider is asked again when somebody wants the bytes. A mark tells where they will stand.
    private static NativeOutput WithoutBytes(NativeOutput output, int index) =>
        output.Url.Length <= MaxMarkedUrl && ClipMark.Of(output.Url) is { Length: > 0 } ? output : WithoutMark(output, index);

    private static NativeOutput WithoutMark(NativeOutput output, int index) => output.IsInline ? output with { Url = Invariant($"data:,{index}") } : output;

    private static Video Completed(Video video, VideoSnapshot snapshot, ProviderProfile profile, DateTimeOffset now)
    {
        var completedAt = Meant(snapshot.CompletedAt) ?? now;
        return video with
        {
            Status = VideoStatus.Completed,
            Progress = 100,
            CompletedAt = completedAt.ToUnixTimeSeconds(),
            ExpiresAt = (Meant(snapshot.ExpiresAt) ?? After(completedAt, profile.BytesLifetime))?.ToUnixTimeSeconds(),
        };
    }

    private static VideoError? WithoutWords(VideoError? error) => error is null ? null : error.Code switch
    {
        "moderation_blocked" => error with { Message = "The provider's moderation blocked the video. Its words are not kept." },
        "cancelled" => error with { Message = "The video was cancelled." },
        "expired" => error with { Message = "The provider gave the video up, or does not know it any more." },
        "aborted" => error with { Message = "The provider broke the work on the video off. Its words are not kept." },
        "no_output" => error with { Message = "The provider made no video. Its words are not kept." },
        var code => new(ProviderText.FieldName(code) ?? "provider_error", "The provider could not make the video. Its words are not kept."),
    };

    private static ContentFilter? WithoutWords(ContentFilter? filter) => filter is null ? null : filter with { Reasons = [] };

    // Some providers write the first moment that their language knows for none.
    private static DateTimeOffset? Meant(DateTimeOffset? time) => time >= DateTimeOffset.UnixEpoch ? time : null;

    // A provider may name any time, and the job was paid for all the same.
    private static DateTimeOffset? After(DateTimeOffset time, TimeSpan? life) => life > DateTimeOffset.MaxValue - time ? DateTimeOffset.MaxValue : time + life;

    private static Video Failed(Video video, VideoError error) => video with { Status = VideoStatus.Failed, Error = error };

    private int ProgressOf(VideoSnapshot snapshot, ProviderProfile profile, DateTimeOffset now)
    {
        var said = snapshot.Progress is { } p && double.IsFinite(p) ? (int)Math.Clamp(Math.Round(p), 0, AlmostDone) : (int?)null;
        var estimate = snapshot.Status == VideoStatus.Queued ? 0 : (int)Math.Clamp((now - SeenAt) / profile.UsualDuration * 100, 0, EstimateEnd);
        return Math.Max(Video.Progress, said ?? estimate);
    }

    private static VideoStatus Later(VideoStatus a, VideoStatus b) => a > b ? a : b;

    private static long TextOf(Video video) =>
        video.Id.Length + video.Model.Length + video.Seconds.Length + video.Size.Length + (video.Prompt?.Length ?? 0) + (video.RemixedFromVideoId?.Length ?? 0)
            + (video.Error is { } error ? error.Code.Length + error.Message.Length : 0) + (video.ContentFilter?.Reasons.Sum(r => (long)r.Length) ?? 0);

    private static string FirstOf(string? a, string? b) => a is { Length: > 0 } ? a : b ?? "";
}
