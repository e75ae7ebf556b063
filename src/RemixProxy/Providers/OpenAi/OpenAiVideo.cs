using System.Text.Json;

namespace RemixProxy.Providers.OpenAi;

/// <summary>The Video object as servers answer it: keys may be missing, and any of them may be text, number or something else.</summary>
/// <remarks>Where a server adds a URL of its own (<c>url</c>, <c>video_url</c>, <c>output.url</c>) it isn't used: every compatible server has the content route, and who may fetch that URL nobody says.</remarks>
internal sealed record OpenAiVideo
{
    public JsonElement Id { get; init; }

    public JsonElement Model { get; init; }

    public JsonElement Status { get; init; }

    public JsonElement Progress { get; init; }

    public JsonElement Prompt { get; init; }

    public JsonElement Size { get; init; }

    public JsonElement Seconds { get; init; }

    public JsonElement RemixedFromVideoId { get; init; }

    public JsonElement CreatedAt { get; init; }

    public JsonElement CompletedAt { get; init; }

    public JsonElement ExpiresAt { get; init; }

    public JsonElement Error { get; init; }

    /// <summary>Where a video is, below the server's base.</summary>
    public static string Target(string id) => "videos/" + NativeRequest.Segment(id);

    /// <summary>Reads a 2xx body.</summary>
    /// <exception cref="JsonException">It is no JSON object.</exception>
    public static OpenAiVideo Read(NativeResponse response) =>
        JsonSerializer.Deserialize(response.Body.Span, OpenAiJsonContext.Default.OpenAiVideo) ?? throw new JsonException("The body is null.");

    /// <summary>What it says.</summary>
    /// <param name="askedFor">The id that was asked for; null: the answer names it.</param>
    public VideoSnapshot ToSnapshot(string? askedFor = null)
    {
        var id = askedFor ?? Id.AsText();
        var word = Status.AsText()?.ToLowerInvariant();
        var status = StatusOf(word);
        return new()
        {
            Id = id,
            Status = status,
            Progress = (double?)Progress.AsNumber(),
            Model = Model.AsText(),
            Prompt = Prompt.AsText(),
            Size = VideoSize.TryParse(Size.AsText(), out var size) ? size.ToString() : null,
            Seconds = Seconds.AsNumber() is > 0 and var seconds ? SizeAndLength.Text(seconds) : null,
            RemixedFromId = RemixedFromVideoId.AsText(),
            CreatedAt = CreatedAt.AsMoment(),
            CompletedAt = CompletedAt.AsMoment(),
            ExpiresAt = ExpiresAt.AsMoment(),
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
        var error = OpenAiError.From(Error);
        var code = word switch
        {
            "cancelled" or "canceled" => "cancelled",
            "expired" => "expired",
            _ when error.IsModeration => "moderation_blocked",
            // That one says no more than the status.
            _ => error.StableCode is { } own and not "video_generation_failed" ? own : "provider_error",
        };
        return VideoSnapshot.Failed(code, error.Message).Error!;
    }
}
