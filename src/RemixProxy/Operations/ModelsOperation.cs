using RemixProxy.Adapters;
using RemixProxy.Contract;
using RemixProxy.Providers;

namespace RemixProxy.Operations;

/// <summary>Lists the models and aliases that requests may name, with what each can do, or shows one of them.</summary>
internal sealed class ModelsOperation : IVideoOperation
{
    /// <summary>How much of an unknown name an error shows, in characters.</summary>
    private const int LongestShown = 256;

    private const VideoOperation Always = VideoOperation.Retrieve | VideoOperation.Content | VideoOperation.List | VideoOperation.Delete;

    private static readonly VideoOperation[] Single = [.. Enum.GetValues<VideoOperation>().Where(o => o is not (VideoOperation.None or VideoOperation.Submit))];

    public VideoOperation Operations => VideoOperation.Models;

    public async Task<ApiError?> AnswerAsync(VideoCall call)
    {
        if (call.Http.Request.RouteValues["model"] is not string name)
        {
            await Answers.WriteAsync(call, new ModelList([.. Entries(call.Providers)]), VideoJsonContext.Answer.ModelList);
            return null;
        }

        // Routing leaves slashes percent-encoded.
        name = name.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase).TrimEnd('/');
        if (Find(call.Providers, name) is not { } entry)
            return ApiError.ModelNotFound($"There is no model '{TextBounds.Cut(name, LongestShown)}'. List them with GET /v1/models.");
        await Answers.WriteAsync(call, entry, VideoJsonContext.Answer.ModelEntry);
        return null;
    }

    /// <summary>The entry of a name as the list has it, or of a model's own name, as a create understands it.</summary>
    private static ModelEntry? Find(ProviderSet providers, string name)
    {
        var entries = Entries(providers).ToLookup(e => e.Id, StringComparer.Ordinal);
        if (entries[name].FirstOrDefault() is { } listed) return listed;
        return providers.Resolve(name) is [var (provider, model), ..] && entries[$"{provider.Name}/{model}"].FirstOrDefault() is { } own
            ? own with { Id = name }
            : null;
    }

    private static IEnumerable<ModelEntry> Entries(ProviderSet providers)
    {
        var models = providers.Models.Select(m => Entry($"{m.Provider.Name}/{m.Model.Id}", m.Provider, m.Model));
        var aliases = providers.Aliases.Where(a => a.Value.Count > 0).Select(a => Alias(a.Key, a.Value[0]));
        return aliases.Concat(models);
    }

    // An alias names a model that creates. What the video can become afterwards is the provider's to decide.
    private static ModelEntry Alias(string name, ModelTarget target)
    {
        var (provider, model) = target;
        // What nobody declares and goes as it is written may do all that its provider does.
        var unknown = provider.FittingModel(model) is null ? provider.Profile.Operations & VideoOperation.Submit : VideoOperation.Create;
        var declared = provider.FindModel(model) ?? new(model, unknown);
        var afterwards = Single.Where(
            o => o.IsSubmit() && provider.EditModel(o) is { } editor && provider.FindModel(editor)?.Operations.HasFlag(o) == true);
        return Entry(name, provider, declared with
        {
            Operations = afterwards.Aggregate(declared.Operations, (all, one) => all | one),
            Remix = provider.EditModel(VideoOperation.Remix) is { } remixer ? provider.FindModel(remixer)?.Remix : declared.Remix,
        });
    }

    private static ModelEntry Entry(string id, Provider provider, VideoModel model) => new(
        id,
        provider.Name,
        new(
            [.. Single.Where(o => (model.Operations | Always | (provider.Profile.Operations & VideoOperation.Cancel)).HasFlag(o)).Select(o => o.Name())],
            RemixOf(provider, model).ToString().ToLowerInvariant(),
            [.. model.Sizes.Select(s => s.Pixels.ToString()).Distinct(StringComparer.Ordinal)],
            model.Seconds?.Values ?? [],
            [.. model.Sizes.Select(s => s.Aspect).Distinct(StringComparer.Ordinal)],
            InputsOf([model.Inputs, model.SourceInputs]),
            model.Sound.ToString().ToLowerInvariant()));

    // The provider's way is not that of a model that doesn't remix.
    private static RemixKind RemixOf(Provider provider, VideoModel model) =>
        model.Operations.HasFlag(VideoOperation.Remix) ? model.Remix ?? provider.Profile.Remix : RemixKind.None;

    private static InputCapabilities InputsOf(ModelInputs[] inputs) => new(
        Images: inputs.Any(i => i.FirstFrame || i.LastFrame || i.ReferenceImages > 0),
        FirstFrame: inputs.Any(i => i.FirstFrame),
        LastFrame: inputs.Any(i => i.LastFrame),
        ReferenceImages: inputs.Any(i => i.ReferenceImages > 0),
        ReferenceVideos: inputs.Any(i => i.ReferenceVideos > 0),
        ReferenceAudio: inputs.Any(i => i.ReferenceAudio > 0));
}
