using System.Text.Json;
using RemixProxy.Adapters;
using RemixProxy.Contract;
using RemixProxy.Providers.Kit;

namespace RemixProxy.Providers.Luma;

/// <summary>A generation as every 2xx answer shows it.</summary>
/// <param name="root">The object.</param>
internal sealed class LumaGeneration(JsonElement root)
{
    /// <exception cref="JsonException">The body is no JSON object.</exception>
    public static VideoSnapshot Read(NativeResponse response) => new LumaGeneration(response.ReadObject()).ToSnapshot();

    private VideoSnapshot ToSnapshot() => State() with { Id = root.Text("id"), Model = root.Text("model"), CreatedAt = root.Time("created_at") };

    private VideoSnapshot State() => root.Text("state") switch
    {
        "queued" => new() { Status = VideoStatus.Queued },
        "completed" => Completed(),
        "failed" => VideoSnapshot.Failed(CodeOr("provider_error"), root.Text("failure_reason")),
        _ => new() { Status = VideoStatus.InProgress },
    };

    private VideoSnapshot Completed() => Videos() is { Length: > 0 } videos
        ? new() { Status = VideoStatus.Completed, Outputs = videos }
        : VideoSnapshot.Failed(CodeOr("no_output"), root.Text("failure_reason") ?? "The provider reported success without a video.");

    // An HDR video can have an EXR file beside it, of a type nobody documents: such a one counts only where there is no video.
    private NativeOutput[] Videos()
    {
        var outputs = root.Items("output").Select(
            o => (Type: o.Text("type"), Url: o.Member("url").WebUrl()?.OriginalString)).Where(o => o.Url is not null).ToArray();
        var videos = outputs.Where(o => o.Type is "video" or null).Select(o => new NativeOutput(o.Url!) { Public = true, ContentType = "video/mp4" }).ToArray();
        return videos.Length > 0 ? videos : [.. outputs.Where(o => o.Type != "image").Select(o => new NativeOutput(o.Url!) { Public = true })];
    }

    // The vendor's codes are made for programs and stay as they are; generation_failed says no more than the status.
    private string CodeOr(string otherwise) => root.Word("failure_code") switch
    {
        null or "generation_failed" => otherwise,
        var code when code.Says("moderat") => "moderation_blocked",
        var code => code,
    };
}
