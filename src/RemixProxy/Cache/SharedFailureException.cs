using RemixProxy.Jobs.Submissions;

namespace RemixProxy.Cache;

/// <summary>
/// The identical submit that this one waited for was refused, did not end in time, or nobody knows what became of it: so this one ends itself.
/// </summary>
internal sealed class SharedFailureException(Submission holder) : Exception
{
    /// <summary>The record in whose state and with whose error this one ends.</summary>
    public Submission Holder { get; } = holder;
}
