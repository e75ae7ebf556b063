using System.Globalization;
using Microsoft.AspNetCore.Http;
using RemixProxy.Contract;

namespace RemixProxy.Operations.Submit;

/// <summary>The request headers that tell a repeat from a new wish.</summary>
internal static class SubmitHeaders
{
    public const int MaxKey = 255;

    /// <summary>The <c>Idempotency-Key</c>: 1–255 visible ASCII characters.</summary>
    /// <returns>The key; null if the header is absent.</returns>
    /// <exception cref="ApiException">400 for any other value.</exception>
    public static string? ReadKey(HttpRequest request)
    {
        if (!request.Headers.TryGetValue("Idempotency-Key", out var values)) return null;
        return values is [{ Length: >= 1 and <= MaxKey } key] && !key.AsSpan().ContainsAnyExceptInRange('!', '~')
            ? key
            : throw new ApiException(ApiError.Invalid("Idempotency-Key", "'Idempotency-Key' must be 1 to 255 visible ASCII characters."));
    }

    /// <summary>Whether the SDK marks the request as a retry: <c>X-Stainless-Retry-Count</c> is 1 or more.</summary>
    public static bool IsRetry(HttpRequest request) =>
        int.TryParse(request.Headers["X-Stainless-Retry-Count"], NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count >= 1;
}
