using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;
using RemixProxy.Adapters;
using RemixProxy.Configuration;
using RemixProxy.Contract;
using RemixProxy.Telemetry;

namespace RemixProxy.Providers;

/// <summary>Holds the current set of providers, and rebuilds it when the configuration changes. An invalid change is logged and ignored.</summary>
internal sealed partial class ProviderRegistry : IDisposable
{
    private readonly IOptionsFactory<RemixProxyOptions> _options;
    private readonly IVideoAdapter[] _adapters;
    private readonly IConfiguration _configuration;
    private readonly ILogger<ProviderRegistry> _logger;
    private readonly IDisposable _reload;
    private readonly Lock _building = new();
    private volatile ProviderSet _current;
    private CancellationTokenSource _changed = new();

    public ProviderRegistry(
        IOptionsFactory<RemixProxyOptions> options, IEnumerable<IVideoAdapter> adapters, RemixProxyConfiguration configuration,
            ILogger<ProviderRegistry> logger)
    {
        _options = options;
        _adapters = [.. adapters];
        _configuration = configuration.Root;
        _logger = logger;
        _current = Build();
        _reload = ChangeToken.OnChange(_configuration.GetReloadToken, Reload);
    }

    public ProviderSet Current => _current;

    /// <summary>A token that fires when <see cref="Current"/> has changed.</summary>
    public IChangeToken GetChangeToken() => new CancellationChangeToken(Volatile.Read(ref _changed).Token);

    public void Dispose()
    {
        _reload.Dispose();
        _changed.Dispose();
    }

    private ProviderSet Build()
    {
        try
        {
            // Creating the options validates them, by CheckProviders too.
            var set = ProviderSet.Build(_options.Create(Options.DefaultName), _adapters, _configuration, []);
            foreach (var key in KeysInTheClear(set)) Log.KeyInTheClear(_logger, key);
            return set;
        }
        catch (OptionsValidationException e)
        {
            throw new OptionsValidationException(
                nameof(RemixProxyOptions), typeof(RemixProxyOptions), e.Failures.Prepend("The configuration of RemixProxy is wrong:"));
        }
    }

    private void Reload()
    {
        try
        {
            // Several files may change at once. One reading ends before the next begins.
            lock (_building)
            {
                var before = _current;
                _current = Build();
                Log.Reloaded(_logger, _current.Providers.Count);
                if (before.Options.Sandbox != _current.Options.Sandbox) Log.NeedsRestart(_logger, nameof(RemixProxyOptions.Sandbox));
                if (!before.Options.Telemetry.TraceContextHosts.SequenceEqual(_current.Options.Telemetry.TraceContextHosts))
                    Log.NeedsRestart(_logger, nameof(RemixProxyOptions.Telemetry));
                if (Differs(before.Options.Http, _current.Options.Http)) Log.NeedsRestart(_logger, nameof(RemixProxyOptions.Http));
                if (before.Options.DrainTimeout != _current.Options.DrainTimeout) Log.NeedsRestart(_logger, nameof(RemixProxyOptions.DrainTimeout));
                if (Differs(before.Options.Redis, _current.Options.Redis)) Log.NeedsRestart(_logger, nameof(RemixProxyOptions.Redis));
            }
        }
        catch (OptionsValidationException e)
        {
            Log.ReloadRefused(_logger, string.Join(' ', e.Failures));
            return;
        }

        using var changed = Interlocked.Exchange(ref _changed, new());
        changed.Cancel();
    }

    /// <summary>The settings by which a key is sent over the internet unencrypted, as far as an address tells that.</summary>
    private static IEnumerable<string> KeysInTheClear(ProviderSet set)
    {
        foreach (var provider in set.Providers.Where(p => p.KeySource is not null && IsPublicHttp(p.BaseUrl)))
            yield return $"Providers:{provider.Name}:{nameof(ProviderOptions.BaseUrl)}";
        if (set.Options.Cache.Embeddings is { ApiKey: not null, Endpoint: { } endpoint } && IsPublicHttp(endpoint))
            yield return $"Cache:Embeddings:{nameof(EmbeddingsOptions.Endpoint)}";
    }

    private static bool IsPublicHttp(Uri url) => url.Scheme == "http" && PublicAddress.LooksPublic(new UriBuilder("https", url.IdnHost).Uri);

    private static bool Differs(RedisOptions a, RedisOptions b) => (a.ConnectionString, a.KeyPrefix, a.Timeout) != (b.ConnectionString, b.KeyPrefix, b.Timeout);

    private static bool Differs(HttpOptions a, HttpOptions b) => a.Proxy != b.Proxy || !a.NoProxy.SequenceEqual(b.NoProxy);

    private static partial class Log
    {
        [LoggerMessage(EventIds.ConfigurationReloaded, LogLevel.Information, "Configuration reloaded: {Count} providers are enabled.")]
        public static partial void Reloaded(ILogger logger, int count);

        [LoggerMessage(EventIds.ConfigurationNotReloaded, LogLevel.Error, "Configuration not reloaded, the former one stays in force. {Errors}")]
        public static partial void ReloadRefused(ILogger logger, string errors);

        [LoggerMessage(
            EventIds.KeyInTheClear, LogLevel.Warning,
            "RemixProxy:{Key} begins with http:// and seems to be public: whoever is on the way can read the key. Use https://.")]
        public static partial void KeyInTheClear(ILogger logger, string key);

        [LoggerMessage(EventIds.NeedsRestart, LogLevel.Warning, "A change of RemixProxy:{Key} needs a restart.")]
        public static partial void NeedsRestart(ILogger logger, string key);
    }
}
