using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using RemixProxy.Cache;
using RemixProxy.Operations;

namespace RemixProxy.Pipeline;

/// <summary>Lets pages of the origins in <see cref="CrossOriginOptions.Origins"/> call and read the answers (CORS).</summary>
internal sealed class PageAccess(ICorsService cors)
{
    private readonly CorsPolicy _policy = new CorsPolicyBuilder()
        // Asked for listed origins only. A policy that decides by a function also sends Vary: Origin.
        .SetIsOriginAllowed(_ => true)
        .AllowAnyHeader()
        .WithMethods(HttpMethods.Get, HttpMethods.Head, HttpMethods.Post, HttpMethods.Delete)
        .WithExposedHeaders(
            Answers.RequestIdHeader, Answers.PollAfterHeader, HeaderNames.RetryAfter, Answers.ShouldRetryHeader, CacheStatus.Header, Answers.ReplayedHeader,
            "Preference-Applied", HeaderNames.ETag, HeaderNames.ContentRange, HeaderNames.AcceptRanges)
        .SetPreflightMaxAge(TimeSpan.FromMinutes(10))
        .Build();

    /// <summary>Has the answer tell a listed page that it may read it, error or not.</summary>
    /// <returns>Whether the request is a preflight of a listed page, which is answered now.</returns>
    public bool Admit(HttpContext http, RemixProxyOptions options)
    {
        if (http.Request.Headers.Origin is not [{ } origin] || !OpenAccess.IsListed(origin, options)) return false;
        var result = cors.EvaluatePolicy(http, _policy);
        http.Response.OnStarting(() =>
        {
            cors.ApplyResult(result, http.Response);
            return Task.CompletedTask;
        });
        if (result.IsPreflightRequest) http.Response.StatusCode = StatusCodes.Status204NoContent;
        return result.IsPreflightRequest;
    }
}
