using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using RemixProxy.Callers;
using RemixProxy.Contract;

namespace RemixProxy.Pipeline;

/// <summary>Tells by its key which client a request is from, and which key of its own the caller brings for a provider.</summary>
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

    /// <summary>The key that the caller brings for providers with Passthrough: a bearer, where there are clients only beside a key of this proxy.</summary>
    /// <returns>Null where there is none that may be sent on. A client's key never is.</returns>
    public static string? OwnKey(HttpRequest request, ClientSet clients)
    {
        if (request.Headers.Authorization is not [{ } value] || !value.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase)) return null;
        var key = value[Bearer.Length..].Trim();
        if (key.Length is 0 or > LongestKey || key.AsSpan().ContainsAnyExceptInRange('!', '~')) return null;
        if (clients.IsOpen) return key;
        var keys = ProxyKeys(request).ToArray();
        return keys.Length > 0 && !keys.Contains(key, StringComparer.Ordinal) && clients.Find(key) is null ? key : null;
    }

    /// <summary>The name that owns the videos of an open proxy's caller. No client has such a name, and none shows the key.</summary>
    public static string NameOf(string ownKey) =>
        "bearer:" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes("RemixProxy caller " + ownKey)).AsSpan(0, 16));

    /// <param name="request">The request.</param>
    /// <param name="clients">The clients.</param>
    /// <param name="hasOwnKey">Whether the bearer is the caller's own key, see <see cref="OwnKey"/>.</param>
    /// <returns>The client, or 401.</returns>
    public static Result<Client> Read(HttpRequest request, ClientSet clients, bool hasOwnKey)
    {
        var bearers = hasOwnKey ? [] : request.Headers.Authorization.OfType<string>().Select(
            v => v.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) ? v[Bearer.Length..] : v);
        string[] keys = [.. bearers.Select(k => k.Trim()).Where(k => k.Length > 0).Concat(ProxyKeys(request)).Distinct(StringComparer.Ordinal)];
        return keys switch
        {
            [] => Missing,
            [{ Length: <= LongestKey } key] => clients.Find(key) is { } client ? client : Wrong,
            [_] => Wrong,
            _ => Several,
        };
    }

    private static IEnumerable<string> ProxyKeys(HttpRequest request) =>
        KeyHeaders.SelectMany(h => request.Headers[h]).OfType<string>().Select(k => k.Trim()).Where(k => k.Length > 0);
}
