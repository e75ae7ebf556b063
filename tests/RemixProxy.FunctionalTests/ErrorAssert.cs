using System.Net;
using System.Text.Json.Nodes;

namespace RemixProxy.FunctionalTests;

/// <summary>What every error of the API has in common.</summary>
internal static class ErrorAssert
{
    /// <summary>The answer is the JSON error of that status and code, whole.</summary>
    public static async Task<JsonObject> IsErrorAsync(HttpResponseMessage response, HttpStatusCode status, string code)
    {
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == status, $"{(int)response.StatusCode}: {text}");
        Assert.Equal("application/json", response.Content.Headers.ContentType!.ToString());
        var error = JsonNode.Parse(text)!["error"]!.AsObject();
        Assert.Equal(["code", "message", "param", "type"], error.Select(p => p.Key).Order());
        Assert.Equal(code, error["code"]!.GetValue<string>());
        Assert.NotEmpty(error["message"]!.GetValue<string>());
        return error;
    }

    /// <summary>Asks and expects the JSON error.</summary>
    public static async Task<JsonObject> GetErrorAsync(this HttpClient http, string path, HttpStatusCode status, string code)
    {
        using var response = await http.GetAsync(path);
        return await IsErrorAsync(response, status, code);
    }
}
