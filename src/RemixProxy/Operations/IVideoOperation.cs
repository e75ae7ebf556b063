using RemixProxy.Contract;

namespace RemixProxy.Operations;

/// <summary>Answers the calls of certain operations.</summary>
internal interface IVideoOperation
{
    /// <summary>Which ones.</summary>
    VideoOperation Operations { get; }

    /// <summary>Answers a call, forwarded or not.</summary>
    /// <returns>The error that is to be written; null: the call has its answer.</returns>
    Task<ApiError?> AnswerAsync(VideoCall call);
}
