using System.Diagnostics;

namespace RemixProxy.FunctionalTests.Telemetry;

/// <summary>A span as a collector gets it. Ids are in hexadecimal; a root's parent is the empty text.</summary>
internal sealed record OtlpSpan(OtlpOrigin Origin, string TraceId, string SpanId, string ParentId, string Name)
{
    public required ActivityKind Kind { get; init; }

    public required ActivityStatusCode Status { get; init; }

    public required string StatusDescription { get; init; }

    public required TimeSpan Duration { get; init; }

    public required IReadOnlyDictionary<string, object?> Attributes { get; init; }

    public required IReadOnlyList<(string Name, IReadOnlyDictionary<string, object?> Attributes)> Events { get; init; }

    public required IReadOnlyList<(string TraceId, string SpanId)> Links { get; init; }
}
