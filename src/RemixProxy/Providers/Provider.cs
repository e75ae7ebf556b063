using RemixProxy.Adapters;
using RemixProxy.Contract;

namespace RemixProxy.Providers;

/// <summary>A configured provider account: an adapter with where, as whom and how often it may be asked.</summary>
internal sealed class Provider
{
    public required string Name { get; init; }

    public required IVideoAdapter Adapter { get; init; }

    /// <summary>The base of all targets, with its version segment and a trailing slash.</summary>
    public required Uri BaseUrl { get; init; }

    /// <summary>As whom it is used.</summary>
    public required ProviderCredential Credential { get; init; }

    /// <summary>Where the key came from, for people; null where there is none.</summary>
    public required string? KeySource { get; init; }

    public required ProviderOptions Options { get; init; }

    public ProviderProfile Profile => Adapter.Profile;

    public string CreateModel => Options.CreateModel ?? Profile.CreateModel;

    /// <summary>The model that remixes; null: the source's own.</summary>
    public string? RemixModel => Options.RemixModel ?? Profile.RemixModel;

    public TimeSpan PollInterval => Options.PollInterval ?? Profile.PollInterval;

    /// <summary>Whether a URL is on the provider's own scheme, host and port: only there may the key go.</summary>
    public bool IsOwn(Uri url) => Origin.IsSame(url, BaseUrl);

    /// <summary>Whether a URL may be fetched whatever its address is.</summary>
    public bool IsTrusted(Uri url) =>
        IsOwn(url)
        || (url.Scheme is "http" or "https"
            && Options.AssetHosts.Any(h => Origin.IsHost(h, url)));

    /// <summary>Appends <paramref name="version"/> unless the base ends in a version segment of its own, and a slash.</summary>
    public static Uri WithVersion(Uri baseUrl, string version)
    {
        var path = baseUrl.AbsolutePath.TrimEnd('/');
        var last = path[(path.LastIndexOf('/') + 1)..];
        var hasVersion = last.Length > 1 && last[0] == 'v' && char.IsAsciiDigit(last[1]);
        return new(baseUrl, hasVersion ? path + "/" : $"{path}/{version}/");
    }
}
