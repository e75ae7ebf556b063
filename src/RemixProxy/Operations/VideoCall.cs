using Microsoft.AspNetCore.Http;
using RemixProxy.Contract;
using RemixProxy.Providers;

namespace RemixProxy.Operations;

/// <summary>One call of ours, from the first middleware to the answer. What its stages find out travels in their results.</summary>
internal sealed class VideoCall
{
    /// <summary>The request and its response.</summary>
    public required HttpContext Http { get; init; }

    /// <summary>What the rooms below know of it.</summary>
    public required CallContext Context { get; init; }

    public required string RequestId { get; init; }

    /// <summary>The providers in force when the call came.</summary>
    public required ProviderSet Providers { get; init; }

    /// <summary>When it came.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Fires when this process is told to stop.</summary>
    public required CancellationToken Stopping { get; init; }

    /// <summary>What log, metrics and headers say of it.</summary>
    public CallReport Report { get; } = new();

    public VideoOperation Operation => Context.Operation;

    public string Caller => Context.Caller;

    public CancellationToken CallerGone => Context.CallerGone;

    /// <summary>The id in the path as routing leaves it: percent-decoded but for slashes. Null where the route has none.</summary>
    public string? PathId => Http.Request.RouteValues["video_id"] as string;
}
