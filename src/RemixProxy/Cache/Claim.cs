using RemixProxy.Contract;
using RemixProxy.Jobs.Submissions;

namespace RemixProxy.Cache;

/// <summary>What the entry store answers to a submit that claims an entry.</summary>
internal abstract record Claim
{
    private Claim()
    {
    }

    /// <summary>The entry names a video. The caller has to check that the video is still good.</summary>
    public sealed record Stored(VideoId Video) : Claim;

    /// <summary>An identical submit is under way, and this one may wait for it.</summary>
    public sealed record UnderWay(Submission Holder) : Claim;

    /// <summary>The submit holds the claim and has to make the video. Identical submits wait for it from now on.</summary>
    public sealed record Granted : Claim;
}
