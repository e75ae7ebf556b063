using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.WebUtilities;
using RemixProxy.Sandbox.Fields;
using RemixProxy.Sandbox.Hosting;
using RemixProxy.Sandbox.Wire;

namespace RemixProxy.Sandbox.Providers;

/// <summary>
/// Google's token endpoint for service accounts. Source: Google's page on OAuth 2.0 for server-to-server applications, and RFC 7523. It checks the
/// assertion's signature, audience, scope and times.
/// </summary>
internal static class GoogleTokens
{
    private const string GrantType = "urn:ietf:params:oauth:grant-type:jwt-bearer";
    private const string Path = "/token";
    private const string Email = "remixproxy@sandbox.iam.gserviceaccount.com";
    private const string Scope = "https://www.googleapis.com/auth/cloud-platform";
    // Google's libraries name the vendor's own endpoint, whatever the file says.
    private const string Audience = "https://oauth2.googleapis.com/token";
    private const int LifeSeconds = 3599;

    private static readonly TimeSpan Longest = TimeSpan.FromHours(1);
    private static readonly TimeSpan Skew = TimeSpan.FromMinutes(5);

    private static readonly Lazy<RSA> Key = new(() => RSA.Create(2048));

    public static void Map(SimulatorRoutes routes, string type) => routes.AddSigned("POST", $"/{type}/{{account}}{Path}", Answer);

    /// <summary>The content of a credentials file whose tokens come from the account at an address.</summary>
    public static string Credentials(string accountUrl) => new JsonObject
    {
        ["type"] = "service_account",
        ["project_id"] = "sandbox",
        ["private_key_id"] = "1",
        ["private_key"] = Key.Value.ExportPkcs8PrivateKeyPem(),
        ["client_email"] = Email,
        ["client_id"] = "1",
        ["token_uri"] = accountUrl + Path,
    }.ToJsonString();

    private static SandboxReply Answer(SandboxCall call)
    {
        var form = QueryHelpers.ParseQuery(Encoding.UTF8.GetString(call.Body));
        if (form["grant_type"] != GrantType) return Error("unsupported_grant_type", "Invalid grant_type: " + form["grant_type"]);
        return WrongWith((string?)form["assertion"] ?? "") is { } wrong
            ? Error("invalid_grant", wrong)
            : SandboxReply.Json(200, new JsonObject
            {
                ["access_token"] = "ya29.sandbox-" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)),
                ["expires_in"] = LifeSeconds,
                ["token_type"] = "Bearer",
            });
    }

    private static string? WrongWith(string assertion)
    {
        if (assertion.Split('.') is not [var header, var payload, var signature]) return "Invalid JWT.";
        try
        {
            byte[] signed = Encoding.ASCII.GetBytes($"{header}.{payload}");
            if (!Key.Value.VerifyData(signed, Base64Url.DecodeFromChars(signature), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1))
                return "Invalid JWT Signature.";
            var claims = JsonNode.Parse(Base64Url.DecodeFromChars(payload));
            if (claims.Text("iss") != Email) return "Invalid issuer: Not found; account.";
            if (claims.Text("aud") is not Audience) return "Invalid JWT: Failed audience check.";
            if (claims.Text("scope")?.Split(' ').Contains(Scope) is not true) return "Invalid OAuth scope or ID token audience provided.";
            var (issued, expires) = (Time(claims, "iat"), Time(claims, "exp"));
            // Google's libraries read the machine's clock, whatever time the jobs have.
            var now = TimeProvider.System.GetUtcNow();
            return issued > now + Skew || expires < now - Skew || expires - issued > Longest
                ? "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe."
                : null;
        }
        catch (Exception broken) when (broken is FormatException or JsonException)
        {
            return "Invalid JWT.";
        }
    }

    private static DateTimeOffset Time(JsonNode? claims, string name) =>
        DateTimeOffset.FromUnixTimeSeconds((long)(claims.Number(name) ?? throw new FormatException(name)));

    private static SandboxReply Error(string code, string description) =>
        SandboxReply.Json(400, new JsonObject { ["error"] = code, ["error_description"] = description });
}
