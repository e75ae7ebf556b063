using Microsoft.AspNetCore.Http;
using RemixProxy.Sandbox.Wire;

namespace RemixProxy.Sandbox.Providers;

/// <summary>How Google Cloud takes a credential: an access token or a key, and not both.</summary>
internal static class GoogleCloud
{
    private const string KeyHeader = "x-goog-api-key";
    private const string Scheme = "Bearer ";

    public static bool HasKey(HttpRequest request) => ((string?)request.Headers[KeyHeader] ?? "").Length > 0;

    public static SandboxReply? CheckHeaders(HttpRequest request)
    {
        string bearer = (string?)request.Headers.Authorization ?? "";
        if (HasKey(request) && bearer.Length > 0)
            return GeminiErrors.WithStatus(400, "Multiple authentication credentials received. Please pass only one.");
        bool isGood = HasKey(request)
            ? request.Headers[KeyHeader] != "bad-key"
            : bearer.StartsWith(Scheme, StringComparison.Ordinal) && bearer[Scheme.Length..].Trim() is { Length: > 0 } token && token != "bad-key";
        return isGood
            ? null
            : GeminiErrors.WithStatus(401, "Request had invalid authentication credentials. Expected OAuth 2 access token or a valid API key.");
    }
}
