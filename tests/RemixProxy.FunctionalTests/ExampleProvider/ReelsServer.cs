using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using RemixProxy.Sandbox;

namespace RemixProxy.FunctionalTests.ExampleProvider;

/// <summary>
/// The made-up vendor as docs/adding-a-provider.md tells of it: it refuses a wrong signature and every field that it does not know. A reel is waiting, then
/// making, then ready, one poll each.
/// </summary>
internal sealed class ReelsServer : IAsyncDisposable
{
    public const string AccessKey = "id-1";
    public const string SecretKey = "hush-hush";
    private const string Base = "/studios/main/v2/";

    private static readonly string[] OfCreate = ["model", "prompt", "size", "length", "image", "last_frame", "seed", "sound"];
    private static readonly string[] OfRemix = ["prompt", "strength", "seed"];

    private readonly Dictionary<string, Reel> _reels = [];
    private readonly Lock _lock = new();
    private SandboxServer? _server;

    public IReadOnlyList<SandboxRequest> Requests => _server!.Requests;

    /// <summary>The requests as <c>POST reels</c>.</summary>
    public IEnumerable<string> Seen => Requests.Select(r => $"{r.Method} {r.PathAndQuery.Replace(Base, "", StringComparison.Ordinal)}");

    public string BaseUrl => $"{_server!.Address.ToString().TrimEnd('/')}/studios/main";

    public static async Task<ReelsServer> StartAsync()
    {
        var reels = new ReelsServer();
        reels._server = await SandboxServer.StartAsync(new() { Intercept = (http, _) => reels.AnswerAsync(http) });
        return reels;
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null) await _server.DisposeAsync();
    }

    private async Task AnswerAsync(HttpContext http)
    {
        var body = await ReadAsync(http.Request);
        if (http.Request.Path.StartsWithSegments("/cdn"))
        {
            // Anybody may fetch it, so a signature would only betray the account.
            http.Response.StatusCode = http.Request.Headers.ContainsKey("X-Reels-Key") ? 400 : 200;
            http.Response.ContentType = "video/mp4";
            await http.Response.WriteAsync("the clip");
            return;
        }

        JsonObject answer;
        lock (_lock) (http.Response.StatusCode, answer) = IsSigned(http.Request, body) ? Answer(http.Request, body) : Error(401, "bad_signature", "No.");
        if (http.Response.StatusCode == 429) http.Response.Headers.RetryAfter = "7";
        if (http.Response.StatusCode == 204) return;
        http.Response.ContentType = "application/json";
        await http.Response.WriteAsync(answer.ToJsonString());
    }

    private (int Status, JsonObject Body) Answer(HttpRequest request, byte[] body)
    {
        var path = request.Path.Value!;
        if (!path.StartsWith(Base, StringComparison.Ordinal)) return Error(404, "no_such_path", path);
        string[] parts = [request.Method, .. path[Base.Length..].Split('/')];
        return parts switch
        {
            ["POST", "uploads"] => (201, new() { ["url"] = "reels-upload://1" }),
            ["POST", "reels"] => Create(JsonNode.Parse(body)!.AsObject(), OfCreate),
            ["POST", "remixes"] => Create(JsonNode.Parse(body)!.AsObject(), [.. OfRemix, "source"]),
            [_, "reels", var id, ..] when !_reels.ContainsKey(id) => Error(404, "no_such_reel", $"There is no reel {id}."),
            ["POST", "reels", _, "remix"] => Create(JsonNode.Parse(body)!.AsObject(), OfRemix),
            ["POST", "reels", var id, "cancel"] => (200, Reel.Describe(id, "cancelled")),
            ["GET", "reels", var id] => (200, _reels[id].Poll(id)),
            ["GET", "reels", _, "clips"] => (200, new() { ["clips"] = new JsonArray(new JsonObject { ["url"] = $"{_server!.Address}cdn/clip.mp4" }) }),
            ["DELETE", "reels", var id] => (_reels.Remove(id) ? 204 : 404, []),
            _ => Error(404, "no_such_path", path),
        };
    }

    private (int Status, JsonObject Body) Create(JsonObject form, string[] fields)
    {
        var prompt = form["prompt"]?.GetValue<string>();
        if (form.FirstOrDefault(f => !fields.Contains(f.Key)) is { Key: { } unknown }) return Error(400, "bad_field", $"There is no {unknown}.", unknown);
        switch (prompt)
        {
            case null: return Error(400, "bad_field", "A prompt is needed.", "prompt");
            case "BLOCK": return Error(400, "prompt_blocked", "We do not make that.");
            case "RULES": return Error(400, "bad_field", "The image breaks our content rules.", "image");
            case "LENGTH": return Error(400, "bad_field", "Too long for today.", "length");
            case "BROKE": return Error(429, "out_of_credit", "Top up.");
            case "SLOW": return Error(429, "slow_down", "Slow down.");
        }

        var id = $"r{_reels.Count + 1}";
        _reels[id] = new();
        return (202, new() { ["id"] = id, ["state"] = "waiting" });
    }

    private static (int Status, JsonObject Body) Error(int status, string code, string message, string? field = null)
    {
        var error = new JsonObject { ["code"] = code, ["message"] = message };
        if (field is not null) error["field"] = field;
        return (status, new() { ["error"] = error });
    }

    private static bool IsSigned(HttpRequest request, byte[] body)
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(body));
        var signed = $"{request.Method}\n{request.Path}{request.QueryString}\n{request.Headers["X-Reels-Time"]}\n{hash}";
        var signature = Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(SecretKey), Encoding.UTF8.GetBytes(signed)));
        return request.Headers["X-Reels-Key"] == AccessKey && request.Headers["X-Reels-Signature"] == signature;
    }

    private static async Task<byte[]> ReadAsync(HttpRequest request)
    {
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body);
        return body.ToArray();
    }

    private sealed class Reel
    {
        private static readonly string[] States = ["waiting", "making", "ready"];

        private int _polls;

        public JsonObject Poll(string id) => Describe(id, States[Math.Min(_polls++, 2)]);

        public static JsonObject Describe(string id, string state) => new()
        {
            ["id"] = id, ["state"] = state, ["model"] = "reel-2", ["percent"] = state == "making" ? 40 : null, ["created"] = "2026-11-22T09:00:00Z",
        };
    }
}
