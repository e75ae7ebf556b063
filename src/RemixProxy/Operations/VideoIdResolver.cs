using RemixProxy.Contract;
using RemixProxy.Jobs;
using RemixProxy.Providers;
using RemixProxy.Resilience;

namespace RemixProxy.Operations;

/// <summary>The video that an id stands for.</summary>
/// <param name="Id">The full id.</param>
/// <param name="Provider">The provider that has the video.</param>
/// <param name="Job">The caller's job; null if the store doesn't know it or is away.</param>
internal sealed record FoundVideo(VideoId Id, Provider Provider, VideoJob? Job);

/// <summary>Finds the video that a caller's id stands for.</summary>
internal sealed class VideoIdResolver(IJobStore store)
{
    /// <summary>Finds the video that the call's path names.</summary>
    public ValueTask<Result<FoundVideo>> ResolveAsync(VideoCall call) => ResolveAsync(call, call.PathId ?? "", "video_id", call.CallerGone);

    /// <summary>Finds the video of an id.</summary>
    /// <param name="call">The call.</param>
    /// <param name="text">The id as routing leaves it: percent-decoded except for slashes.</param>
    /// <param name="param">The parameter that errors name.</param>
    /// <param name="cancellationToken">Cancels the look-up.</param>
    /// <param name="mayBeUnknown">
    /// Whether the id counts as unknown while the store is away. If not, and for every delete or cancel, the store's failure is thrown.
    /// </param>
    /// <returns>The video, or 400 or 404.</returns>
    public async ValueTask<Result<FoundVideo>> ResolveAsync(
        VideoCall call, string text, string param, CancellationToken cancellationToken, bool mayBeUnknown = true)
    {
        text = text.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);
        if (!VideoId.IsAcceptable(text)) return Malformed(param);
        if (VideoId.TryParse(text, out var parsed) && call.Providers.Find(parsed.Value.Provider) is { } provider)
        {
            var id = parsed.Value;
            if (call.Providers.Allows(provider)) call.Report.NoteProvider(provider);
            // Callers must not see each other's videos, so without the store only a provider that knows them by their keys is asked for them.
            mayBeUnknown &= call.Client is null && (provider.HasCallersKeys || !call.Providers.HasCallersKeys)
                && call.Operation is not (VideoOperation.Delete or VideoOperation.Cancel);
            var job = await FindAsync(id, mayBeUnknown, cancellationToken);
            // A stored id came from the provider itself, so it is right whatever the adapter expects.
            if (job?.Caller == call.Caller)
            {
                call.Report.NoteProvider(provider);
                call.Report.NotePrompt(job.Video.Prompt);
                return job.Deleted ? NotFound(param) : new FoundVideo(id, provider, job);
            }

            // Another caller's video looks like one that doesn't exist.
            if (!call.Providers.Allows(provider)) return NoProvider(provider.Name, param);
            if (!IsNative(provider, id.Native)) return Malformed(param);
            return job is null && call.Client is null && provider.MayHave(id.Native) ? new FoundVideo(id, provider, null) : NotFound(param);
        }

        // The id has no known suffix. It means the one job of this caller with that native id.
        var native = VideoId.TryDecodeNative(text, out var decoded) ? decoded : text;
        var jobs = await store.FindNativeAsync(call.Caller, native, cancellationToken);
        if (jobs is [var only] && call.Providers.Find(only.Id.Provider) is { } owner)
        {
            call.Report.NoteProvider(owner);
            call.Report.NotePrompt(only.Video.Prompt);
            return new FoundVideo(only.Id, owner, only);
        }

        return parsed is { Provider: var name } && ProviderSet.IsName(name) ? NoProvider(name, param) : Malformed(param);
    }

    // While the store is away, reads treat its videos as unknown. Operations that change or list videos must know them.
    private async ValueTask<VideoJob?> FindAsync(VideoId id, bool mayBeUnknown, CancellationToken cancellationToken)
    {
        try
        {
            return await store.FindAsync(id, cancellationToken);
        }
        catch (DependencyException) when (mayBeUnknown)
        {
            return null;
        }
    }

    private static bool IsNative(Provider provider, string native) =>
        native.Length <= provider.Profile.MaxIdLength && native is not ("" or "." or "..") && !native.AsSpan().ContainsAnyExcept(provider.Profile.IdCharacters);

    private static ApiError NoProvider(string name, string param) => new(
        404, "provider_not_found", $"No provider named '{name}' is configured. A video id ends in ':' and the provider's name.", param);

    private static ApiError Malformed(string param) =>
        ApiError.InvalidId(param, "This is not the id of a video. Ids look like 'task_abc:runway'; see GET /v1/videos.");

    private static ApiError NotFound(string param) => ApiError.VideoNotFound with { Param = param };
}
