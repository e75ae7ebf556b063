using RemixProxy.Adapters;
using RemixProxy.Contract;
using RemixProxy.Providers;

namespace RemixProxy.Operations;

/// <summary>Lists the models and aliases that requests may name, with what each can do.</summary>
internal sealed class ModelsOperation : IVideoOperation
{
    private const VideoOperation Always = VideoOperation.Retrieve | VideoOperation.Content | VideoOperation.List | VideoOperation.Delete;

    private static readonly VideoOperation[] Single = [.. Enum.GetValues<VideoOperation>().Where(o => o is not (VideoOperation.None or VideoOperation.Submit))];

    public VideoOperation Operations => VideoOperation.Models;

    public async Task<ApiError?> AnswerAsync(VideoCall call)
    {
        var models = call.Providers.Providers.SelectMany(p => p.Models.Select(m => Entry($"{p.Name}/{m.Id}", p, m)));
        var aliases = call.Providers.Aliases.Where(a => a.Value.Count > 0).Select(a => Alias(a.Key, a.Value[0]));
        await Answers.WriteAsync(call, new ModelList([.. aliases, .. models]), VideoJsonContext.Answer.ModelList);
        return null;
    }

    // An alias names a model that creates. What the video can become afterwards is the provider's to decide.
    private static ModelEntry Alias(string name, ModelTarget target)
    {
        var (provider, model) = target;
        var declared = provider.FindModel(model) ?? new(model, VideoOperation.Create);
        var afterwards = Single.Where(
            o => o.IsSubmit() && provider.EditModel(o) is { } editor && provider.FindModel(editor)?.Operations.HasFlag(o) == true);
        return Entry(name, provider, declared with { Operations = afterwards.Aggregate(declared.Operations, (all, one) => all | one) });
    }

    private static ModelEntry Entry(string id, Provider provider, VideoModel model) => new(
        id,
        provider.Name,
        new(
            [.. Single.Where(o => (model.Operations | Always).HasFlag(o)).Select(o => o.Name())],
            provider.Profile.Remix.ToString().ToLowerInvariant(),
            [.. model.Sizes.Select(s => s.Pixels.ToString()).Distinct(StringComparer.Ordinal)],
            model.Seconds?.Values ?? [],
            [.. model.Sizes.Select(s => s.Aspect).Distinct(StringComparer.Ordinal)],
            InputsOf([model.Inputs, model.SourceInputs]),
            model.Sound.ToString().ToLowerInvariant()));

    private static InputCapabilities InputsOf(ModelInputs[] inputs) => new(
        Images: inputs.Any(i => i.FirstFrame || i.LastFrame || i.ReferenceImages > 0),
        FirstFrame: inputs.Any(i => i.FirstFrame),
        LastFrame: inputs.Any(i => i.LastFrame),
        ReferenceImages: inputs.Any(i => i.ReferenceImages > 0),
        ReferenceVideos: inputs.Any(i => i.ReferenceVideos > 0),
        ReferenceAudio: inputs.Any(i => i.ReferenceAudio > 0));
}
