using System.Text.Json.Nodes;
using RemixProxy.Sandbox.Content;
using RemixProxy.Sandbox.Jobs;

namespace RemixProxy.Sandbox.Providers;

/// <summary>A body that was checked and found good, and what its fields name.</summary>
internal sealed class Submission(JsonObject body, IReadOnlyDictionary<string, NativeSource> sources)
{
    public JsonObject Body => body;

    /// <summary>What a field names, or what one of the fields below it names; rather a clip of the sandbox than another.</summary>
    public NativeSource? SourceOf(string path) => sources
        .Where(source => source.Key == path || source.Key.StartsWith(path + ".", StringComparison.Ordinal))
        .Select(source => source.Value)
        .MaxBy(source => source.Clip is not null);

    /// <summary>An order for a clip of a shape, else of its source's.</summary>
    /// <param name="kind">What is asked for.</param>
    /// <param name="model">The model that the vendor will name.</param>
    /// <param name="prompt">The prompt, with its magic words.</param>
    /// <param name="ratio">"16:9", "1280:720" or "1280x720".</param>
    /// <param name="source">What the clip is made from.</param>
    public static JobOrder Order(JobKind kind, string model, string? prompt, string? ratio, NativeSource? source = null) => new(kind, model, prompt ?? "")
    {
        SourceId = source?.Job?.Id,
        SourceClip = source?.Clip,
        Shape = ratio is null ? source?.Clip?.Shape ?? ClipShape.Landscape : ClipLibrary.ShapeOf(ratio),
    };
}
