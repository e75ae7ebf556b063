using RemixProxy.Adapters;
using RemixProxy.Contract;

namespace RemixProxy.Providers;

/// <summary>A configured provider account: an adapter with the account's address, credential and options.</summary>
internal sealed class Provider
{
    public required string Name { get; init; }

    public required IVideoAdapter Adapter { get; init; }

    /// <summary>The base address of all requests, with its version segment and a trailing slash.</summary>
    public required Uri BaseUrl { get; init; }

    /// <summary>The base of the vendor's storage, with a trailing slash; null: the provider has none.</summary>
    public Uri? StorageUrl { get; init; }

    /// <summary>The account's key, secrets, region and project; for one call the caller's own key.</summary>
    public required ProviderCredential Credential { get; init; }

    /// <summary>What the account's secrets look like in a provider's answer.</summary>
    public SecretForms SecretForms => field ??= new(Credential);

    /// <summary>Where the key comes from, or the secrets used instead, for people; null where the account has neither.</summary>
    public required string? KeySource { get; init; }

    public required ProviderOptions Options { get; init; }

    public ProviderProfile Profile => Adapter.Profile;

    /// <summary>Whether calls bring the provider's key.</summary>
    public bool HasCallersKeys => Options.Passthrough;

    /// <summary>Whether calls bring the provider's key, and this one brought none. Then nothing may be sent that needs it.</summary>
    public bool LacksKey => HasCallersKeys && Credential.ApiKey is null;

    /// <summary>The models that configuration or the adapter describe, those of the configuration first.</summary>
    public IReadOnlyList<VideoModel> Models { get; init; } = [];

    /// <summary>The description of a model; null where nobody describes it.</summary>
    public VideoModel? FindModel(string id) => Models.FirstOrDefault(m => m.Id == id);

    /// <summary>
    /// The description that holds for a model: its own, else that of the profile's first model. Null where the provider gets a request for the model as it is
    /// written.
    /// </summary>
    public VideoModel? FittingModel(string id) => FindModel(id) ?? (Profile is { PassesUndeclared: false, Models: [var first, ..] } ? first : null);

    /// <summary>Whether a well-formed native id that the store does not know can be one of the account's.</summary>
    public bool MayHave(string nativeId) => Adapter.IsIdOf(
        nativeId, Models.Concat(new[] { CreateModel, RemixModel }.OfType<string>().Select(name => new VideoModel(name, VideoOperation.Submit))));

    public string CreateModel => Options.CreateModel ?? Profile.CreateModel;

    /// <summary>The model for a remix or edit; null: a remix uses the model of its source.</summary>
    public string? RemixModel => Options.RemixModel ?? Profile.RemixModel;

    /// <summary>The model that remixes, edits or extends; null if the provider always uses the source's model.</summary>
    public string? EditModel(VideoOperation operation) => operation == VideoOperation.Extend ? Profile.ExtendModel : RemixModel;

    public TimeSpan PollInterval => Options.PollInterval ?? Profile.PollInterval;

    /// <summary>The same provider for one call, with the key that its caller brought.</summary>
    public Provider With(string key) => new()
    {
        Name = Name, Adapter = Adapter, BaseUrl = BaseUrl, StorageUrl = StorageUrl, KeySource = KeySource, Options = Options, Models = Models,
        Credential = new() { Provider = Name, ApiKey = key, Region = Credential.Region, Project = Credential.Project },
    };

    /// <summary>
    /// Whether a URL has the scheme, host and port of the provider or of its storage, and no user. The proxy may send the key there.
    /// </summary>
    public bool IsOwn(Uri url) => (Origin.IsSame(url, BaseUrl) || (StorageUrl is { } storage && Origin.IsSame(url, storage))) && url.UserInfo.Length == 0;

    /// <summary>Whether the proxy may fetch a URL even where it leads to a private address.</summary>
    public bool IsTrusted(Uri url) =>
        IsOwn(url)
        || (url.Scheme is "http" or "https" && url.UserInfo.Length == 0
            && Options.AssetHosts.Any(h => Origin.IsHost(h, url)));

    /// <summary>Whether the proxy may give an address of the provider's answer to others: callers, or another provider that fetches it.</summary>
    public bool MayPointTo(string url) => PublicAddress.IsUrl(url) || (WebAddress.TryRead(url, out var address) && IsTrusted(address));

    /// <summary>Appends <paramref name="version"/>, unless it is empty or the base ends in a version segment already, and a trailing slash.</summary>
    public static Uri WithVersion(Uri baseUrl, string version)
    {
        var path = baseUrl.AbsolutePath.TrimEnd('/');
        var last = path[(path.LastIndexOf('/') + 1)..];
        var hasVersion = last.Length > 1 && last[0] == 'v' && char.IsAsciiDigit(last[1]);
        return new(baseUrl, hasVersion || version.Length == 0 ? path + "/" : $"{path}/{version}/");
    }
}
