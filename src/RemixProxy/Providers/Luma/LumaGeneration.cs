using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace RemixProxy.Providers.Luma;

/// <summary>A generation as every 2xx answer shows it.</summary>
internal sealed partial record LumaGeneration
{
    private const int LongestCode = 64;

    public string? Id { get; init; }

    /// <summary>ISO 8601.</summary>
    public string? CreatedAt { get; init; }

    public string? Model { get; init; }

    /// <summary><c>queued</c>, <c>processing</c>, <c>completed</c>, <c>failed</c>.</summary>
    public string? State { get; init; }

    public IReadOnlyList<LumaOutput?>? Output { get; init; }

    public string? FailureCode { get; init; }

    public string? FailureReason { get; init; }

    /// <exception cref="JsonException">It is no generation.</exception>
    public static LumaGeneration Parse(ReadOnlySpan<byte> utf8) =>
        JsonSerializer.Deserialize(utf8, LumaAnswerJsonContext.Default.LumaGeneration) ?? throw new JsonException("No generation but null.");

    public VideoSnapshot ToSnapshot()
    {
        var videos = State == "completed" ? Videos() : [];
        var snapshot = State switch
        {
            "queued" => new VideoSnapshot { Status = VideoStatus.Queued },
            "completed" when videos.Length > 0 => new VideoSnapshot { Status = VideoStatus.Completed, Outputs = videos },
            "completed" => VideoSnapshot.Failed(CodeOr("no_output"), FailureReason ?? "The provider reported success without a video."),
            "failed" => VideoSnapshot.Failed(CodeOr("provider_error"), FailureReason),
            _ => new VideoSnapshot { Status = VideoStatus.InProgress },
        };
        return snapshot with { Id = Id is "" ? null : Id, Model = Model, CreatedAt = Time(CreatedAt) };
    }

    // An HDR video can have an EXR file beside it, of a type nobody documents: such a one counts only where there is no video.
    private NativeOutput[] Videos()
    {
        var outputs = (Output ?? []).OfType<LumaOutput>().Where(o => o.HasUrl).ToArray();
        var videos = outputs.Where(o => o.Type is "video" or null).Select(o => new NativeOutput(o.Url!) { Public = true, ContentType = "video/mp4" }).ToArray();
        return videos.Length > 0 ? videos : [.. outputs.Where(o => o.Type != "image").Select(o => new NativeOutput(o.Url!) { Public = true })];
    }

    // The vendor's codes are made for programs and stay as they are; generation_failed says no more than the status.
    private string CodeOr(string otherwise) => FailureCode switch
    {
        null or "generation_failed" => otherwise,
        var code when code.Contains("moderat", StringComparison.OrdinalIgnoreCase) => "moderation_blocked",
        { Length: <= LongestCode } code when PlainWord().IsMatch(code) => code,
        _ => otherwise,
    };

    private static DateTimeOffset? Time(string? text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;

    [GeneratedRegex("^[a-z][a-z0-9_]*$", RegexOptions.NonBacktracking)]
    private static partial Regex PlainWord();
}

/// <summary>An output of a generation.</summary>
/// <param name="Type"><c>video</c>, <c>image</c>.</param>
/// <param name="Url">Signed, good for an hour.</param>
internal sealed record LumaOutput(string? Type, string? Url)
{
    public bool HasUrl => Uri.TryCreate(Url, UriKind.Absolute, out var uri) && (uri.Scheme == Uri.UriSchemeHttps || uri.Scheme == Uri.UriSchemeHttp);
}
