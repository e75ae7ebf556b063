using System.Collections.Concurrent;
using RemixProxy.Providers;

namespace RemixProxy.Exchanges;

/// <summary>The servers that were found to take forms only. It outlives reloads of the configuration; another account or address is another server.</summary>
internal sealed class FormServers
{
    /// <summary>The most servers. Only configured ones are learned, so this is never reached without very many reloads.</summary>
    private const int MaxCount = 1000;

    private readonly ConcurrentDictionary<(string Provider, Uri BaseUrl), bool> _servers = new();

    /// <summary>The format in which a provider is sent its submits, after what was learned.</summary>
    public BodyFormat FormatFor(Provider provider) => provider.Options.BodyFormat switch
    {
        null or BodyFormat.Auto => _servers.ContainsKey((provider.Name, provider.BaseUrl)) ? BodyFormat.Multipart : BodyFormat.Auto,
        BodyFormat configured => configured,
    };

    /// <summary>Remembers that a provider took a form after it had refused JSON.</summary>
    public void Learn(Provider provider)
    {
        if (_servers.Count < MaxCount) _servers[(provider.Name, provider.BaseUrl)] = true;
    }
}
