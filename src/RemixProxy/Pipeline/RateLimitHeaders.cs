using System.Globalization;
using Microsoft.AspNetCore.Http;
using RemixProxy.Limits;

namespace RemixProxy.Pipeline;

/// <summary>The headers by which OpenAI tells a client what is left of its requests a minute.</summary>
internal static class RateLimitHeaders
{
    public static void Write(IHeaderDictionary headers, RequestAllowance left)
    {
        headers["x-ratelimit-limit-requests"] = left.PerMinute.ToString(CultureInfo.InvariantCulture);
        headers["x-ratelimit-remaining-requests"] = left.Remaining.ToString(CultureInfo.InvariantCulture);
        headers["x-ratelimit-reset-requests"] = Text(left.Reset);
    }

    /// <summary>Writes a time as OpenAI does: <c>120ms</c>, <c>8.64s</c>, <c>6m0s</c>.</summary>
    public static string Text(TimeSpan time)
    {
        if (time < TimeSpan.FromSeconds(1)) return Invariant($"{Math.Ceiling(time.TotalMilliseconds):0}ms");
        var minutes = (int)time.TotalMinutes;
        var seconds = (time - TimeSpan.FromMinutes(minutes)).TotalSeconds;
        return minutes > 0 ? Invariant($"{minutes}m{seconds:0.###}s") : Invariant($"{seconds:0.###}s");
    }
}
