using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace RemixProxy.FunctionalTests.Cache;

/// <summary>An OpenAI-compatible embeddings server on loopback that answers as a test says.</summary>
internal sealed class EmbeddingServer(WebApplication app) : IAsyncDisposable
{
    /// <summary>The base URL, with the version segment.</summary>
    public Uri Endpoint { get; private set; } = null!;

    public ConcurrentQueue<(string Path, IHeaderDictionary Headers, JsonNode Body)> Requests { get; } = new();

    public RequestDelegate Answer { get; set; } = Json(Vectors([3, 4]));

    public static async Task<EmbeddingServer> StartAsync(int port = 0)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(k => k.Listen(System.Net.IPAddress.Loopback, port));
        builder.Services.AddRoutingCore();
        var app = builder.Build();
        var server = new EmbeddingServer(app);
        app.Run(async context =>
        {
            using var reader = new StreamReader(context.Request.Body);
            server.Requests.Enqueue(
                (context.Request.Path, new HeaderDictionary(context.Request.Headers.ToDictionary()),
                    JsonNode.Parse(await reader.ReadToEndAsync(context.RequestAborted))!));
            await server.Answer(context);
        });
        await app.StartAsync();
        server.Endpoint = new(new Uri(app.Urls.First()), "/v1");
        return server;
    }

    public static RequestDelegate Json(JsonNode answer) => Text(answer.ToJsonString());

    public static RequestDelegate Text(string answer, int status = StatusCodes.Status200OK, string contentType = "application/json") => context =>
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = contentType;
        return context.Response.WriteAsync(answer, context.RequestAborted);
    };

    public static JsonNode Vectors(params float[][] vectors) => Entries(vectors, v => new JsonArray([.. v.Select(n => (JsonNode)n)]));

    public static JsonNode Base64Vectors(params float[][] vectors) => Entries(vectors, v =>
    {
        var bytes = new byte[v.Length * 4];
        for (var i = 0; i < v.Length; i++) BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(i * 4), v[i]);
        return Convert.ToBase64String(bytes);
    });

    public ValueTask DisposeAsync() => app.DisposeAsync();

    private static JsonObject Entries(float[][] vectors, Func<float[], JsonNode> write) => new()
    {
        ["object"] = "list",
        ["model"] = "m-2026-01",
        ["data"] = new JsonArray([.. vectors.Select((v, i) => new JsonObject { ["object"] = "embedding", ["index"] = i, ["embedding"] = write(v) })]),
        ["usage"] = new JsonObject { ["prompt_tokens"] = 5, ["total_tokens"] = 5 },
    };
}
