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
        var models = call.Providers.Providers.SelectMany(p => p.Profile.Models.Select(m => Entry($"{p.Name}/{m.Id}", p, m)));
        var aliases = call.Providers.Aliases.Where(a => a.Value.Count > 0).Select(a => Alias(a.Key, a.Value[0]));
        await Answers.WriteAsync(call, new ModelList([.. aliases, .. models]), VideoJsonContext.Answer.ModelList);
        return null;
    }

    private static ModelEntry Alias(string name, ModelTarget target) =>
        Entry(name, target.Provider, target.Provider.Profile.FindModel(target.Model) ?? new(target.Model, VideoOperation.Create));

    private static ModelEntry Entry(string id, Provider provider, VideoModel model) => new(
        id,
        provider.Name,
        new(
            [.. Single.Where(o => (model.Operations | Always | (provider.Profile.Operations & VideoOperation.Cancel)).HasFlag(o)).Select(o => o.Name())],
            provider.Profile.Remix.ToString().ToLowerInvariant(),
            [.. model.Sizes.Select(s => s.Pixels.ToString()).Distinct(StringComparer.Ordinal)],
            model.Seconds?.Values ?? [],
            [.. model.Sizes.Select(s => s.Aspect).Distinct(StringComparer.Ordinal)]));
}
