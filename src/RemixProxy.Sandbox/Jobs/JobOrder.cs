using System.Text.Json.Nodes;
using RemixProxy.Sandbox.Content;

namespace RemixProxy.Sandbox.Jobs;

/// <summary>A checked request for a video.</summary>
internal sealed record JobOrder(JobKind Kind, string Model, string Prompt)
{
    /// <summary>The job this one was made from, if it was named by id.</summary>
    public string? SourceId { get; init; }

    /// <summary>The clip this one was made from, if the sandbox knows it.</summary>
    public Clip? SourceClip { get; init; }

    public ClipShape Shape { get; init; }

    /// <summary>"WxH" where the vendor echoes it.</summary>
    public string Size { get; init; } = "";

    /// <summary>Length of the video in seconds; of an extension the stitched total.</summary>
    public double Seconds { get; init; }

    /// <summary>The native input, where the vendor gives it back.</summary>
    public JsonNode? Input { get; init; }

    /// <summary>How long ago the job began; zero where the answer to the submit does not wait for it.</summary>
    public TimeSpan Waited { get; init; }

    /// <summary>The result travels inside the poll's answer instead of by URL.</summary>
    public bool Inline { get; init; }

    /// <summary>Where the result is written, as <c>gs://bucket/folder/</c>, if it is written into the customer's own bucket.</summary>
    public string? Folder { get; init; }

    /// <summary>How many videos the job makes.</summary>
    public int Count { get; init; } = 1;
}
