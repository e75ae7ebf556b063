using System.Globalization;
using RemixProxy.Adapters;
using RemixProxy.Contract;
using RemixProxy.Jobs;
using RemixProxy.Providers;

namespace RemixProxy.Operations.Submit;

/// <summary>The video that a remix or an extension works on.</summary>
/// <param name="Provider">Where it is.</param>
/// <param name="Job">It, completed.</param>
internal sealed record SourceVideo(Provider Provider, VideoJob Job);

/// <summary>Finds source videos and brings them into a form that the target takes.</summary>
internal sealed class SourceVideos(VideoIdResolver ids, JobPolls polls, ContentSource content)
{
    /// <summary>The completed video that an id means.</summary>
    /// <exception cref="ApiException">400, 404, 409 or the provider's failure.</exception>
    public async Task<SourceVideo> FindAsync(VideoCall call, string text, CancellationToken deadline)
    {
        var param = ParamOf(call);
        var (id, provider, known) = await ids.ResolveAsync(call, text, param, deadline);
        var job = await polls.FindAsync(call.Context, provider, id, known, deadline);
        return job.Video.Status switch
        {
            VideoStatus.Completed => new(provider, job),
            VideoStatus.Failed => throw new ApiException(ApiError.VideoFailed with { Param = param }),
            _ => throw new ApiException(ApiError.NotReady with { Param = param }),
        };
    }

    /// <summary>
    /// The source as the target takes it: by id at the same provider, by a fresh URL where anybody may fetch it, else its bytes on their way from one to the
    /// other.
    /// </summary>
    /// <exception cref="ApiException">The target takes no form that there is.</exception>
    public async Task<MediaSource> OfferAsync(
        VideoCall call, SourceVideo source, Provider target, SourceForms forms, BodyBudget.Lease lease, CancellationToken deadline)
    {
        if (forms.HasFlag(SourceForms.Id) && source.Provider == target) return new NativeIdSource(source.Job.Id.Native);
        if (call.Operation != VideoOperation.Extend) CheckLength(call, source, target);
        var job = await polls.WithFreshUrlsAsync(call.Context, source.Provider, source.Job, deadline);
        var output = job.Outputs is [var first, ..] ? first : throw new ApiException(ApiError.VideoExpired);
        if (forms.HasFlag(SourceForms.Url) && output.Public) return new UrlSource(output.Url, output.ContentType);
        if (!forms.HasFlag(SourceForms.File))
            throw new ApiException(ApiError.Unsupported($"{target.Name} can't take a video from {source.Provider.Name}.", "model"));
        var limit = Math.Min(call.Providers.Options.Limits.MaxHandOverBytes, target.Profile.MaxSourceBytes);
        return new FileSource(await content.HandOverAsync(call.Context, source.Provider, job, output, limit, lease, deadline));
    }

    private static string ParamOf(VideoCall call) => call.Operation == VideoOperation.Remix ? "video_id" : "video.id";

    private static void CheckLength(VideoCall call, SourceVideo source, Provider target)
    {
        if (target.Profile.MaxSourceSeconds is { } max
            && decimal.TryParse(source.Job.Video.Seconds, NumberStyles.Number, CultureInfo.InvariantCulture, out var seconds) && seconds > max)
            throw new ApiException(ApiError.Invalid(ParamOf(call), Invariant($"The source is {seconds} seconds long; {target.Name} takes at most {max}.")));
    }
}
