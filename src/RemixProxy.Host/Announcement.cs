using System.Text;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using RemixProxy.Routing;

namespace RemixProxy.Host;

/// <summary>Says on the console what has started, which providers are real, and what to try.</summary>
internal sealed class Announcement(IServer server, ProviderRegistry registry, IHostApplicationLifetime lifetime) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = lifetime.ApplicationStarted.Register(started.SetResult);
        await started.Task.WaitAsync(stoppingToken);
        await Console.Out.WriteLineAsync(Text().AsMemory(), stoppingToken);
    }

    private string Text()
    {
        var address = server.Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault() ?? "http://localhost:8080";
        var set = registry.Current;
        var isSandbox = set.Options.Sandbox == true;
        var text = new StringBuilder();
        text.AppendLine($"RemixProxy {typeof(RemixProxyExtensions).Assembly.GetName().Version?.ToString(3)}: the OpenAI Videos API at {address}/v1");
        foreach (var provider in set.Providers)
            text.AppendLine($"  {provider.Name,-12} {(isSandbox ? "SANDBOX" : "LIVE"),-8} {(isSandbox ? "simulated, no key is read" : $"key from {provider.KeySource ?? "nowhere (none is sent)"}")}");
        text.AppendLine($"  {"state",-12} {(set.Options.Redis.IsUsed ? "in Redis, shared by all replicas" : "in this process; set Redis:ConnectionString to keep and share it")}");
        text.AppendLine($"  {"cache",-12} {CacheOf(set.Options.Cache)}");
        if (set.Providers.Count == 0) text.AppendLine("  No provider is enabled: set a provider's key, e.g. RUNWAYML_API_SECRET, or RemixProxy__Sandbox=true to try it out.");
        else text.AppendLine($"Try: curl {address}/v1/videos -H \"Content-Type: application/json\" -d '{{\"prompt\":\"A paper boat on a canal\"}}'");
        return text.ToString();
    }

    private static string CacheOf(CacheOptions cache) => cache.Mode switch
    {
        CacheMode.Off => "off, but for requests that ask for it by x-remix-cache",
        CacheMode.Exact => "answers equal requests",
        _ => $"answers equal and similar requests, compared {(cache.Embeddings.Endpoint is null ? "by their words" : $"by {cache.Embeddings.Model}")}",
    };
}
