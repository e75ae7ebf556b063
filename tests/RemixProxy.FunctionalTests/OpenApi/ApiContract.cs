using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using RemixProxy.TestKit;

namespace RemixProxy.FunctionalTests.OpenApi;

/// <summary>Holds answers of the proxy against the document that describes them.</summary>
internal sealed class ApiContract
{
    // What HTTP itself needs, and what only browsers read.
    private static readonly HashSet<string> OfTransport = new(StringComparer.OrdinalIgnoreCase)
    {
        "Date", "Server", "Connection", "Keep-Alive", "Transfer-Encoding", "Content-Length", "Content-Type", "Access-Control-Allow-Origin",
        "Access-Control-Expose-Headers", "Vary",
    };

    private static readonly Lazy<Task<ApiContract>> OfCode = new(async () => new(await ApiDocument.JsonAsync()));

    private readonly JsonSchema _schemas;

    public ApiContract(string json)
    {
        Text = json;
        Root = JsonNode.Parse(json)!.AsObject();
        _schemas = new(Root);
    }

    /// <summary>The document that the code makes.</summary>
    public static Task<ApiContract> Current => OfCode.Value;

    public string Text { get; }

    public JsonObject Root { get; }

    /// <summary>Every operation with its path and method.</summary>
    public IEnumerable<(string Path, string Method, JsonObject Operation)> Operations =>
        Root["paths"]!.AsObject().SelectMany(path => path.Value!.AsObject().Select(o => (path.Key, o.Key.ToUpperInvariant(), o.Value!.AsObject())));

    /// <summary>What an answer has that the document doesn't promise, or lacks that it does, a line each; nothing for what is none of ours.</summary>
    public async Task<IReadOnlyList<string>> CheckAsync(HttpRequestMessage request, HttpResponseMessage response)
    {
        var path = PathOf(request.RequestUri!);
        if (!IsOurs(path)) return [];
        var (status, isHead) = ((int)response.StatusCode, request.Method == HttpMethod.Head);
        var body = isHead || response.Content.Headers.ContentType?.MediaType != "application/json" ? null : await response.Content.ReadAsByteArrayAsync();
        // A page asks what it may do.
        if (request.Method == HttpMethod.Options && status == 204) return [];
        // The web server's own answer to what is no request.
        if (status == 400 && !response.Headers.Contains("x-request-id") && response.Content.Headers.ContentLength == 0) return [];
        if (Promised(path, request.Method.Method, status) is not { } promised) return [$"{status} is not described"];

        var faults = new List<string>();
        CheckHeaders(promised["headers"]?.AsObject() ?? [], response, faults);
        CheckBody(promised["content"]?.AsObject(), response.Content.Headers.ContentType, isHead, body, faults);
        return faults;
    }

    /// <summary>The schemas anywhere in the document, named or not.</summary>
    public IEnumerable<JsonNode> Schemas() =>
        Root["components"]!["schemas"]!.AsObject().Select(s => s.Value!).Concat(Within(Root).Where(p => p.Key == "schema").Select(p => p.Value!));

    /// <summary>Every reference's target.</summary>
    public IEnumerable<string> References() => Within(Root).Where(p => p.Key == "$ref").Select(p => p.Value!.GetValue<string>());

    public JsonNode Resolve(JsonNode node) => node["$ref"] is { } reference ? _schemas.Resolve(reference.GetValue<string>()) : node;

    public void Audit(JsonNode schema) => _schemas.Audit(schema);

    private static bool IsOurs(string path) =>
        path.StartsWith("/v1/videos/", StringComparison.OrdinalIgnoreCase)
        || path.StartsWith("/v1/models/", StringComparison.OrdinalIgnoreCase) || path is "/v1/videos" or "/v1/models";

    // As the server sees it: percent-encoded dots are dots.
    private static string PathOf(Uri uri)
    {
        var segments = new List<string>();
        foreach (var segment in uri.AbsolutePath.Split('/').Skip(1))
        {
            var text = Uri.UnescapeDataString(segment);
            if (text == ".." && segments.Count > 0) segments.RemoveAt(segments.Count - 1);
            else if (text is not ("." or "..")) segments.Add(segment);
        }

        // One slash at the end means nothing.
        if (segments is [.., _, ""]) segments.RemoveAt(segments.Count - 1);
        return "/" + string.Join('/', segments);
    }

    private static IEnumerable<KeyValuePair<string, JsonNode?>> Within(JsonNode? node) => node switch
    {
        JsonObject o => o.SelectMany(p => Within(p.Value).Prepend(p)),
        JsonArray a => a.SelectMany(Within),
        _ => [],
    };

    private JsonNode? Promised(string path, string method, int status)
    {
        var code = status.ToString(CultureInfo.InvariantCulture);
        // Literal segments come before parameters, the first segments first, whatever the method.
        var operation = Operations.Where(o => Fits(o.Path, path))
            .GroupBy(o => string.Concat(o.Path.Split('/').Select(s => s.StartsWith('{') ? '1' : '0')))
            .OrderBy(g => g.Key, StringComparer.Ordinal).FirstOrDefault()?.FirstOrDefault(o => o.Method == method).Operation;
        if (operation is not null) return operation["responses"]![code] is { } response ? Resolve(response) : null;
        var none = Root["components"]!["responses"]!;
        return none["NoSuchOperation" + code] ?? none["Error" + code];
    }

    private static bool Fits(string template, string path)
    {
        var parts = template.Split('/');
        // The name of a model may hold slashes.
        var segments = template.EndsWith("/{model}", StringComparison.Ordinal) ? path.Split('/', parts.Length) : path.Split('/');
        return parts.Length == segments.Length
            && parts.Zip(segments).All(p => p.First.StartsWith('{') ? p.Second.Length > 0 : p.First.Equals(p.Second, StringComparison.OrdinalIgnoreCase));
    }

    private void CheckHeaders(JsonObject promised, HttpResponseMessage response, List<string> faults)
    {
        var sent = response.Headers.NonValidated.Concat(response.Content.Headers.NonValidated).ToDictionary(
            h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase);
        var known = promised.ToDictionary(h => h.Key, h => Resolve(h.Value!), StringComparer.OrdinalIgnoreCase);
        faults.AddRange(sent.Keys.Where(name => !known.ContainsKey(name) && !OfTransport.Contains(name)).Select(name => $"header {name} is not described"));
        foreach (var (name, header) in known)
        {
            if (!sent.TryGetValue(name, out var value))
            {
                if (header["required"]?.GetValue<bool>() == true) faults.Add($"there is no header {name}");
                continue;
            }

            var isNumber = header["schema"]!["type"]!.GetValue<string>() == "integer"
                && long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out _);
            faults.AddRange(_schemas.Check(
                header["schema"]!, isNumber
                    ? JsonValue.Create(long.Parse(value, NumberStyles.None))
                    : JsonValue.Create(value)).Select(fault => $"header {name} {fault}"));
        }
    }

    private void CheckBody(JsonObject? promised, MediaTypeHeaderValue? type, bool isHead, byte[]? body, List<string> faults)
    {
        if (promised is null)
        {
            if (type is not null) faults.Add($"a body of {type}, where none is described");
            return;
        }

        if (promised.FirstOrDefault(p => IsOf(type?.MediaType, p.Key)).Value is not { } media) faults.Add($"a body of {type}, which is not described");
        else if (body is not null && !isHead) faults.AddRange(_schemas.Check(media["schema"]!, JsonNode.Parse(body)));
        // Video types may have parameters, ours has none.
        if (type?.MediaType == "application/json" && type.Parameters.Count > 0) faults.Add($"the content type has parameters: {type}");
    }

    private static bool IsOf(string? type, string range) =>
        range.EndsWith("/*", StringComparison.Ordinal)
            ? type?.StartsWith(range[..^1], StringComparison.OrdinalIgnoreCase) == true
            : range.Equals(type, StringComparison.OrdinalIgnoreCase);
}
