using RemixProxy.Contract;

namespace RemixProxy.Operations;

/// <summary>Answers the calls of one or more operations.</summary>
internal interface IVideoOperation
{
    /// <summary>The operations that it answers.</summary>
    VideoOperation Operations { get; }

    /// <summary>Answers a call, by forwarding it or by itself.</summary>
    /// <returns>The error to write; null if the answer is written.</returns>
    Task<ApiError?> AnswerAsync(VideoCall call);
}
