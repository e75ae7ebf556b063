using RemixProxy.Contract;

namespace RemixProxy.Operations;

/// <summary>Answers the calls of certain operations.</summary>
internal interface IVideoOperation
{
    /// <summary>Which ones.</summary>
    VideoOperation Operations { get; }

    /// <summary>Answers a call, forwarded or not.</summary>
    /// <exception cref="ApiException">The answer is an error.</exception>
    Task AnswerAsync(VideoCall call);
}
