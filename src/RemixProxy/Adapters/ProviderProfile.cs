using System.Buffers;
using RemixProxy.Contract;

namespace RemixProxy.Adapters;

/// <summary>What a provider is and can do, as data: read by <c>/v1/models</c>, by the early errors, by the README's table and by the tests.</summary>
public sealed record ProviderProfile
{
    /// <summary>The adapter's type, <c>[a-z0-9-]{1,32}</c>; a provider entry of this name needs no <c>Type</c>.</summary>
    public required string Type { get; init; }

    /// <summary>The vendor's name, for people.</summary>
    public required string DisplayName { get; init; }

    /// <summary>
    /// The vendor's public base without its version segment; null where there is none and configuration must name one. <c>{region}</c> and <c>{project}</c>
    /// stand for the account's.
    /// </summary>
    public string? BaseUrl { get; init; }

    /// <summary>The path segment that is appended to a base that ends in no version segment, e.g. <c>v1</c>.</summary>
    public required string Version { get; init; }

    /// <summary>The vendor as OpenTelemetry's conventions for generative AI name it (<c>gen_ai.provider.name</c>); null: the type.</summary>
    public string? TelemetryName { get; init; }

    /// <summary>Its place among those that <c>sora-2</c> and its like stand for where nobody says: the lowest enabled one serves them.</summary>
    /// <value>100: after those that come with the plugin.</value>
    public int AliasRank { get; init; } = 100;

    /// <summary>Conventional environment variables of the key; the first that is set wins.</summary>
    public required IReadOnlyList<string> KeyVariables { get; init; }

    /// <summary>How requests are signed.</summary>
    /// <value>The key as a bearer token.</value>
    public SigningScheme Signing { get; init; } = SigningScheme.Bearer;

    /// <summary>
    /// Secrets beside or in place of the key, by name: <c>RemixProxy:Providers:{provider}:Secrets:{name}</c>. A provider that names some needs no key.
    /// </summary>
    public IReadOnlyDictionary<string, ProviderSetting> Secrets { get; init; } = new Dictionary<string, ProviderSetting>();

    /// <summary>The region, 1–64 of <c>a-z</c>, <c>A-Z</c>, <c>0-9</c> and <c>-</c>; null: there is none to choose.</summary>
    public ProviderSetting? Region { get; init; }

    /// <summary>The project, 1–128 of <c>a-z</c>, <c>A-Z</c>, <c>0-9</c>, <c>-</c>, <c>_</c>, <c>.</c> and <c>:</c>; null: there is none to choose.</summary>
    public ProviderSetting? Project { get; init; }

    /// <summary>Headers of every call.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];

    /// <summary>The model of a create that names none.</summary>
    public required string CreateModel { get; init; }

    /// <summary>The model that edits; null: the source's own, always.</summary>
    public string? RemixModel { get; init; }

    /// <summary>The model that extends; null: the source's own, always.</summary>
    public string? ExtendModel { get; init; }

    /// <summary>The models known by name; others are reached by <c>provider/model</c>.</summary>
    public required IReadOnlyList<VideoModel> Models { get; init; }

    /// <summary>All operations that some model of it has, and retrieve, delete, content, which always work.</summary>
    public required VideoOperation Operations { get; init; }

    /// <summary>How it remixes.</summary>
    public required RemixKind Remix { get; init; }

    /// <summary>In which forms it takes the source of a remix or edit; tried in the order id, URL, file.</summary>
    public SourceForms Sources { get; init; }

    /// <summary>In which forms it takes the source of an extend.</summary>
    public SourceForms ExtendSources { get; init; }

    /// <summary>In which forms it takes a reference image; by id is a <c>file_id</c> of the provider's own.</summary>
    public SourceForms Images { get; init; } = SourceForms.Url | SourceForms.File;

    /// <summary>The largest source file it takes, in bytes.</summary>
    public long MaxSourceBytes { get; init; } = long.MaxValue;

    /// <summary>The longest source it takes, in seconds.</summary>
    public decimal? MaxSourceSeconds { get; init; }

    /// <summary>Variants of the content beside <c>video</c>.</summary>
    public IReadOnlyList<string> Variants { get; init; } = ["video"];

    /// <summary>How often one job should be asked for.</summary>
    public required TimeSpan PollInterval { get; init; }

    /// <summary>How long a job usually takes, for the progress of providers that tell none.</summary>
    public TimeSpan UsualDuration { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>How long an output's URL can be fetched after a poll; null: as long as the bytes are there.</summary>
    public TimeSpan? UrlLifetime { get; init; }

    /// <summary>How long the bytes are there after completion, where the provider's answer doesn't tell; null: unknown.</summary>
    public TimeSpan? BytesLifetime { get; init; }

    /// <summary>Whether asking again gives fresh URLs.</summary>
    public bool RefreshesUrls { get; init; }

    /// <summary>Characters that a native id may hold.</summary>
    public SearchValues<char> IdCharacters { get; init; } = DefaultIdCharacters;

    /// <summary>The longest native id, in characters.</summary>
    public int MaxIdLength { get; init; } = 256;

    /// <summary>Letters, digits, <c>_</c>, <c>-</c>, <c>.</c> and <c>~</c>.</summary>
    public static readonly SearchValues<char> DefaultIdCharacters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.~");

    /// <summary>The words for the state of a job; any other counts as in progress.</summary>
    public IReadOnlyList<StatusWord> Statuses { get; init; } = [];

    /// <summary>The model of that name, or null.</summary>
    public VideoModel? FindModel(string id) => Models.FirstOrDefault(m => m.Id == id);

    /// <summary>What a word for the state of a job means; one that is missing or unknown means that it is in progress.</summary>
    public StatusWord FindStatus(string? word) =>
        Statuses.FirstOrDefault(s => s.Word.Equals(word, StringComparison.OrdinalIgnoreCase)) ?? new(word ?? "", VideoStatus.InProgress);
}

/// <summary>How a provider makes a new video from an existing one.</summary>
public enum RemixKind
{
    /// <summary>Not at all.</summary>
    None,

    /// <summary>By the id of one of its own videos.</summary>
    Native,

    /// <summary>From a URL or an upload of the source.</summary>
    Edit,

    /// <summary>The source is only a reference, not edited.</summary>
    Reference,
}

/// <summary>Forms of a source.</summary>
[Flags]
public enum SourceForms
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>A <see cref="NativeIdSource"/>.</summary>
    Id = 1,

    /// <summary>A <see cref="UrlSource"/>.</summary>
    Url = 2,

    /// <summary>A <see cref="FileSource"/>.</summary>
    File = 4,
}
