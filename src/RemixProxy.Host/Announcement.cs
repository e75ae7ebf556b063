using System.Text;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using RemixProxy.Configuration;
using RemixProxy.Providers;
using RemixProxy.Telemetry;

namespace RemixProxy.Host;

/// <summary>Says what has started, which providers are real, and what to try. People get a text; if a machine reads the console, the log has it.</summary>
internal sealed partial class Announcement(
    IServer server,
    ProviderRegistry registry,
    OutboundProxy proxy,
    IHostApplicationLifetime lifetime,
    IConfiguration configuration,
    ILogger<Announcement> logger)
        : BackgroundService
{
    public const string NoProvider = "No provider is enabled: set a provider's key, e.g. RUNWAYML_API_SECRET, or RemixProxy__Sandbox=true to try it out.";

    private static readonly string Version = typeof(RemixProxyExtensions).Assembly.GetName().Version?.ToString(3) ?? "";

    // Any other formatter writes lines for machines, and no other text may stand between them.
    private bool IsForPeople => configuration["Logging:Console:FormatterName"] is null or "" or "simple";

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = lifetime.ApplicationStarted.Register(started.SetResult);
        await started.Task.WaitAsync(stoppingToken);
        var address = server.Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault() ?? "http://localhost:8080";
        if (IsForPeople) await Console.Out.WriteLineAsync(Text(address).AsMemory(), stoppingToken);
        else WriteLog(address);
    }

    private string Text(string address)
    {
        var set = registry.Current;
        var text = new StringBuilder();
        text.AppendLine(Invariant($"RemixProxy {Version}: the OpenAI Videos API at {address}/v1"));
        foreach (var provider in set.Providers) text.AppendLine(Invariant($"  {provider.Name,-12} {ModeOf(set),-8} {KeyOf(set, provider)}"));
        text.AppendLine(Invariant($"  {"state",-12} {StateOf(set.Options.Redis)}"));
        text.AppendLine(Invariant($"  {"cache",-12} {CacheOf(set.Options.Cache)}"));
        if (proxy.Describe() is { } way) text.AppendLine(Invariant($"  {"proxy",-12} {way}"));
        if (set.Providers.Count == 0) text.AppendLine($"  {NoProvider}");
        else text.AppendLine(Invariant($"Try: curl {address}/v1/videos -H \"Content-Type: application/json\" -d '{{\"prompt\":\"A paper boat on a canal\"}}'"));
        return text.ToString();
    }

    private void WriteLog(string address)
    {
        var set = registry.Current;
        var (mode, state, cache) = (ModeOf(set), StateOf(set.Options.Redis), CacheOf(set.Options.Cache));
        foreach (var provider in set.Providers) Log.Provider(logger, provider.Name, mode, provider.KeySource);
        if (set.Providers.Count == 0) Log.NoProvider(logger, NoProvider);
        if (proxy.Describe() is { } way) Log.Proxy(logger, way);
        Log.Serving(logger, Version, address, state, cache);
    }

    private static string ModeOf(ProviderSet set) => set.Options.Sandbox == true ? "SANDBOX" : "LIVE";

    private static string KeyOf(ProviderSet set, Provider provider) => set.Options.Sandbox == true
        ? provider.HasCallersKeys ? "simulated, any bearer of the caller's will do" : "simulated, no key is read"
        : $"key from {provider.KeySource ?? "nowhere (none is sent)"}";

    private static string StateOf(RedisOptions redis) => redis.IsUsed
        ? "in Redis, shared by all replicas"
        : "in this process; set Redis:ConnectionString to keep and share it";

    private static string CacheOf(CacheOptions cache) => cache.Mode switch
    {
        CacheMode.Off => "off, but for requests that ask for it by x-remix-cache",
        CacheMode.Exact => "answers equal requests",
        _ => $"answers equal and similar requests, compared {(cache.Embeddings.Endpoint is null ? "by their words" : $"by {cache.Embeddings.Model}")}",
    };

    private static partial class Log
    {
        [LoggerMessage(EventIds.ProviderAnnounced, LogLevel.Information, "Provider {Provider} is {Mode}, its key from {KeySource}")]
        public static partial void Provider(ILogger logger, string provider, string mode, string? keySource);

        [LoggerMessage(EventIds.ProxyAnnounced, LogLevel.Information, "Requests leave through a proxy: {Proxy}")]
        public static partial void Proxy(ILogger logger, string proxy);

        [LoggerMessage(EventIds.Unsafe, LogLevel.Warning, "{Reason}")]
        public static partial void NoProvider(ILogger logger, string reason);

        [LoggerMessage(EventIds.Serving, LogLevel.Information, "RemixProxy {Version}: the OpenAI Videos API at {Address}/v1; state {State}; cache {Cache}")]
        public static partial void Serving(ILogger logger, string version, string address, string state, string cache);
    }
}
