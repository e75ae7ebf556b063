using RemixProxy.Contract;

namespace RemixProxy.Adapters;

/// <summary>
/// What comes next in an operation: an <see cref="Exchange"/> with the provider, or its end, an <see cref="Answer"/> or a <see cref="Refusal"/>.
/// </summary>
public abstract record ProviderStep;

/// <summary>One native request; its 2xx response decides the next step. Other statuses go to <see cref="IVideoAdapter.ReadError"/>.</summary>
/// <param name="Request">What is sent.</param>
/// <param name="Next">Reads a 2xx response. A throw of <see cref="System.Text.Json.JsonException"/> means that it can't be read.</param>
public sealed record Exchange(NativeRequest Request, Func<NativeResponse, ProviderStep> Next) : ProviderStep
{
    /// <summary>
    /// Whether this is the operation's own exchange, which goes through YARP's forwarder; each operation has exactly one on a successful path, and of a submit
    /// it is the one that costs money.
    /// The others (upload, look-up) are preliminary: they may be repeated, cost nothing, and go to the same cluster beside it.
    /// </summary>
    public bool Forward { get; init; } = true;

    /// <summary>How long to wait before sending, e.g. for an upload that the provider is still reading.</summary>
    public TimeSpan Delay { get; init; }
}

/// <summary>The operation's end: what the provider says of the video.</summary>
/// <param name="Snapshot">Its state.</param>
public sealed record Answer(VideoSnapshot Snapshot) : ProviderStep;

/// <summary>The operation's end: the provider refused in a 2xx response.</summary>
/// <param name="Error">How and why.</param>
public sealed record Refusal(ProviderError Error) : ProviderStep;

/// <summary>A planned submit: the exchanges, and what callers are to see of the video from the first answer on.</summary>
/// <param name="First">The first exchange.</param>
/// <param name="Model">The native model used.</param>
public sealed record SubmitPlan(ProviderStep First, string Model)
{
    /// <summary>The pixels used, <c>WxH</c>; null where the provider decides: then the source's, else unknown.</summary>
    public string? Size { get; init; }

    /// <summary>
    /// The length used in seconds; null where the provider decides: then the source's, else unknown. Of an extension the stitched total, where it can be known.
    /// </summary>
    public string? Seconds { get; init; }

    /// <summary>Wishes not met to the letter, also the fields that the model does not take (<see cref="FieldReader.Unused"/>).</summary>
    public IReadOnlyList<Adjustment> Adjustments { get; init; } = [];
}
