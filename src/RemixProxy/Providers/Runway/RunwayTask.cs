using System.Text.Json;
using RemixProxy.Adapters;
using RemixProxy.Contract;
using RemixProxy.Providers.Kit;

namespace RemixProxy.Providers.Runway;

/// <summary>The answer to a submit, which has only an id, and to a poll.</summary>
/// <param name="root">The object.</param>
internal sealed class RunwayTask(JsonElement root)
{
    /// <summary>Reads a 2xx body.</summary>
    /// <param name="response">The response.</param>
    /// <param name="whenSilent">The state where the answer has none.</param>
    /// <exception cref="JsonException">The body is no JSON object.</exception>
    public static VideoSnapshot Read(NativeResponse response, VideoStatus whenSilent) => new RunwayTask(response.ReadObject()).ToSnapshot(whenSilent);

    private VideoSnapshot ToSnapshot(VideoStatus whenSilent) => State(whenSilent) with { Id = root.Text("id"), CreatedAt = root.Time("createdAt") };

    private VideoSnapshot State(VideoStatus whenSilent) => root.Text("status") switch
    {
        null => new() { Status = whenSilent },
        "PENDING" or "THROTTLED" => new() { Status = VideoStatus.Queued },
        "SUCCEEDED" => Succeeded(),
        "FAILED" => VideoSnapshot.Failed(IsModeration ? "moderation_blocked" : "provider_error", root.Text("failure")),
        "CANCELLED" => VideoSnapshot.Failed("cancelled", root.Text("failure") ?? "The task was cancelled."),
        _ => new() { Status = VideoStatus.InProgress, Progress = (double?)root.Number("progress") * 100 },
    };

    // The word leads (SAFETY.INPUT.TEXT) or stands within (INPUT_PREPROCESSING.SAFETY.THIRD_PARTY). Runway asks not to show the code to end users.
    private bool IsModeration => root.Text("failureCode")?.Split('.').Contains("SAFETY", StringComparer.OrdinalIgnoreCase) == true;

    private VideoSnapshot Succeeded()
    {
        NativeOutput[] outputs = [.. root.Items("output").Select(o => o.WebUrl()).OfType<Uri>().Select(ToOutput)];
        return outputs.Length == 0
            ? VideoSnapshot.Failed("no_output", "The task succeeded without a video.")
            : new() { Status = VideoStatus.Completed, Outputs = outputs };
    }

    // An aleph2 edit may come as ProRes or as a sequence of pictures; nothing but the file's name tells.
    private static NativeOutput ToOutput(Uri url) => new(url.OriginalString)
    {
        Public = true,
        ContentType = Path.GetExtension(url.AbsolutePath) switch
        {
            ".mp4" => "video/mp4",
            ".mov" => "video/quicktime",
            ".zip" => "application/zip",
            _ => null,
        },
    };
}
