using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;

namespace RemixProxy.Pipeline;

/// <summary>
/// Serves the API under every base URL that clients are given: <c>/v1</c>, <c>/openai/v1</c> and <c>/openai</c>, with any number of slashes before and behind.
/// Before routing it gives these paths the one form that the routes have, so method, query and body stay as they are. Other paths stay untouched.
/// </summary>
internal sealed class BaseUrls : IStartupFilter
{
    /// <summary>What Azure's clients put before the paths.</summary>
    public const string Azure = "/openai";

    private static readonly string[] Resources = ["videos", "models"];

    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use((context, rest) =>
        {
            if (Canonical(context.Request.Path.Value) is { } path) context.Request.Path = path;
            return rest(context);
        });
        next(app);
    };

    /// <returns>The path below <c>/v1</c>; null for a path that is so already, or not the API's.</returns>
    private static string? Canonical(ReadOnlySpan<char> path)
    {
        var whole = path;
        var isAzure = TrySkip(ref path, Azure);
        if (!TrySkip(ref path, "/v1") && !isAzure) return null;
        // Slashes within an id are its own.
        var rest = path.Trim('/');
        foreach (var resource in Resources)
        {
            if (!rest.StartsWith(resource, StringComparison.OrdinalIgnoreCase) || (rest.Length > resource.Length && rest[resource.Length] != '/')) continue;
            return whole.Length == "/v1/".Length + rest.Length && whole.StartsWith("/v1/", StringComparison.Ordinal) ? null : $"/v1/{rest}";
        }

        return null;
    }

    private static bool TrySkip(ref ReadOnlySpan<char> path, string segment)
    {
        var rest = path.TrimStart('/');
        if (rest.Length == path.Length || !rest.StartsWith(segment.AsSpan(1), StringComparison.OrdinalIgnoreCase)) return false;
        rest = rest[(segment.Length - 1)..];
        if (rest is not ['/', ..]) return false;
        path = rest;
        return true;
    }
}
