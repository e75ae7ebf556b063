namespace RemixProxy.Contract;

/// <summary>
/// For whom and for what work is done: all that the rooms below the operations know of a call. The caller may be absent, as when a watcher works.
/// </summary>
internal sealed record CallContext
{
    /// <summary>The operation, as the route says.</summary>
    public required VideoOperation Operation { get; init; }

    /// <summary>The caller whose videos it concerns.</summary>
    public required string Caller { get; init; }

    /// <summary>Fires when the caller hangs up. Without a caller it never fires.</summary>
    public CancellationToken CallerGone { get; init; }

    /// <summary>The provider's model that a submit names, for traces; null where it names none, or a word of the caller's own.</summary>
    public string? Model { get; init; }

    /// <summary>Whether the prompts of the videos that the call makes or meets are stored.</summary>
    public bool KeepsPrompts { get; init; } = true;

    /// <summary>Time and payloads of the call's exchanges with providers, collected while it runs.</summary>
    public UpstreamUse Upstream { get; init; } = new();

    /// <summary>Whether it is a submit, which goes on after its caller has hung up.</summary>
    public bool IsSubmit => Operation.IsSubmit();
}
