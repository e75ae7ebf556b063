namespace RemixProxy.Contract;

/// <summary>
/// For whom and for what something is done: all that the rooms below the operations know of a call. Without a caller it is done for nobody, as a watcher does.
/// </summary>
internal sealed record CallContext
{
    /// <summary>What is done, by the route.</summary>
    public required VideoOperation Operation { get; init; }

    /// <summary>Whose videos it concerns.</summary>
    public required string Caller { get; init; }

    /// <summary>Fires when the caller hangs up; never where there is none.</summary>
    public CancellationToken CallerGone { get; init; }

    /// <summary>The provider's model that a submit names, for traces; null where it is none, or a caller's own word.</summary>
    public string? Model { get; init; }

    /// <summary>What the call had of providers, added up as it goes.</summary>
    public UpstreamUse Upstream { get; init; } = new();

    /// <summary>Whether it is a submit, which outlives its caller.</summary>
    public bool IsSubmit => Operation.IsSubmit();
}
