using Microsoft.AspNetCore.Http;
using RemixProxy.Callers;
using RemixProxy.Contract;
using RemixProxy.Providers;

namespace RemixProxy.Operations;

/// <summary>One call of the Videos API, from the middleware to the answer. Stages pass on what they find in their results, not here.</summary>
internal sealed class VideoCall
{
    /// <summary>The request and its response.</summary>
    public required HttpContext Http { get; init; }

    /// <summary>The part of the call that the lower namespaces see.</summary>
    public required CallContext Context { get; init; }

    public required string RequestId { get; init; }

    /// <summary>The providers in force when the call arrived, as far as the caller may use them.</summary>
    public required ProviderSet Providers { get; init; }

    /// <summary>All providers in force when the call arrived.</summary>
    public required ProviderSet AllProviders { get; init; }

    /// <summary>The client that calls; null in open mode.</summary>
    public Client? Client { get; init; }

    /// <summary>Signs the content URLs of the answer.</summary>
    public required ContentLinks Links { get; init; }

    /// <summary>Whether a signed content URL let the call in, in place of a key.</summary>
    public bool IsByLink { get; init; }

    /// <summary>Why the caller may not call at all; null if it may.</summary>
    public ApiError? Refusal { get; init; }

    /// <summary>When the call arrived.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Fires when this process begins to stop.</summary>
    public required CancellationToken Stopping { get; init; }

    /// <summary>What the log, the metrics and the headers say about the call.</summary>
    public CallReport Report { get; } = new();

    public VideoOperation Operation => Context.Operation;

    public string Caller => Context.Caller;

    public CancellationToken CallerGone => Context.CallerGone;

    /// <summary>The video id in the path as routing leaves it: percent-decoded except for slashes. Null if the route has none.</summary>
    public string? PathId => Http.Request.RouteValues["video_id"] as string;
}
