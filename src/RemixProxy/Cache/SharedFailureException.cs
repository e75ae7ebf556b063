using RemixProxy.Jobs;

namespace RemixProxy.Cache;

/// <summary>The identical submit that this one waited for was refused, or nobody knows what became of it: so it ends itself.</summary>
internal sealed class SharedFailureException(Submission holder) : Exception
{
    public Submission Holder { get; } = holder;
}
