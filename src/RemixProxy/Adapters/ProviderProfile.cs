using System.Buffers;
using RemixProxy.Contract;

namespace RemixProxy.Adapters;

/// <summary>Describes a provider and its capabilities as data, for <c>/v1/models</c>, the early errors, the README's table and the tests.</summary>
public sealed record ProviderProfile
{
    /// <summary>The adapter's type, <c>[a-z0-9-]{1,32}</c>. A provider entry of this name needs no <c>Type</c>.</summary>
    public required string Type { get; init; }

    /// <summary>The vendor's name, for people.</summary>
    public required string DisplayName { get; init; }

    /// <summary>
    /// The vendor's public base without its version segment. The proxy replaces <c>{region}</c> and <c>{project}</c> by the account's settings. Null: the
    /// vendor has no public base, and configuration must name one.
    /// </summary>
    public string? BaseUrl { get; init; }

    /// <summary>The bases of regions whose base is no form of <see cref="BaseUrl"/>, by region.</summary>
    public IReadOnlyDictionary<string, string> RegionBaseUrls { get; init; } = new Dictionary<string, string>();

    /// <summary>The vendor's storage, where an account may have the outputs written; null: the provider keeps them itself.</summary>
    public ProviderStorage? Storage { get; init; }

    /// <summary>
    /// The version segment, e.g. <c>v1</c>; empty: the vendor has none. The proxy appends it to a base that does not end in a version segment.
    /// </summary>
    public required string Version { get; init; }

    /// <summary>The vendor's name in OpenTelemetry's conventions for generative AI (<c>gen_ai.provider.name</c>); null: the type.</summary>
    public string? TelemetryName { get; init; }

    /// <summary>
    /// Ranks the providers for the default aliases <c>sora-2</c> and <c>sora-2-pro</c>. Where configuration does not map an alias, the enabled provider with
    /// the lowest rank serves it.
    /// </summary>
    /// <value>100: after Gemini, Luma and Runway, before the OpenAI-compatible servers.</value>
    public int AliasRank { get; init; } = 100;

    /// <summary>The conventional environment variables of the key. The first one that is set counts, unless configuration has a key.</summary>
    public required IReadOnlyList<string> KeyVariables { get; init; }

    /// <summary>
    /// The environment variables whose values make the key together, joined by <c>:</c>, where nothing else sets it. Where only some of them are set, the start
    /// says so and stops.
    /// </summary>
    /// <value>None: the key is one text.</value>
    public IReadOnlyList<string> KeyParts { get; init; } = [];

    /// <summary>How the proxy signs requests.</summary>
    /// <value><see cref="SigningScheme.Bearer"/></value>
    public SigningScheme Signing { get; init; } = SigningScheme.Bearer;

    /// <summary>
    /// The secrets that an account needs beside or instead of the key, by name. Configuration sets them as
    /// <c>RemixProxy:Providers:{provider}:Secrets:{name}</c>. A provider that names secrets needs no key; a key replaces all of them.
    /// </summary>
    public IReadOnlyDictionary<string, ProviderSetting> Secrets { get; init; } = new Dictionary<string, ProviderSetting>();

    /// <summary>The region setting: 1–64 of <c>a-z</c>, <c>A-Z</c>, <c>0-9</c> and <c>-</c>; null: the provider has no regions to choose.</summary>
    public ProviderSetting? Region { get; init; }

    /// <summary>
    /// The project setting: 1–128 of <c>a-z</c>, <c>A-Z</c>, <c>0-9</c>, <c>-</c>, <c>_</c>, <c>.</c> and <c>:</c>; null: the provider has no projects to
    /// choose.
    /// </summary>
    public ProviderSetting? Project { get; init; }

    /// <summary>Headers that every request to the provider's own origin carries.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];

    /// <summary>The provider's default model for a create, e.g. behind the default aliases. Configuration may name another.</summary>
    public required string CreateModel { get; init; }

    /// <summary>The default model for a remix or edit; configuration may name another. Null: a remix always uses the model of its source.</summary>
    public string? RemixModel { get; init; }

    /// <summary>The default model for an extend. Null: an extend always uses the model of its source.</summary>
    public string? ExtendModel { get; init; }

    /// <summary>The models known by name. Callers reach any other model as <c>provider/model</c>.</summary>
    public required IReadOnlyList<VideoModel> Models { get; init; }

    /// <summary>
    /// Whether a request for a model that neither <see cref="Models"/> nor configuration describes goes to the provider as the caller wrote it. Otherwise the
    /// proxy treats the model like the first one of the profile.
    /// </summary>
    /// <value>false</value>
    public bool PassesUndeclared { get; init; }

    /// <summary>
    /// Whether the provider is any server that speaks the OpenAI Videos API. Its operator may know more of it than the adapter, and may set
    /// <see cref="ProviderOptions.BodyFormat"/> and <see cref="ProviderOptions.NothingCreatedOn"/>; and it may not know a job for a moment after it took it.
    /// </summary>
    /// <value>false</value>
    public bool IsOpenAiCompatible { get; init; }

    /// <summary>Whether configuration may describe more models (<see cref="ConfiguredModel"/>).</summary>
    /// <value>false</value>
    public bool TakesConfiguredModels { get; init; }

    /// <summary>
    /// All operations of at least one model; retrieve, delete and content, which every provider has; and cancel, where every server of this type has it.
    /// </summary>
    public required VideoOperation Operations { get; init; }

    /// <summary>How the provider makes a new video from an existing one.</summary>
    public required RemixKind Remix { get; init; }

    /// <summary>The forms in which the provider takes the source of a remix or edit. The proxy tries id, then URL, then file.</summary>
    public SourceForms Sources { get; init; }

    /// <summary>The forms in which the provider takes the source of an extend.</summary>
    public SourceForms ExtendSources { get; init; }

    /// <summary>The forms in which the provider takes a reference image. An id is a <c>file_id</c> of the provider itself.</summary>
    /// <value>URL and file.</value>
    public SourceForms Images { get; init; } = SourceForms.Url | SourceForms.File;

    /// <summary>The largest source file that the provider takes, in bytes.</summary>
    /// <value>No limit.</value>
    public long MaxSourceBytes { get; init; } = long.MaxValue;

    /// <summary>The longest source of a remix that the provider takes, in seconds; null: no limit. An extend has no such limit.</summary>
    public decimal? MaxSourceSeconds { get; init; }

    /// <summary>The variants of the content, <c>video</c> among them.</summary>
    /// <value>Only <c>video</c>.</value>
    public IReadOnlyList<string> Variants { get; init; } = ["video"];

    /// <summary>The shortest time between two polls of one job. Configuration may set another.</summary>
    public required TimeSpan PollInterval { get; init; }

    /// <summary>How long a job usually takes. The proxy estimates the progress from it where the provider reports none.</summary>
    /// <value>2 minutes.</value>
    public TimeSpan UsualDuration { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>How long an output's URL works after a poll; null: as long as the bytes exist.</summary>
    public TimeSpan? UrlLifetime { get; init; }

    /// <summary>How long the bytes exist after completion, where the provider's answer does not say; null: unknown.</summary>
    public TimeSpan? BytesLifetime { get; init; }

    /// <summary>Whether a new poll of a completed job returns fresh URLs.</summary>
    public bool RefreshesUrls { get; init; }

    /// <summary>The characters that a native id may hold.</summary>
    /// <value><see cref="DefaultIdCharacters"/></value>
    public SearchValues<char> IdCharacters { get; init; } = DefaultIdCharacters;

    /// <summary>The longest native id, in characters.</summary>
    /// <value>256</value>
    public int MaxIdLength { get; init; } = 256;

    /// <summary>Letters, digits, <c>_</c>, <c>-</c>, <c>.</c> and <c>~</c>.</summary>
    public static readonly SearchValues<char> DefaultIdCharacters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.~");

    /// <summary>The provider's words for the state of a job. Any other word counts as in progress.</summary>
    public IReadOnlyList<StatusWord> Statuses { get; init; } = [];

    /// <summary>The model of that name, or null.</summary>
    public VideoModel? FindModel(string id) => Models.FirstOrDefault(m => m.Id == id);

    /// <summary>The meaning of a word for the state of a job. A missing or unknown word means in progress.</summary>
    public StatusWord FindStatus(string? word)
    {
        for (var i = 0; i < Statuses.Count; i++)
            if (Statuses[i].Word.Equals(word, StringComparison.OrdinalIgnoreCase)) return Statuses[i];
        return new(word ?? "", VideoStatus.InProgress);
    }
}

/// <summary>How a provider makes a new video from an existing one.</summary>
public enum RemixKind
{
    /// <summary>The provider can't.</summary>
    None,

    /// <summary>The provider remixes its own videos, named by id.</summary>
    Native,

    /// <summary>The provider edits a source that the request gives as a URL or an upload.</summary>
    Edit,

    /// <summary>The provider uses the source only as a reference and does not edit it.</summary>
    Reference,
}

/// <summary>The forms in which a provider takes an image or a source video.</summary>
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
