using Microsoft.AspNetCore.Http;

namespace RemixProxy.Routing;

/// <summary>Answers the calls of certain operations.</summary>
internal interface IVideoOperation
{
    /// <summary>Which ones.</summary>
    VideoOperation Operations { get; }

    /// <summary>Answers a call, or forwards it by <paramref name="next"/>, the rest of YARP's pipeline, and answers what came.</summary>
    /// <exception cref="Contract.ApiException">The answer is an error.</exception>
    Task AnswerAsync(HttpContext context, VideoCall call, RequestDelegate next);
}
