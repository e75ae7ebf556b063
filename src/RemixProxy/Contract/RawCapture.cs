using System.Text.Json;
using System.Text.Json.Nodes;

namespace RemixProxy.Contract;

/// <summary>The native payloads of one call, up to 64 KiB for each request and response, without credentials and signed queries.</summary>
internal sealed class RawCapture
{
    private const int MaxBytes = 64 * 1024;

    private static readonly string[] SecretNames = ["signature", "credential", "secret", "password", "security-token", "api_key", "apikey"];

    private readonly List<JsonNode?> _requests = [];
    private readonly List<JsonNode?> _responses = [];

    /// <summary>The request, or an array if there were several.</summary>
    public JsonNode? Requests => OneOrMany(_requests);

    /// <summary>The response, or an array if there were several.</summary>
    public JsonNode? Responses => OneOrMany(_responses);

    /// <summary>Adds an exchange that the provider answered well. Refusals are not added, because they may quote the key.</summary>
    /// <param name="request">The JSON that was sent; null where the request was something else.</param>
    /// <param name="response">The answer's body.</param>
    /// <param name="clean">Removes the account's secrets from a text.</param>
    public void Add(ReadOnlyMemory<byte>? request, ReadOnlyMemory<byte> response, Func<string, string> clean)
    {
        _requests.Add(request is { } json ? Read(json, clean) : null);
        _responses.Add(Read(response, clean));
    }

    private static JsonNode? OneOrMany(List<JsonNode?> nodes) => nodes.Count switch
    {
        0 => null,
        1 => nodes[0]?.DeepClone(),
        _ => new JsonArray([.. nodes.Select(n => n?.DeepClone())]),
    };

    private static JsonNode? Read(ReadOnlyMemory<byte> body, Func<string, string> clean)
    {
        if (body.Length > MaxBytes) return JsonValue.Create($"{body.Length} bytes, more than are shown");
        try
        {
            return WithoutSecrets(JsonNode.Parse(body.Span), clean);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or ArgumentException)
        {
            // No JSON, half a surrogate, or a key twice. The paid answer may not fail for that, and secrets can't be found in it, so it is left out.
            return JsonValue.Create($"{body.Length} bytes that can't be shown");
        }
    }

    // A signature of an upload is as good as a key.
    private static bool IsSecret(string name) => name == "policy" || Array.Exists(SecretNames, s => name.Contains(s, StringComparison.OrdinalIgnoreCase));

    private static JsonNode? WithoutSecrets(JsonNode? node, Func<string, string> clean) => node switch
    {
        JsonObject o => new JsonObject(o.Select(p => KeyValuePair.Create(p.Key, IsSecret(p.Key) ? "…" : WithoutSecrets(p.Value, clean)))),
        JsonArray a => new JsonArray([.. a.Select(i => WithoutSecrets(i, clean))]),
        JsonValue v when v.TryGetValue<string>(out var text) && WebAddress.TryRead(text, out var url) && url.Scheme is "http" or "https"
            && url.Query.Length > 0 =>
            JsonValue.Create(clean(text[..text.IndexOf('?')] + "?…")),
        JsonValue v when v.TryGetValue<string>(out var text) => JsonValue.Create(clean(text)),
        null => null,
        _ => node.DeepClone(),
    };
}
