using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace RemixProxy.FunctionalTests.Kit;

/// <summary>The proxy before a luma server that knows one completed video, <c>clip</c>, whose bytes are where the test says.</summary>
internal sealed class OneVideoApp : IAsyncDisposable
{
    public const string Content = "v1/videos/clip:luma/content";

    private int _polls;
    private int _fetches;

    public ProxyApp App { get; private set; } = null!;

    public HttpClient Http => App.Http;

    /// <summary>The address that a poll tells, given how many there were; by default <see cref="Source"/>'s, another one each time.</summary>
    public Func<int, string> Url { get; set; } = null!;

    /// <summary>Serves the bytes, on the provider's own host.</summary>
    public RequestDelegate Source { get; set; } = context => context.Response.WriteAsync("bytes");

    /// <summary>Answers polls instead, where it is set.</summary>
    public RequestDelegate? Poll { get; set; }

    public int Polls => Volatile.Read(ref _polls);

    public int Fetches => Volatile.Read(ref _fetches);

    public static async Task<OneVideoApp> StartAsync(
        Dictionary<string, string?>? settings = null, TimeSpan? connectTimeout = null, Action<SocketsHttpHandler>? configure = null,
        Action<IReverseProxyBuilder>? proxy = null)
    {
        var one = new OneVideoApp();
        one.App = await ProxyApp.StartAsync(new()
        {
            Settings = settings ?? [],
            Proxy = proxy,
            Sandbox = new() { Intercept = one.AnswerAsync },
            ConfigureHttpClient = (_, handler) =>
            {
                handler.ConnectTimeout = connectTimeout ?? handler.ConnectTimeout;
                configure?.Invoke(handler);
            },
        });
        one.Url = poll => $"{one.App.Sandbox.Address}source?poll={poll}";
        return one;
    }

    /// <summary>A source that says what it sends.</summary>
    public static RequestDelegate Bytes(byte[] bytes, string? contentType = "video/mp4", int status = StatusCodes.Status200OK) => async context =>
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = contentType;
        await context.Response.Body.WriteAsync(bytes);
    };

    public ValueTask DisposeAsync() => App.DisposeAsync();

    private Task AnswerAsync(HttpContext context, RequestDelegate next)
    {
        switch (context.Request.Path.Value)
        {
            case "/luma/luma/v1/generations/clip":
                var poll = Interlocked.Increment(ref _polls);
                return Poll is { } answer ? answer(context) : CompletedAsync(context, Url(poll));
            case "/source":
                Interlocked.Increment(ref _fetches);
                return Source(context);
            default:
                return next(context);
        }
    }

    private static Task CompletedAsync(HttpContext context, string url)
    {
        var generation = new JsonObject
        {
            ["id"] = "clip", ["state"] = "completed",
            ["output"] = new JsonArray(new JsonObject { ["type"] = "video", ["url"] = url })
        };
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(generation.ToJsonString());
    }
}
