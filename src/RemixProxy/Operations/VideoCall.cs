using Microsoft.AspNetCore.Http;
using RemixProxy.Adapters;
using RemixProxy.Cache;
using RemixProxy.Contract;
using RemixProxy.Exchanges;
using RemixProxy.Providers;

namespace RemixProxy.Operations;

/// <summary>One call of ours, from the first middleware to the answer; a feature of its <c>HttpContext</c>.</summary>
internal sealed class VideoCall
{
    /// <summary>The request and its response.</summary>
    public required HttpContext Context { get; init; }

    /// <summary>The rest of YARP's pipeline, which forwards <see cref="Exchange"/>.</summary>
    public required RequestDelegate Next { get; init; }

    /// <summary>The id in the path as routing leaves it: percent-decoded but for slashes. Null where the route has none.</summary>
    public string? PathId => Context.Request.RouteValues["video_id"] as string;

    public required VideoOperation Operation { get; init; }

    public required string RequestId { get; init; }

    /// <summary>Fires when the caller hangs up; the context's own token is replaced where an exchange must outlive its caller.</summary>
    public required CancellationToken CallerGone { get; init; }

    /// <summary>The providers in force when the call came.</summary>
    public required ProviderSet Providers { get; init; }

    /// <summary>When it came.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Who calls.</summary>
    public string Caller { get; set; } = "";

    /// <summary>The provider that the call ended up with, for the answer's extra fields.</summary>
    public Provider? Provider { get; set; }

    /// <summary>The provider's model that a submit names, for logs and traces; null where it is a caller's own word.</summary>
    public string? Model { get; set; }

    /// <summary>What the cache said to a submit, in a word, for the log: its result, or which part of it answered; null where it was not asked.</summary>
    public string? CacheWord { get; set; }

    /// <summary>The error that answered it; null where none did.</summary>
    public ApiError? Error { get; set; }

    /// <summary>What <c>Cache-Status</c> says on the answer, good or bad; null where the cache is not concerned.</summary>
    public CacheStatus? CacheStatus { get; set; }

    /// <summary>Whether the log names the video of this submit: it has its line, whatever becomes of the answer.</summary>
    public bool IsServed { get; set; }

    /// <summary>Whether the caller hung up before the answer began: it saw no status of ours.</summary>
    public bool IsUnheard { get; set; }

    /// <summary>The exchange that YARP is about to forward.</summary>
    public OutboundExchange? Exchange { get; set; }

    /// <summary>How long this call waited for providers.</summary>
    public TimeSpan UpstreamTime { get; set; }

    /// <summary>Native payloads, where the caller asked for them and may see them.</summary>
    public RawCapture? Raw { get; init; }

    public string RequestType => RequestTypeOf(Operation);

    /// <summary>What <c>request_type</c> says of an operation.</summary>
    public static string RequestTypeOf(VideoOperation operation) => operation switch
    {
        VideoOperation.Create => "video_generation",
        VideoOperation.Remix => "video_remix",
        VideoOperation.Edit => "video_edit",
        VideoOperation.Extend => "video_extension",
        VideoOperation.Retrieve => "video_retrieve",
        VideoOperation.List => "video_list",
        VideoOperation.Delete => "video_delete",
        VideoOperation.Content => "video_download",
        VideoOperation.Models => "list_models",
        _ => "video",
    };
}
