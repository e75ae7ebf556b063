using System.Text.Json.Nodes;

namespace RemixProxy.FunctionalTests;

/// <summary>An answer, read whole.</summary>
internal sealed record Reply(int Status, IReadOnlyDictionary<string, string> Headers, byte[] Bytes)
{
    public JsonObject Json => JsonNode.Parse(Bytes)!.AsObject();

    public static async Task<Reply> ReadAsync(HttpResponseMessage response)
    {
        var headers = response.Headers.Concat(response.Content.Headers).ToDictionary(h => h.Key, h => string.Join(", ", h.Value), StringComparer.OrdinalIgnoreCase);
        return new((int)response.StatusCode, headers, await response.Content.ReadAsByteArrayAsync());
    }

    /// <summary>A good answer's object.</summary>
    public JsonObject Ok()
    {
        Assert.True(Status == 200, $"{Status}: {System.Text.Encoding.UTF8.GetString(Bytes)}");
        return Json;
    }

    /// <summary>An error in the form that callers know.</summary>
    /// <returns>Its message.</returns>
    public string Error(int status, string code, string? param = null)
    {
        Assert.Equal("application/json", Headers["Content-Type"]);
        var error = Json["error"]!.AsObject();
        Assert.Equal((status, code, param), (Status, error["code"]!.GetValue<string>(), error["param"]?.GetValue<string>()));
        Assert.Equal(["message", "type", "param", "code"], error.Select(e => e.Key));
        Assert.NotNull(Json["extra_fields"]!["request_type"]);
        return error["message"]!.GetValue<string>();
    }
}
