using System.Diagnostics.Metrics;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using RemixProxy.Sandbox.Content;
using RemixProxy.Sandbox.Hosting;
using RemixProxy.Sandbox.Providers;

namespace RemixProxy.Sandbox;

/// <summary>
/// Video providers simulated on a loopback port, each in its native wire format and as strict as the real one. No call costs money and no key is real:
/// any non-empty credential is accepted but the literal <c>bad-key</c>.
/// </summary>
public sealed class SandboxServer : IAsyncDisposable
{
    private const long MaxRequestBytes = 256L * 1024 * 1024;

    private readonly WebApplication _app;
    private readonly SandboxWorld _world;
    private readonly RequestJournal _journal;
    private int _disposed;

    private SandboxServer(WebApplication app, SandboxWorld world, RequestJournal journal)
    {
        _app = app;
        _world = world;
        _journal = journal;
        Address = new(world.ApiOrigin);
        AssetAddress = new(world.Assets.Origin);
    }

    /// <summary>Where the APIs listen, for example <c>http://127.0.0.1:40123/</c>.</summary>
    public Uri Address { get; }

    /// <summary>Where asset URLs point to: <see cref="Address"/>, or the second port with <see cref="SandboxOptions.SeparateAssetHost"/>.</summary>
    public Uri AssetAddress { get; }

    /// <summary>The newest 1000 requests of both ports, oldest first.</summary>
    public IReadOnlyList<SandboxRequest> Requests => _journal.Snapshot();

    /// <summary>How many video jobs all simulators have ever made.</summary>
    public int Submits => _world.Accounts.SubmitsOf(null);

    /// <summary>Starts the simulators on free ports of 127.0.0.1.</summary>
    /// <param name="options">How they behave.</param>
    /// <param name="ct">Cancels the start.</param>
    /// <returns>The listening server; dispose it to stop.</returns>
    public static async Task<SandboxServer> StartAsync(SandboxOptions? options = null, CancellationToken ct = default)
    {
        options ??= new();
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxJobs, 1, nameof(options));
        var world = new SandboxWorld(options);
        var journal = new RequestJournal(options.Time);
        var app = Build(options.SeparateAssetHost ? 2 : 1);
        try
        {
            Configure(app, options, world, journal);
            await app.StartAsync(ct);
            world.ApiOrigin = app.Urls.First().TrimEnd('/');
            world.Assets.Origin = app.Urls.Last().TrimEnd('/');
            return new(app, world, journal);
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
    }

    /// <summary>How many video jobs the simulators of one type have ever made.</summary>
    /// <param name="type">Adapter type, for example <c>runway</c>.</param>
    /// <returns>The count over all accounts of that type.</returns>
    public int SubmitsOf(string type) => _world.Accounts.SubmitsOf(type);

    /// <summary>How many video jobs one account has ever made.</summary>
    /// <param name="type">Adapter type.</param>
    /// <param name="name">The account's name.</param>
    /// <returns>The account's count.</returns>
    public int SubmitsOf(string type, string name) => _world.Accounts.Of(type, name).Submits;

    /// <summary>The base URL of an account: the native paths lie below it, version segment included. Every pair is an account of its own.</summary>
    /// <param name="type">Adapter type, for example <c>runway</c>.</param>
    /// <param name="name">The account's name; any will do.</param>
    /// <returns>For example <c>http://127.0.0.1:40123/runway/runway-eu</c>.</returns>
    public string BaseUrl(string type, string name) => $"{_world.ApiOrigin}/{type}/{Uri.EscapeDataString(name)}";

    /// <summary>
    /// The JSON of a service account with which Google's libraries get access tokens from the sandbox. All accounts of a process share one key.
    /// </summary>
    /// <param name="type">Adapter type, for example <c>vertex</c>.</param>
    /// <param name="name">The account's name.</param>
    /// <returns>The content of a credentials file.</returns>
    public string GoogleCredentials(string type, string name) => GoogleTokens.Credentials(BaseUrl(type, name));

    /// <summary>Stops listening; requests that still hang are cut after a second, new connections are refused. What was counted stays readable.</summary>
    /// <returns>A task that ends when everything is released.</returns>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    // An empty builder: the host process's own configuration, logging and signal handlers are no business of the sandbox.
    private static WebApplication Build(int ports)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.Services.AddRoutingCore();
        builder.Services.AddLogging();
        builder.Services.AddSingleton<IHostLifetime, QuietLifetime>();
        builder.Services.AddSingleton<IMeterFactory, PrefixedMeters>();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(1));
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = MaxRequestBytes;
            for (int port = 0; port < ports; port++)
                kestrel.Listen(IPAddress.Loopback, 0);
        });
        return builder.Build();
    }

    private static void Configure(WebApplication app, SandboxOptions options, SandboxWorld world, RequestJournal journal)
    {
        TaskSimulator[] simulators =
        [
            new OpenAiSimulator(world),
            new GeminiSimulator(world),
            new RunwaySimulator(world),
            new LumaSimulator(world),
            new XaiSimulator(world),
            new KlingSimulator(world),
            new ArkSimulator(world),
            new FalSimulator(world),
            new ReplicateSimulator(world),
            new VertexSimulator(world),
            new VeoSimulator(world),
        ];
        app.Use(async (http, next) =>
        {
            await journal.RecordAsync(http);
            await next(http);
        });
        if (options.Intercept is { } intercept)
            app.Use((http, next) => intercept(http, passed => next(Rewound(passed))));
        app.Use((http, next) => AnswerWhatNobodyServes(http, next, world, simulators));
        app.UseRouting();
        new AssetEndpoint(world).Map(app);
        foreach (var simulator in simulators)
            simulator.Map(new(app, simulator, world));
    }

    // The interceptor may have read the body.
    private static HttpContext Rewound(HttpContext http)
    {
        if (http.Request.Body.CanSeek)
            http.Request.Body.Position = 0;
        return http;
    }

    private static async Task AnswerWhatNobodyServes(HttpContext http, RequestDelegate next, SandboxWorld world, TaskSimulator[] simulators)
    {
        bool wantsAsset = http.Request.Path.StartsWithSegments("/assets", StringComparison.OrdinalIgnoreCase)
            || http.Request.Path.StartsWithSegments("/uploads", StringComparison.OrdinalIgnoreCase);
        bool isAssetPort = http.Connection.LocalPort == new Uri(world.Assets.Origin).Port;
        bool isApiPort = http.Connection.LocalPort == new Uri(world.ApiOrigin).Port;
        if (wantsAsset ? isAssetPort : isApiPort)
            await next(http);
        else
            http.Response.StatusCode = StatusCodes.Status404NotFound;
        if (http.Response.StatusCode is not (404 or 405) || http.Response.HasStarted || http.Response.ContentType is not null)
            return;
        var simulator = Array.Find(simulators, candidate => http.Request.Path.StartsWithSegments($"/{candidate.Type}", StringComparison.OrdinalIgnoreCase));
        if (simulator is not null)
            await simulator.Error(http.Response.StatusCode, $"{http.Request.Method} {http.Request.Path} is not served.").WriteAsync(http);
    }
}
