using RemixProxy.Contract;
using RemixProxy.Jobs.Submissions;

namespace RemixProxy.Cache;

/// <summary>What the exact cache says to a submit: answer from it, join another, or go on.</summary>
internal abstract record Claim
{
    private Claim()
    {
    }

    /// <summary>The entry names a video; whether it is still good the caller finds out.</summary>
    public sealed record Stored(VideoId Video) : Claim;

    /// <summary>An identical submit is under way.</summary>
    public sealed record UnderWay(Submission Holder) : Claim;

    /// <summary>It is this submit's to make; identical ones wait for it from now on.</summary>
    public sealed record Granted : Claim;
}
