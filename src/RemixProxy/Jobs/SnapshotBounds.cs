using RemixProxy.Adapters;
using RemixProxy.Contract;

namespace RemixProxy.Jobs;

/// <summary>Cuts what a provider says of a video to what is worth remembering. A store of jobs must not grow by what an answer happens to hold.</summary>
internal static class SnapshotBounds
{
    /// <summary>The longest URL that is kept, in characters. Nobody signs a longer one, and few clients send one.</summary>
    public const int MaxUrl = 16 << 10;

    /// <summary>The most outputs of a job, and the most reasons of a content filter.</summary>
    public const int MaxCount = 64;

    private const int MaxName = 256;
    private const int MaxFigure = 32;
    private const int MaxPrompt = 32_000;
    private const int MaxText = 1_000;

    /// <summary>The snapshot without what is too long: texts are cut, names and figures that no cut would leave true count as unsaid.</summary>
    public static VideoSnapshot Bounded(this VideoSnapshot snapshot) => snapshot with
    {
        Model = OrNone(snapshot.Model, MaxName),
        Size = OrNone(snapshot.Size, MaxFigure),
        Seconds = OrNone(snapshot.Seconds, MaxFigure),
        Prompt = TextBounds.Cut(snapshot.Prompt, MaxPrompt),
        RemixedFromId = OrNone(snapshot.RemixedFromId, MaxName),
        Error = snapshot.Error is { } error ? new(TextBounds.Cut(error.Code, MaxName), TextBounds.Cut(error.Message, MaxText)) : null,
        Outputs = snapshot.Outputs.Count <= MaxCount && snapshot.Outputs.All(IsBounded)
            ? snapshot.Outputs
            : [.. snapshot.Outputs.Take(MaxCount).Where(o => o.IsInline || o.Url.Length <= MaxUrl).Select(WithBoundedType)],
        ContentFilter = snapshot.ContentFilter is { } filter
            ? filter with { Reasons = [.. filter.Reasons.Take(MaxCount).Select(r => TextBounds.Cut(r, MaxText))] }
            : null,
    };

    private static bool IsBounded(NativeOutput output) =>
        (output.IsInline || output.Url.Length <= MaxUrl) && output.ContentType is null or { Length: <= MaxName };

    private static NativeOutput WithBoundedType(NativeOutput output) => output with { ContentType = OrNone(output.ContentType, MaxName) };

    private static string? OrNone(string? text, int max) => text?.Length <= max ? text : null;
}
