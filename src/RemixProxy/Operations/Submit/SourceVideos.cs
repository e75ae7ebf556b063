using System.Globalization;
using RemixProxy.Adapters;
using RemixProxy.Contract;
using RemixProxy.Jobs;
using RemixProxy.Providers;

namespace RemixProxy.Operations.Submit;

/// <summary>The video that a remix or an extension starts from.</summary>
/// <param name="Provider">The provider that has it.</param>
/// <param name="Job">The completed job.</param>
internal sealed record SourceVideo(Provider Provider, VideoJob Job);

/// <summary>Finds source videos and offers them in a form that the target takes.</summary>
internal sealed class SourceVideos(VideoIdResolver ids, JobPolls polls, ContentSource content, TimeProvider time)
{
    /// <summary>Finds the completed video of an id.</summary>
    /// <returns>The video, or 400, 404, 409, or the provider's failure.</returns>
    public async Task<Result<SourceVideo>> FindAsync(VideoCall call, string text, CancellationToken deadline)
    {
        var param = ParamOf(call);
        if (!(await ids.ResolveAsync(call, text, param, deadline)).TryGet(out var found, out var error)) return error;
        var (id, provider, known) = found;
        if (!(await polls.FindAsync(call.Context, provider, id, known, deadline)).TryGet(out var job, out error)) return error;
        return job.Video.Status switch
        {
            VideoStatus.Completed => new SourceVideo(provider, job),
            VideoStatus.Failed => ApiError.VideoFailed with { Param = param },
            _ => ApiError.NotReady with { Param = param },
        };
    }

    /// <summary>
    /// The source in a form that the target takes: the id at the same provider, else a fresh URL if anybody may fetch it, else the bytes, streamed from one
    /// provider to the other.
    /// </summary>
    /// <returns>The source, or an error if the target takes no available form or the bytes can't be fetched.</returns>
    public async Task<Result<MediaSource>> OfferAsync(
        VideoCall call, SourceVideo source, Provider target, SourceForms forms, BodyBudget.Lease lease, CancellationToken deadline)
    {
        if (forms.HasFlag(SourceForms.Id) && source.Provider == target) return new NativeIdSource(source.Job.Id.Native);
        if (call.Operation != VideoOperation.Extend && CheckLength(call, source, target) is { } tooLong) return tooLong;
        if (!(await polls.WithFreshUrlsAsync(call.Context, source.Provider, source.Job, deadline)).TryGet(out var job, out var error)) return error;
        if (job.Outputs is not [var output, ..]) return ApiError.VideoExpired;
        if (forms.HasFlag(SourceForms.Url) && output.Public && source.Provider.MayPointTo(output.Url))
        {
            // The target would be the one to find out, and may charge for it.
            var areGone = !source.Provider.Profile.RefreshesUrls && job.Video.ExpiresAt <= time.GetUtcNow().ToUnixTimeSeconds();
            return areGone ? ApiError.VideoExpired with { Param = ParamOf(call) } : new UrlSource(output.Url, output.ContentType);
        }

        if (!forms.HasFlag(SourceForms.File)) return ApiError.Unsupported($"{target.Name} can't take a video from {source.Provider.Name}.", "model");
        var limit = Math.Min(call.Providers.Options.Limits.MaxHandOverBytes, target.Profile.MaxSourceBytes);
        var handedOver = await content.HandOverAsync(call.Context, source.Provider, job, output, limit, lease, deadline);
        return handedOver.TryGet(out var file, out error) ? new FileSource(file) : error;
    }

    private static string ParamOf(VideoCall call) => call.Operation == VideoOperation.Remix ? "video_id" : "video.id";

    private static ApiError? CheckLength(VideoCall call, SourceVideo source, Provider target) =>
        target.Profile.MaxSourceSeconds is { } max
        && decimal.TryParse(source.Job.Video.Seconds, NumberStyles.Number, CultureInfo.InvariantCulture, out var seconds) && seconds > max
            ? ApiError.Invalid(ParamOf(call), Invariant($"The source is {seconds} seconds long; {target.Name} takes at most {max}."))
            : null;
}
