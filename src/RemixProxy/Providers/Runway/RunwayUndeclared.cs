using System.Globalization;
using System.Text.Json;
using RemixProxy.Adapters;
using RemixProxy.Contract;
using RemixProxy.Providers.Kit;

namespace RemixProxy.Providers.Runway;

/// <summary>
/// The body for a model that nobody declares: what has a meaning gets Runway's name, everything else goes as the caller wrote it, and nothing is fitted or
/// refused.
/// </summary>
internal static class RunwayUndeclared
{
    // These do not stand in the request's fields. Where their value could not be read, it goes on as it was written.
    private static readonly string[] Members =
        ["seconds", "input_reference", "last_frame", "reference_images", "reference_videos", "reference_audio", "audio", "n"];

    /// <summary>All members but model, prompt, images, videos and sounds.</summary>
    /// <param name="wish">The wish.</param>
    /// <param name="mode">What is done with a source; null: the vendor's own choice, or none.</param>
    public static NativeObject Settings(Wish wish, string? mode)
    {
        var request = wish.Request;
        var aspect = wish.Fields.Json("aspect_ratio");
        var isShaped = aspect is not null || wish.Fields.Json("resolution") is not null;
        // The vendor decides what it makes of a wish, so callers see what they asked for, else the source's, else nothing.
        var unknown = request.Source is null ? "" : null;
        if (isShaped) wish.FollowFields();
        wish.Size = isShaped ? "" : request.Size?.ToString() ?? unknown;
        wish.Seconds = request.Seconds is { } length ? Durations.Text(length) : unknown;
        if (request.Operation == VideoOperation.Extend) wish.Append(request.Seconds ?? 0);
        var settings = new NativeObject
        {
            { "mode", mode },
            { "ratio", aspect is null && request.Size is { } size ? Invariant($"{size.Width}:{size.Height}") : null },
            { "ratio", aspect },
            { "resolution", wish.Fields.Json("resolution") },
            { "duration", request.Seconds },
            { "seed", Seed(wish.Fields.Json("seed")) },
            { "audio", request.Audio },
            { "negativePrompt", wish.Fields.Json("negative_prompt") },
            { "n", request.Outputs > 1 ? request.Outputs : null },
            wish.Fields.Rest().Where(f => !IsDecided(request, mode, f.Key)),
        };
        foreach (var name in Members.Where(m => !IsRead(request, m)).Select(request.Written.NameOf))
        {
            var written = request.Written.Fields.FirstOrDefault(f => f.Key == name);
            if (written.Key is not null && (name != "n" || written.Value.ToString() != "1")) settings.Add(name, (JsonElement?)written.Value);
        }

        return settings;
    }

    // What this proxy fills in itself is what callers see of the job, so a field of the caller's own must not replace it.
    private static bool IsDecided(SubmitRequest request, string? mode, string native) => native switch
    {
        "model" or "promptText" => true,
        "promptImage" => request.InputReference is not null,
        "promptVideo" or "videoUri" => request.Source is not null,
        "mode" => mode is not null,
        _ => false,
    };

    private static bool IsRead(SubmitRequest request, string member) => member switch
    {
        "seconds" => request.Seconds is not null,
        "input_reference" => request.InputReference is not null,
        "last_frame" => request.LastFrame is not null,
        "reference_images" => request.ReferenceImages.Count > 0,
        "reference_videos" => request.ReferenceVideos.Count > 0,
        "reference_audio" => request.ReferenceAudio.Count > 0,
        "audio" => request.Audio is not null,
        _ => request.Outputs > 1,
    };

    // A form has no numbers.
    private static JsonElement? Seed(JsonElement? seed) =>
        seed is { ValueKind: JsonValueKind.String } text
        && long.TryParse(text.GetString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? JsonElement.Parse(Invariant($"{number}"))
            : seed;
}
