using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace RemixProxy.Providers.Runway;

/// <summary>The answer to a submit, which has only <see cref="Id"/>, and to a poll.</summary>
internal sealed record RunwayTask
{
    [JsonConverter(typeof(ScalarTextConverter))]
    public string? Id { get; init; }

    [JsonConverter(typeof(ScalarTextConverter))]
    public string? Status { get; init; }

    [JsonConverter(typeof(ScalarTextConverter))]
    public string? CreatedAt { get; init; }

    /// <summary>0–1.</summary>
    [JsonConverter(typeof(ScalarTextConverter))]
    public string? Progress { get; init; }

    /// <summary>URLs.</summary>
    public JsonElement Output { get; init; }

    /// <summary>Why it failed, for people.</summary>
    [JsonConverter(typeof(ScalarTextConverter))]
    public string? Failure { get; init; }

    /// <summary>Dotted, e.g. <c>SAFETY.INPUT.TEXT</c>; Runway asks not to show it to end users.</summary>
    [JsonConverter(typeof(ScalarTextConverter))]
    public string? FailureCode { get; init; }

    public VideoSnapshot ToSnapshot(VideoStatus whenSilent) => ReadState(whenSilent) with
    {
        Id = string.IsNullOrEmpty(Id) ? null : Id,
        CreatedAt = DateTimeOffset.TryParse(CreatedAt, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var created) ? created : null,
    };

    private VideoSnapshot ReadState(VideoStatus whenSilent) => Status switch
    {
        null => new() { Status = whenSilent },
        "PENDING" or "THROTTLED" => new() { Status = VideoStatus.Queued },
        "SUCCEEDED" => Succeeded(),
        "FAILED" => VideoSnapshot.Failed(IsModeration ? "moderation_blocked" : "provider_error", Failure),
        "CANCELLED" => VideoSnapshot.Failed("cancelled", Failure ?? "The task was cancelled."),
        _ => new() { Status = VideoStatus.InProgress, Progress = Percent },
    };

    // The word leads (SAFETY.INPUT.TEXT) or stands within (INPUT_PREPROCESSING.SAFETY.THIRD_PARTY).
    private bool IsModeration => FailureCode?.Split('.').Contains("SAFETY", StringComparer.OrdinalIgnoreCase) == true;

    private double? Percent => double.TryParse(Progress, NumberStyles.Float, CultureInfo.InvariantCulture, out var fraction) ? fraction * 100 : null;

    private VideoSnapshot Succeeded()
    {
        NativeOutput[] outputs = [.. Texts().Select(ToOutput).OfType<NativeOutput>()];
        return outputs.Length == 0
            ? VideoSnapshot.Failed("no_output", "The task succeeded without a video.")
            : new() { Status = VideoStatus.Completed, Outputs = outputs };
    }

    private IEnumerable<string> Texts() => Output.ValueKind switch
    {
        JsonValueKind.String => [Output.GetString()!],
        JsonValueKind.Array => Output.EnumerateArray().Where(o => o.ValueKind == JsonValueKind.String).Select(o => o.GetString()!),
        _ => [],
    };

    // An aleph2 edit may come as ProRes or as a sequence of pictures; nothing but the file's name tells.
    private static NativeOutput? ToOutput(string url) => !WebUrl.TryParse(url, out var uri) ? null : new(url)
    {
        Public = true,
        ContentType = Path.GetExtension(uri.AbsolutePath) switch
        {
            ".mp4" => "video/mp4",
            ".mov" => "video/quicktime",
            ".zip" => "application/zip",
            _ => null,
        },
    };
}
