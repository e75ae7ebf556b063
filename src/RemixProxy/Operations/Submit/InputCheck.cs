using RemixProxy.Adapters;
using RemixProxy.Contract;
using RemixProxy.Providers;

namespace RemixProxy.Operations.Submit;

/// <summary>
/// Refuses what changes the picture or costs money and the model can't take: images, videos, sounds, and a number of videos. Such a wish is never dropped.
/// </summary>
internal static class InputCheck
{
    private const int MostNamed = 10;

    /// <summary>Checks a wish against what a model declares. What nobody declares is left to the vendor.</summary>
    /// <returns>The error that names the field and the models that take it; null if the model takes all.</returns>
    public static ApiError? Of(VideoCall call, ModelTarget target, VideoOperation operation, SubmitIntent intent)
    {
        var (provider, name) = target;
        var model = provider.FittingModel(name);
        if (intent.FaultyAddress(field => model?.Takes(field, operation) != false) is { } faulty) return faulty;
        if (model is null) return provider.Profile.IsOpenAiCompatible ? null : OfUnsentFiles(call, target, intent);
        if (intent.Fault is { } fault) return fault;
        if (intent.StrayVideo is { Name: var video })
            return Refusal(call, $"{provider.Name}/{name} takes no '{video}' here; name a source in an edit, extend or remix.", video, null);
        if (OfOtherFiles(call, target, intent) is { } other) return other;
        foreach (var need in Needs(intent))
        {
            if (need.IsMet(model, operation)) continue;
            var message = $"{provider.Name}/{name} can't {need.What} {(operation == VideoOperation.Create ? "here" : "beside a source video")}.";
            return Refusal(call, message, intent.NameOf(need.Meaning), m => m.Operations.HasFlag(operation) && need.IsMet(m, operation));
        }

        return null;
    }

    // A vendor's own API has no place for the bytes of a field that nobody understood. Text goes as it is written.
    private static ApiError? OfUnsentFiles(VideoCall call, ModelTarget target, SubmitIntent intent)
    {
        if (OfOtherFiles(call, target, intent) is { } other) return other;
        return intent.Fault is { } fault && FieldNames.Media.Any(m => intent.Body.Find(m)?.Files.Any() == true) ? fault : null;
    }

    private static ApiError? OfOtherFiles(VideoCall call, ModelTarget target, SubmitIntent intent)
    {
        if (intent.OtherFiles.FirstOrDefault() is not { Name: var name }) return null;
        var shown = FieldNames.Shown(name);
        return Refusal(call, $"{target.Provider.Name}/{target.Model} takes no file '{shown}'.", shown, null);
    }

    private static IEnumerable<Need> Needs(SubmitIntent intent)
    {
        if (intent.FirstFrame is not null) yield return new(FieldNames.FirstFrame, "start from an image", (m, o) => m.InputsOf(o).FirstFrame);
        if (intent.LastFrame is not null) yield return new(FieldNames.LastFrame, "end with an image", (m, o) => m.InputsOf(o).LastFrame);
        if (intent.ReferenceImages.Count is > 0 and var images)
            yield return new(FieldNames.ReferenceImages, Invariant($"refer to {images} images"), (m, o) => m.InputsOf(o).ReferenceImages >= images);
        if (intent.ReferenceVideos.Count is > 0 and var videos)
            yield return new(FieldNames.ReferenceVideos, Invariant($"refer to {videos} videos"), (m, o) => m.InputsOf(o).ReferenceVideos >= videos);
        if (intent.ReferenceAudio.Count is > 0 and var sounds)
            yield return new(FieldNames.ReferenceAudio, Invariant($"refer to {sounds} sounds"), (m, o) => m.InputsOf(o).ReferenceAudio >= sounds);
        if (intent.Audio == true) yield return new(FieldNames.Audio, "make sound", (m, o) => m.SoundOf(o) != ModelSound.Never);
        if (intent.Audio == false) yield return new(FieldNames.Audio, "leave out the sound", (m, o) => m.SoundOf(o) != ModelSound.Always);
        if (intent.Outputs is > 1 and var outputs)
            yield return new(FieldNames.Outputs, Invariant($"make {outputs} videos at once"), (m, _) => m.MaxOutputs >= outputs);
    }

    private static ApiError Refusal(VideoCall call, string message, string param, Func<VideoModel, bool>? isMetBy)
    {
        string[] able = isMetBy is null
            ? []
            : [.. call.Providers.Models.Where(m => isMetBy(m.Model)).Select(m => $"{m.Provider.Name}/{m.Model.Id}")];
        var named = string.Join(", ", able.Take(MostNamed)) + (able.Length > MostNamed ? ", …" : "");
        return ApiError.UnsupportedParameter(param, able.Length > 0 ? $"{message} These can: {named}." : $"{message} Leave '{param}' out.");
    }

    /// <param name="Meaning">The field, by our name for it.</param>
    /// <param name="What">What the model has to do, after "can't".</param>
    /// <param name="IsMet">Whether a model can.</param>
    private readonly record struct Need(string Meaning, string What, Func<VideoModel, VideoOperation, bool> IsMet);
}
