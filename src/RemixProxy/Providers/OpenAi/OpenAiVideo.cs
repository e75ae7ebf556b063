using System.Text.Json;
using RemixProxy.Adapters;
using RemixProxy.Contract;
using RemixProxy.Providers.Kit;

namespace RemixProxy.Providers.OpenAi;

/// <summary>The Video object as servers answer it: keys may be missing, and any of them may be text, number or something else.</summary>
/// <remarks>
/// Where a server adds a URL of its own (<c>url</c>, <c>video_url</c>, <c>output.url</c>) it isn't used: every compatible server has the content route, and who
/// may fetch that URL nobody says.
/// </remarks>
/// <param name="root">The object.</param>
internal sealed class OpenAiVideo(JsonElement root)
{
    /// <summary>Where a video is, below the server's base.</summary>
    public static string Target(string id) => "videos/" + NativeRequest.Segment(id);

    /// <summary>Reads a 2xx body.</summary>
    /// <param name="response">The response.</param>
    /// <param name="askedFor">The id that was asked for; null: the answer names it.</param>
    /// <exception cref="JsonException">The body is no JSON object.</exception>
    public static VideoSnapshot Read(NativeResponse response, string? askedFor = null) => new OpenAiVideo(response.ReadObject()).ToSnapshot(askedFor);

    private VideoSnapshot ToSnapshot(string? askedFor)
    {
        var id = askedFor ?? root.Text("id");
        var word = root.Text("status")?.ToLowerInvariant();
        var status = StatusOf(word);
        return new()
        {
            Id = id,
            Status = status,
            Progress = (double?)root.Number("progress"),
            Model = root.Text("model"),
            Prompt = root.Text("prompt"),
            Size = VideoSize.TryParse(root.Text("size"), out var size) ? size.ToString() : null,
            Seconds = root.Number("seconds") is > 0 and var seconds ? SizeAndLength.Text(seconds) : null,
            RemixedFromId = root.Text("remixed_from_video_id"),
            CreatedAt = root.UnixTime("created_at"),
            CompletedAt = root.UnixTime("completed_at"),
            ExpiresAt = root.UnixTime("expires_at"),
            Error = status == VideoStatus.Failed ? ErrorOf(word!) : null,
            Outputs = status == VideoStatus.Completed && id is not null ? [new(Target(id) + "/content")] : [],
        };
    }

    // The four words of the API, and those that compatible servers use for them.
    private static VideoStatus StatusOf(string? word) => word switch
    {
        "queued" or "pending" => VideoStatus.Queued,
        "completed" or "succeeded" => VideoStatus.Completed,
        "failed" or "cancelled" or "canceled" or "expired" => VideoStatus.Failed,
        _ => VideoStatus.InProgress,
    };

    private VideoError ErrorOf(string word)
    {
        var error = new OpenAiError(root.Member("error"));
        var code = word switch
        {
            "cancelled" or "canceled" => "cancelled",
            "expired" => "expired",
            _ when error.IsModeration => "moderation_blocked",
            // That one says no more than the status.
            _ => error.Code is { } own and not "video_generation_failed" ? own : "provider_error",
        };
        return VideoSnapshot.Failed(code, error.Message).Error!;
    }
}
