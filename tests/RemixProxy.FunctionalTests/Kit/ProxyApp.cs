using System.ClientModel;
using System.ClientModel.Primitives;
using System.Collections.Concurrent;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenAI;
using OpenAI.Videos;
using RemixProxy.FunctionalTests.OpenApi;
using RemixProxy.Sandbox;
using RemixProxy.TestKit;
using Yarp.ReverseProxy.Forwarder;

namespace RemixProxy.FunctionalTests.Kit;

/// <summary>
/// A YARP application with the plugin on a free loopback port, in front of the sandbox on another, with <see cref="TestedProviders"/> as LIVE providers.
/// Both share a clock that stands still until the test moves it.
/// </summary>
internal sealed class ProxyApp : IAsyncDisposable
{
    private readonly WebApplication _app;

    private ProxyApp(WebApplication app, SandboxServer sandbox, ManualTimeProvider time, ConcurrentQueue<string> log, Uri address)
    {
        _app = app;
        Sandbox = sandbox;
        Time = time;
        Log = log;
        Http = ContractHandler.NewClient(address);
    }

    public SandboxServer Sandbox { get; }

    public ManualTimeProvider Time { get; }

    /// <summary>The lines that the application logged.</summary>
    public ConcurrentQueue<string> Log { get; }

    /// <summary>A plain client with the proxy as its base address; every answer is held against the API's document.</summary>
    public HttpClient Http { get; }

    public IServiceProvider Services => _app.Services;

    /// <summary>The official client, with its default retries and time-outs.</summary>
    public VideoClient NewVideoClient(string key = "sk-test")
    {
        var http = ContractHandler.NewClient();
        // As in the client's own.
        http.Timeout = Timeout.InfiniteTimeSpan;
        return new OpenAIClient(
            new ApiKeyCredential(key),
                new OpenAIClientOptions { Endpoint = new Uri(Http.BaseAddress!, "v1"), Transport = new HttpClientPipelineTransport(http) }).GetVideoClient();
    }

    public static async Task<ProxyApp> StartAsync(Setup? setup = null)
    {
        setup ??= new();
        var time = setup.Time ?? new ManualTimeProvider();
        var sandbox = await SandboxServer.StartAsync(setup.Sandbox with { Time = time });
        try
        {
            return await StartAsync(setup, time, sandbox);
        }
        catch
        {
            await sandbox.DisposeAsync();
            throw;
        }
    }

    private static async Task<ProxyApp> StartAsync(Setup setup, ManualTimeProvider time, SandboxServer sandbox)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.Configuration.AddInMemoryCollection(Settings(sandbox)).AddInMemoryCollection(setup.SettingsOf?.Invoke(sandbox) ?? [])
            .AddInMemoryCollection(setup.Settings);
        if (setup.Changeable is { } changeable) builder.Configuration.Sources.Add(changeable);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(k => k.Listen(System.Net.IPAddress.Loopback, 0));
        var log = new ConcurrentQueue<string>();
        builder.Logging.AddProvider(new QueueLoggerProvider(log));
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton<TimeProvider>(time);
        var proxy = builder.Services.AddReverseProxy().LoadFromConfig(builder.Configuration.GetSection("ReverseProxy")).AddRemixProxy(
            builder.Configuration, setup.ConfigureHttpClient);
        setup.Proxy?.Invoke(proxy);
        var app = builder.Build();
        try
        {
            app.UseRouting();
            app.MapReverseProxy(pipeline =>
            {
                pipeline.UseRemixProxy();
                if (setup.UsedTwice) pipeline.UseRemixProxy();
                pipeline.UseSessionAffinity();
                pipeline.UseLoadBalancing();
                pipeline.UsePassiveHealthChecks();
            });
            await app.StartAsync();
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }

        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        return new(app, sandbox, time, log, new(address + "/"));
    }

    /// <summary>Sends any request and reads any answer.</summary>
    public async Task<Reply> SendAsync(HttpMethod method, string path, HttpContent? content = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        using var response = await Http.SendAsync(request);
        return await Reply.ReadAsync(response);
    }

    /// <summary>Submits JSON and returns the Video.</summary>
    public async Task<JsonObject> PostAsync(string path, object body)
    {
        using var response = await Http.PostAsJsonAsync(path, body);
        return await ReadAsync(response);
    }

    /// <summary>The body of a good answer.</summary>
    public async Task<byte[]> BytesAsync(string path)
    {
        var reply = await SendAsync(HttpMethod.Get, path);
        Assert.Equal(200, reply.Status);
        return reply.Bytes;
    }

    public async Task<JsonObject> GetAsync(string path)
    {
        using var response = await Http.GetAsync(path);
        return await ReadAsync(response);
    }

    /// <summary>Moves the clock until a video is completed or failed.</summary>
    public async Task<JsonObject> FinishAsync(string id, params (string Name, string Value)[] headers)
    {
        for (var i = 0; i < 20; i++)
        {
            var video = (await SendAsync(HttpMethod.Get, "v1/videos/" + id, null, headers)).Ok();
            if (video["status"]!.GetValue<string>() is "completed" or "failed") return video;
            Time.Advance(TimeSpan.FromSeconds(6));
        }

        throw new TimeoutException($"{id} is not finished.");
    }

    /// <summary>Creates a video and moves the clock until it is finished.</summary>
    public async Task<JsonObject> CreateFinishedAsync(string model, string prompt = "A paper boat on a canal")
    {
        var video = await PostAsync("v1/videos", new { model, prompt, seconds = "4", size = "1280x720" });
        return await FinishAsync(video["id"]!.GetValue<string>());
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _app.DisposeAsync();
        await Sandbox.DisposeAsync();
    }

    private static async Task<JsonObject> ReadAsync(HttpResponseMessage response)
    {
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == System.Net.HttpStatusCode.OK, $"{(int)response.StatusCode}: {text}");
        return JsonNode.Parse(text)!.AsObject();
    }

    private static Dictionary<string, string?> Settings(SandboxServer sandbox)
    {
        var settings = new Dictionary<string, string?>();
        foreach (var provider in TestedProviders.All)
        {
            var path = $"RemixProxy:Providers:{provider.Type}:";
            settings[path + "BaseUrl"] = sandbox.BaseUrl(provider.Type, provider.Type);
            settings[path + "ApiKey"] = "secret-" + provider.Type;
            foreach (var (name, value) in provider.Settings?.Invoke(sandbox) ?? []) settings[path + name] = value;
        }

        return settings;
    }

    /// <summary>What a test changes.</summary>
    internal sealed record Setup
    {
        public Dictionary<string, string?> Settings { get; init; } = [];

        /// <summary>Settings that depend on the sandbox.</summary>
        public Func<SandboxServer, Dictionary<string, string?>>? SettingsOf { get; init; }

        /// <summary>Settings above all others that change while the application runs.</summary>
        public ChangeableSettings? Changeable { get; init; }

        public SandboxOptions Sandbox { get; init; } = new();

        /// <summary>A clock to share with others; by default one of its own.</summary>
        public ManualTimeProvider? Time { get; init; }

        public Action<IReverseProxyBuilder>? Proxy { get; init; }

        /// <summary>Whether the plugin stands in the pipeline a second time.</summary>
        public bool UsedTwice { get; init; }

        public Action<ForwarderHttpClientContext, SocketsHttpHandler>? ConfigureHttpClient { get; init; }
    }
}
