using Microsoft.AspNetCore.Http;
using RemixProxy.Callers;
using RemixProxy.Contract;

namespace RemixProxy.Pipeline;

/// <summary>Tells by its key which client a request is from.</summary>
internal static class CallerKeys
{
    private const string Bearer = "Bearer ";
    private const int LongestKey = 4096;

    // OpenAI's clients send the first one, Azure's the last.
    private static readonly string[] KeyHeaders = ["x-api-key", "api-key"];

    private static readonly ApiError Wrong = new(401, "invalid_api_key", "This is no key of this proxy, or no longer. Ask its operator for another.");

    private static readonly ApiError Several = new(401, "invalid_api_key", "The request has two keys that differ. Send one.");

    /// <summary>The request has no key.</summary>
    public static ApiError Missing { get; } = new(
        401, "invalid_api_key", "Send a key of this proxy as 'Authorization: Bearer …', 'x-api-key' or 'api-key'.");

    /// <returns>The client, or 401.</returns>
    public static Result<Client> Read(HttpRequest request, ClientSet clients)
    {
        string[] keys =
        [
            .. request.Headers.Authorization.OfType<string>().Select(v => v.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) ? v[Bearer.Length..] : v)
                .Concat(KeyHeaders.SelectMany(h => request.Headers[h]).OfType<string>()).Select(k => k.Trim()).Where(k => k.Length > 0)
                .Distinct(StringComparer.Ordinal),
        ];
        return keys switch
        {
            [] => Missing,
            [{ Length: <= LongestKey } key] => clients.Find(key) is { } client ? client : Wrong,
            [_] => Wrong,
            _ => Several,
        };
    }
}
