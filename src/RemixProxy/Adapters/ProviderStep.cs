using RemixProxy.Contract;

namespace RemixProxy.Adapters;

/// <summary>
/// The next step of an operation: an <see cref="Exchange"/> with the provider, or an end, which is an <see cref="Answer"/> or a <see cref="Refusal"/>; of a
/// <see cref="ModelLook"/> a <see cref="Catalog"/>.
/// </summary>
public abstract record ProviderStep;

/// <summary>One native request. A 2xx response decides the next step; any other response goes to <see cref="IVideoAdapter.ReadError"/>.</summary>
/// <param name="Request">The request to send.</param>
/// <param name="Next">Reads a 2xx response. It throws <see cref="System.Text.Json.JsonException"/> where it can't read the response.</param>
public sealed record Exchange(NativeRequest Request, Func<NativeResponse, ProviderStep> Next) : ProviderStep
{
    /// <summary>
    /// Whether this is the operation's main exchange, which goes through YARP's forwarder. On a successful path each operation has exactly one. The main
    /// exchange of a submit is the one that costs money.
    /// </summary>
    /// <remarks>
    /// The other exchanges (uploads, look-ups) are preliminary. They cost nothing and may be repeated. The proxy sends them to the same cluster, but not
    /// through the forwarder.
    /// </remarks>
    /// <value>true</value>
    public bool Forward { get; init; } = true;

    /// <summary>
    /// Reads a 400, 415 or 422, and returns the request to send in its place, once, where the server refused only the body's format; null where the refusal
    /// stands. A server that took the second request is sent that format from then on (<see cref="SubmitRequest.BodyFormat"/>).
    /// </summary>
    /// <value>Null: every refusal stands.</value>
    public Func<NativeResponse, NativeRequest?>? Instead { get; init; }

    /// <summary>
    /// Reads a response that is not 2xx and that says more of the video than the refusal does, e.g. that it failed, and returns the next step; null where it
    /// is a refusal. Not for the exchange that costs money.
    /// </summary>
    /// <value>Null: every refusal is one.</value>
    public Func<NativeResponse, ProviderStep?>? Refused { get; init; }

    /// <summary>How long the proxy waits before it sends, e.g. while the provider still processes an upload.</summary>
    /// <value>No wait.</value>
    public TimeSpan Delay { get; init; }
}

/// <summary>The end of an operation: the provider reported the video.</summary>
/// <param name="Snapshot">The video's state.</param>
public sealed record Answer(VideoSnapshot Snapshot) : ProviderStep;

/// <summary>The end of an operation: the provider refused in a 2xx response.</summary>
/// <param name="Error">The refusal.</param>
public sealed record Refusal(ProviderError Error) : ProviderStep;

/// <summary>The plan of a submit: its steps, and what callers see of the video from the first answer on.</summary>
/// <param name="First">The first step.</param>
/// <param name="Model">The native model that the plan uses.</param>
public sealed record SubmitPlan(ProviderStep First, string Model)
{
    /// <summary>The size that the plan uses, in pixels <c>WxH</c>; empty: unknown. Null: callers see the source's size, where it is known.</summary>
    public string? Size { get; init; }

    /// <summary>
    /// The length that the plan uses, in seconds; for an extend the total of source and extension, where it is known. Empty: unknown. Null: callers see the
    /// source's length, where it is known.
    /// </summary>
    public string? Seconds { get; init; }

    /// <summary>The wishes that the plan does not meet exactly, and the fields that nobody read (<see cref="FieldReader.Unused"/>).</summary>
    public IReadOnlyList<Adjustment> Adjustments { get; init; } = [];
}
