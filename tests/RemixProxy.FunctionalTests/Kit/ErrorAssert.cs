using System.Net;
using System.Text.Json.Nodes;

namespace RemixProxy.FunctionalTests.Kit;

/// <summary>What every error of the API has in common.</summary>
internal static class ErrorAssert
{
    /// <summary>The answer is the JSON error of that status and code, whole.</summary>
    public static async Task<JsonObject> IsErrorAsync(HttpResponseMessage response, HttpStatusCode status, string code)
    {
        var reply = await Reply.ReadAsync(response);
        reply.AssertError((int)status, code);
        return reply.Json["error"]!.AsObject();
    }

    /// <summary>Asks and expects the JSON error.</summary>
    public static async Task<JsonObject> GetErrorAsync(this HttpClient http, string path, HttpStatusCode status, string code)
    {
        using var response = await http.GetAsync(path);
        return await IsErrorAsync(response, status, code);
    }
}
