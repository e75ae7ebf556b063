using Microsoft.AspNetCore.Http;
using RemixProxy.Cache;
using RemixProxy.Contract;
using RemixProxy.Providers;

namespace RemixProxy.Operations;

/// <summary>One call of ours, from the first middleware to the answer.</summary>
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

    public VideoOperation Operation => Context.Operation;

    public string Caller => Context.Caller;

    public CancellationToken CallerGone => Context.CallerGone;

    /// <summary>The id in the path as routing leaves it: percent-decoded but for slashes. Null where the route has none.</summary>
    public string? PathId => Http.Request.RouteValues["video_id"] as string;

    /// <summary>The provider that the call ended up with, for the answer's extra fields.</summary>
    public Provider? Provider { get; set; }

    /// <summary>The provider's model that a submit names, for logs and traces; null where it is a caller's own word.</summary>
    public string? Model { get; set; }

    /// <summary>What the cache said to a submit, in a word, for the log: its result, or which part of it answered; null where it was not asked.</summary>
    public string? CacheWord { get; set; }

    /// <summary>What <c>Cache-Status</c> says on the answer, good or bad; null where the cache is not concerned.</summary>
    public CacheStatus? CacheStatus { get; set; }

    /// <summary>Whether the log names the video of this submit: it has its line, whatever becomes of the answer.</summary>
    public bool IsServed { get; set; }

    /// <summary>To be asked before anything is claimed: a submit that the end could cut goes elsewhere.</summary>
    /// <exception cref="ApiException">503: this process stops.</exception>
    public void RefuseIfStopping()
    {
        if (Stopping.IsCancellationRequested) throw new ApiException(ApiError.Stopping);
    }
}
