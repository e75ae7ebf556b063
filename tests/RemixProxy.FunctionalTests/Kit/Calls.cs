using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace RemixProxy.FunctionalTests.Kit;

/// <summary>Calls to the proxy whose answers are looked at whole.</summary>
internal static class Calls
{
    /// <summary>The header that brings a key.</summary>
    public static (string Name, string Value) As(string key) => ("Authorization", "Bearer " + key);

    /// <summary>Creates a video.</summary>
    public static Task<Reply> CreateAsync(this ProxyApp app, string model, string prompt, params (string Name, string Value)[] headers) =>
        app.CallAsync("POST", "v1/videos", new { model, prompt }, headers);

    /// <summary>Sends JSON (a text as it is) and reads the answer.</summary>
    public static async Task<Reply> CallAsync(this ProxyApp app, string method, string path, object? json = null, params (string Name, string Value)[] headers)
    {
        using var request = Request(method, path, json, headers);
        return await app.SendAsync(request);
    }

    public static HttpRequestMessage Request(string method, string path, object? json, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(new(method), path);
        if (json is not null)
            request.Content = new StringContent(json as string ?? JsonSerializer.Serialize(json), Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        return request;
    }

    public static Task<Reply> SendAsync(this ProxyApp app, HttpRequestMessage request) => app.SendUntilAsync(request, TestContext.Current.CancellationToken);

    /// <summary>Sends, and hangs up when the token fires.</summary>
    public static async Task<Reply> SendUntilAsync(this ProxyApp app, HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using var response = await app.Http.SendAsync(request, cancellationToken);
        return await Reply.ReadAsync(response);
    }

    /// <summary>The submits that reached a provider, whether it took them or not.</summary>
    public static int SubmitsSeen(this ProxyApp app, string? type = null) =>
        app.Sandbox.Requests.Count(
            r => Upstream.IsSubmit(r.Method, r.PathAndQuery) && (type is null || r.PathAndQuery.StartsWith($"/{type}/", StringComparison.Ordinal)));

    /// <summary>The ids in the caller's list, newest first.</summary>
    public static async Task<string[]> ListAsync(this ProxyApp app) =>
        [.. (await app.GetAsync("v1/videos?limit=100"))["data"]!.AsArray().Select(v => v!["id"]!.GetValue<string>())];
}
