using System.Collections.Concurrent;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using RemixProxy.TestKit;

namespace RemixProxy.FunctionalTests.Kit;

/// <summary>The proxy before an OpenAI-compatible server that answers as the test says, under the name <c>openai</c>.</summary>
internal sealed class ScriptedApp : IAsyncDisposable
{
    public ProxyApp App { get; private set; } = null!;

    /// <summary>Answers a request whose body was read.</summary>
    public Func<Seen, HttpContext, Task> Answer { get; set; } = (_, http) => Task.CompletedTask;

    /// <summary>What has come, in order.</summary>
    public ConcurrentQueue<Seen> Requests { get; } = new();

    public IReadOnlyList<Seen> Submits => [.. Requests.Where(r => r.Method == "POST")];

    public static async Task<ScriptedApp> StartAsync(Dictionary<string, string?>? settings = null, ManualTimeProvider? time = null)
    {
        var scripted = new ScriptedApp();
        scripted.App = await ProxyApp.StartAsync(new() { Settings = settings ?? [], Time = time, Sandbox = new() { Intercept = scripted.AnswerAsync } });
        return scripted;
    }

    /// <summary>Answers with JSON.</summary>
    public static async Task JsonAsync(HttpContext http, int status, string json, params (string Name, string Value)[] headers)
    {
        http.Response.StatusCode = status;
        foreach (var (name, value) in headers) http.Response.Headers[name] = value;
        http.Response.ContentType = "application/json";
        await http.Response.WriteAsync(json);
    }

    /// <summary>Answers everything with the same JSON.</summary>
    public void Says(int status, string json, params (string Name, string Value)[] headers) => Answer = (_, http) => JsonAsync(http, status, json, headers);

    public ValueTask DisposeAsync() => App.DisposeAsync();

    private async Task AnswerAsync(HttpContext http, RequestDelegate simulator)
    {
        if (!http.Request.Path.StartsWithSegments("/openai"))
        {
            await simulator(http);
            return;
        }

        using var reader = new StreamReader(http.Request.Body, Encoding.Latin1);
        var seen = new Seen(
            http.Request.Method, http.Request.Path.Value!.Replace("/openai/openai/v1/", "", StringComparison.Ordinal), http.Request.ContentType ?? "",
            http.Request.Headers["Idempotency-Key"].ToString(), await reader.ReadToEndAsync());
        Requests.Enqueue(seen);
        await Answer(seen, http);
    }

    /// <summary>A request as it came.</summary>
    internal sealed record Seen(string Method, string Path, string ContentType, string Key, string Body)
    {
        public bool IsForm => ContentType.StartsWith("multipart/form-data", StringComparison.Ordinal);

        public JsonObject Json => JsonNode.Parse(Body)!.AsObject();
    }
}
