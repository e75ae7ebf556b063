using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using RemixProxy.FunctionalTests.Redis;
using RemixProxy.FunctionalTests.Submits;
using RemixProxy.Redis;
using RemixProxy.TestKit.Redis;

namespace RemixProxy.FunctionalTests.Kit;

/// <summary>A proxy whose state is in this process or in a Redis of its own; it shows what is stored, and what the stores are asked.</summary>
internal sealed class StoredApp : IAsyncDisposable
{
    // What a client makes and keeps its connections with.
    private static readonly string[] OfConnections =
        ["PING", "ECHO", "INFO", "CLIENT", "CONFIG", "HELLO", "AUTH", "SELECT", "CLUSTER", "SENTINEL", "SUBSCRIBE", "UNSUBSCRIBE", "COMMAND", "ROLE"];

    private readonly ConcurrentQueue<string> _methods = new();
    private RedisServer? _redis;
    private RedisRelay? _relay;

    public Upstream Upstream { get; } = new();

    public ProxyApp App { get; private set; } = null!;

    /// <summary>What the stores were asked until now: methods of those in this process, or commands of Redis.</summary>
    public IReadOnlyList<string> Asked => _relay is null ? [.. _methods] : [.. _relay.Commands(IsAsked).Select(NameOf)];

    /// <param name="version">Which Redis; null for none.</param>
    /// <param name="settings">Settings of the application.</param>
    public static async Task<StoredApp> StartAsync(RedisVersion? version, Dictionary<string, string?> settings)
    {
        var stored = new StoredApp();
        try
        {
            if (version is { } which)
            {
                stored._redis = await RedisServer.StartAsync(which);
                stored._relay = RedisRelay.To(stored._redis);
                settings = new(settings) { ["RemixProxy:Redis:ConnectionString"] = stored._relay.ConnectionString, ["RemixProxy:Redis:Timeout"] = "00:00:10" };
            }

            stored.App = await ProxyApp.StartAsync(new() { Settings = settings, Sandbox = stored.Upstream.Sandbox, Proxy = stored.Install });
            return stored;
        }
        catch
        {
            await stored.DisposeAsync();
            throw;
        }
    }

    /// <summary>All that is stored, in this process and in Redis.</summary>
    public async Task<string> TextAsync() => StoredText.InProcess(App) + (_redis is null ? "" : await StoredText.InRedisAsync(_redis.ConnectionString));

    public async ValueTask DisposeAsync()
    {
        if (App is not null) await App.DisposeAsync();
        if (_relay is not null) await _relay.DisposeAsync();
        if (_redis is not null) await _redis.DisposeAsync();
    }

    private static bool IsAsked(RedisCommand command) =>
        !command.Runs(RedisScripts.Look) && !OfConnections.Contains(command.Words[0], StringComparer.OrdinalIgnoreCase)
            && !command.Words.Any(w => w.StartsWith("__Booksleeve", StringComparison.Ordinal));

    private static string NameOf(RedisCommand command) =>
        command.Is("EVALSHA") || command.Is("EVAL") ? string.Join(' ', command.Words.Take(2)) : command.Words[0];

    private void Install(IReverseProxyBuilder proxy)
    {
        proxy.AddRemixProxyBaseUrls();
        if (_relay is not null) return;
        new WatchedStores
        {
            Away = method =>
            {
                _methods.Enqueue(method);
                return false;
            },
        }.Install(proxy);
    }
}
