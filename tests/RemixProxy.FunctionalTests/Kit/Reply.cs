using System.Text;
using System.Text.Json.Nodes;

namespace RemixProxy.FunctionalTests.Kit;

/// <summary>An answer, read whole.</summary>
internal sealed record Reply(int Status, IReadOnlyDictionary<string, string> Headers, byte[] Bytes)
{
    public string Text => Encoding.UTF8.GetString(Bytes);

    public JsonObject Json => JsonNode.Parse(Bytes)!.AsObject();

    /// <summary>The id of the video.</summary>
    public string Id => Ok()["id"]!.GetValue<string>();

    /// <summary>The code of the error.</summary>
    public string? Code => Json["error"]?["code"]?.GetValue<string>();

    public string? Param => Json["error"]?["param"]?.GetValue<string>();

    public bool IsReplayed => Header("Idempotent-Replayed") == "true";

    public string? Header(string name) => Headers.GetValueOrDefault(name);

    public static async Task<Reply> ReadAsync(HttpResponseMessage response)
    {
        var headers = response.Headers.Concat(response.Content.Headers).ToDictionary(
            h => h.Key, h => string.Join(", ", h.Value), StringComparer.OrdinalIgnoreCase);
        return new((int)response.StatusCode, headers, await response.Content.ReadAsByteArrayAsync());
    }

    /// <summary>A good answer's object.</summary>
    public JsonObject Ok()
    {
        Assert.True(Status == 200, $"{Status}: {Text}");
        return Json;
    }

    /// <summary>An error in the form that callers know.</summary>
    /// <returns>Its message.</returns>
    public string Error(int status, string code, string? param = null)
    {
        AssertError(status, code);
        Assert.Equal(param, Param);
        return Json["error"]!["message"]!.GetValue<string>();
    }

    /// <summary>Asserts an error's status and code; its form is the document's, against which every answer is held.</summary>
    public void AssertError(int status, string code) =>
        Assert.True(status == Status && code == Code, $"{status} {code} was expected, this came: {Status} {Text}");
}
