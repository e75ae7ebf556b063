using System.ComponentModel.DataAnnotations;

namespace RemixProxy;

/// <summary>Configuration section <c>RemixProxy</c>.</summary>
public sealed class RemixProxyOptions
{
    /// <summary>Whether every provider is simulated. Only the host reads it. A change needs a restart.</summary>
    /// <value>Unset: true in the Development environment, else false.</value>
    public bool? Sandbox { get; set; }

    /// <summary>Providers by configured name, <c>[a-z0-9-]{1,32}</c>. The name is the suffix of the ids of their videos.</summary>
    public IDictionary<string, ProviderOptions> Providers { get; } = new Dictionary<string, ProviderOptions>(StringComparer.Ordinal);

    /// <summary>Aliases: each model name stands for targets <c>provider/model</c>, which are tried in order.</summary>
    /// <value><c>sora-2</c> and <c>sora-2-pro</c> stand for the first enabled provider's model of that name, else for its default model.</value>
    public IDictionary<string, IReadOnlyList<string>> Models { get; } = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);

    /// <summary>The model of a create that names none.</summary>
    /// <value><c>sora-2</c></value>
    public string DefaultModel { get; set; } = "sora-2";

    /// <summary>State shared by all replicas. A change needs a restart.</summary>
    public RedisOptions Redis { get; } = new();

    /// <summary>What is remembered of jobs.</summary>
    public JobsOptions Jobs { get; } = new();

    /// <summary>Answers to repeated and near-identical requests.</summary>
    public CacheOptions Cache { get; } = new();

    /// <summary>Who may call, what, and how much. None: the proxy is open to programs on this machine.</summary>
    public IList<ClientOptions> Clients { get; } = new List<ClientOptions>();

    /// <summary>Whether connections that are not loopback, or that a proxy or tunnel brought, are served where no clients are configured.</summary>
    /// <value>false</value>
    public bool AllowAnonymous { get; set; }

    /// <summary>The address by which callers reach this proxy, for content URLs.</summary>
    /// <value>Unset: the request's own scheme and host.</value>
    public Uri? PublicBaseUrl { get; set; }

    /// <summary>Links to this proxy's own content that need no key.</summary>
    public ContentUrlsOptions ContentUrls { get; } = new();

    /// <summary>Which web pages may call from the browser.</summary>
    public CrossOriginOptions Cors { get; } = new();

    /// <summary>Whether a request with <c>x-remix-raw: true</c> gets the native payloads in its answer.</summary>
    /// <value>false</value>
    public bool AllowRaw { get; set; }

    /// <summary>The longest that a stopping process waits for submits and downloads to finish. A change needs a restart.</summary>
    /// <value>65 seconds</value>
    [DurationRange("00:00:00", "01:00:00")]
    public TimeSpan DrainTimeout { get; set; } = TimeSpan.FromSeconds(65);

    /// <summary>The way out to providers, their files and embeddings. A change needs a restart.</summary>
    public HttpOptions Http { get; } = new();

    /// <summary>What this process sends out for tracing.</summary>
    public TelemetryOptions Telemetry { get; } = new();

    /// <summary>Bounds on what one process holds.</summary>
    public LimitsOptions Limits { get; } = new();
}

/// <summary>One provider account: <c>RemixProxy:Providers:{name}</c>.</summary>
public sealed class ProviderOptions
{
    /// <summary>The adapter.</summary>
    /// <value>The entry's name.</value>
    public string? Type { get; set; }

    /// <summary>The base URL of the provider's API, with or without its version segment.</summary>
    /// <value>The vendor's public address; <c>openai</c> has none and needs a value.</value>
    public Uri? BaseUrl { get; set; }

    /// <summary>The API key.</summary>
    /// <value>The provider's conventional environment variable.</value>
    public string? ApiKey { get; set; }

    /// <summary>Secrets beside or in place of the key, by the names that the adapter gives them.</summary>
    /// <value>The provider's conventional environment variables.</value>
    public IDictionary<string, string> Secrets { get; } = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);

    /// <summary>The region, where the provider has several.</summary>
    /// <value>The provider's conventional environment variable, else the adapter's.</value>
    [PlainText("-")]
    public string? Region { get; set; }

    /// <summary>The project, where the provider has projects.</summary>
    /// <value>The provider's conventional environment variable, else the adapter's own.</value>
    [PlainText("-_.:")]
    public string? Project { get; set; }

    /// <summary>The folder in the vendor's storage where the provider writes its videos, e.g. <c>gs://my-bucket/videos/</c>.</summary>
    /// <value>None: the provider keeps its videos itself, or sends them in its answers.</value>
    public string? OutputUri { get; set; }

    /// <summary>The base URL of the vendor's storage.</summary>
    /// <value>The vendor's public address.</value>
    public Uri? StorageUrl { get; set; }

    /// <summary>
    /// Whether each call brings its caller's own key of the provider, as <c>Authorization: Bearer</c>; a call without one is 401. The account then has neither
    /// <see cref="ApiKey"/> nor <see cref="Secrets"/>, and stands neither in lists of targets nor in remixes from one provider to another. Nothing is kept of
    /// the keys. A provider whose requests a signer signs can't have it.
    /// </summary>
    /// <value>false</value>
    public bool Passthrough { get; set; }

    /// <summary>Whether the provider is used.</summary>
    /// <value>Unset: true if its key or secrets are set, or its callers bring the key.</value>
    public bool? Enabled { get; set; }

    /// <summary>The model of a create that names none.</summary>
    /// <value>The adapter's own.</value>
    public string? CreateModel { get; set; }

    /// <summary>The model of a remix or edit that names none.</summary>
    /// <value>The adapter's own.</value>
    public string? RemixModel { get; set; }

    /// <summary>The least time between two polls of one job. It may be shorter than the adapter's own.</summary>
    /// <value>The adapter's own.</value>
    [DurationRange("00:00:00.001", "01:00:00")]
    public TimeSpan? PollInterval { get; set; }

    /// <summary>The longest that one exchange with the provider may take; of a streamed download, the longest pause.</summary>
    /// <value>50 seconds</value>
    [DurationRange("00:00:00.001", "00:10:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(50);

    /// <summary>A job that a poll still finds unfinished this long after it was first seen fails as <c>expired</c>.</summary>
    /// <value>1 hour</value>
    [DurationRange("00:00:01", "366.00:00:00")]
    public TimeSpan JobTimeout { get; set; } = TimeSpan.FromHours(1);

    /// <summary>How many videos may be unfinished at this provider at one time. Beyond it an alias goes on to its next target; else a submit is 429.</summary>
    /// <value>Any number.</value>
    [Range(1, 1_000_000)]
    public int? ConcurrentJobs { get; set; }

    /// <summary>Hosts (or <c>host:port</c>) whose assets are fetched even from a private address or by http.</summary>
    public IReadOnlyList<string> AssetHosts { get; set; } = [];

    /// <summary>The format of a submit's body for this OpenAI-compatible server.</summary>
    /// <value><see cref="RemixProxy.BodyFormat.Auto"/></value>
    public BodyFormat? BodyFormat { get; set; }

    /// <summary>
    /// HTTP statuses with which this OpenAI-compatible server has certainly created nothing, e.g. 502 and 503 of the gateway before a box of your own. A submit
    /// that one of them answers is 503, and goes on to the alias's next target.
    /// </summary>
    /// <value>None: after a 5xx nobody knows whether the server has created a video.</value>
    [Range(300, 599)]
    public IReadOnlyList<int> NothingCreatedOn { get; set; } = [];

    /// <summary>Models that the adapter does not know, or knows otherwise; only for OpenAI-compatible servers.</summary>
    public IList<ModelOptions> Models { get; } = new List<ModelOptions>();
}

/// <summary>The format of a submit's body for an OpenAI-compatible server.</summary>
public enum BodyFormat
{
    /// <summary>JSON, or a form where the body has a file. A server that says it wants a form gets forms from then on.</summary>
    Auto,

    /// <summary>JSON, or a form where the body has a file.</summary>
    Json,

    /// <summary>Always a form, <c>multipart/form-data</c>.</summary>
    Multipart,
}

/// <summary>A model of a provider: <c>RemixProxy:Providers:{name}:Models:{n}</c>.</summary>
public sealed class ModelOptions
{
    /// <summary>The provider's name of the model. The entry needs one.</summary>
    public string? Model { get; set; }

    /// <summary>
    /// The path of its creates below the provider's base, e.g. <c>video/generations</c>; at a provider of many models, that of all its submits.
    /// </summary>
    /// <value>The adapter's own.</value>
    public string? Path { get; set; }

    /// <summary>
    /// How fields stand on the wire, by the proxy's names: <c>name</c>, or <c>name=form</c> with the form <c>number</c>, <c>text</c>, or a text with
    /// <c>{value}</c> (of a size <c>{width}</c> and <c>{height}</c>), e.g. <c>duration={value}s</c>.
    /// </summary>
    public IDictionary<string, string> Fields { get; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>
    /// Fields that every create sends; at a provider of many models, every submit. A number, <c>true</c> and <c>false</c> are sent as JSON has them,
    /// everything else as text.
    /// </summary>
    public IDictionary<string, string> Fixed { get; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>What the model does: <c>create</c>, <c>edit</c> (also a remix), <c>extend</c>.</summary>
    /// <value>Unset: all of them.</value>
    public IReadOnlyList<string>? Operations { get; set; }

    /// <summary>
    /// The model whose path, fields and fixed fields a create has that starts from an image; another entry, or one that the adapter knows.
    /// </summary>
    /// <value>Unset: the model itself.</value>
    public string? WithImage { get; set; }

    /// <summary>
    /// What the model takes: <c>first_frame</c>, <c>last_frame</c>, <c>reference_images</c>, <c>reference_videos</c>, <c>reference_audio</c>, the last three
    /// also with a number: <c>reference_images:4</c>; or <c>none</c>. Anything else in a request is 400.
    /// </summary>
    /// <value>Unset: nothing is checked.</value>
    public IReadOnlyList<string>? Inputs { get; set; }

    /// <summary>The sizes that the model makes, in pixels, e.g. <c>1280x720</c>; others are fitted.</summary>
    /// <value>Unset: the size goes as the caller wrote it.</value>
    public IReadOnlyList<string>? Sizes { get; set; }

    /// <summary>
    /// The lengths that the model makes in seconds, e.g. <c>4</c> and <c>8</c>, or the whole seconds of a range, e.g. <c>2-10</c>; others are fitted.
    /// </summary>
    /// <value>Unset: the length goes as the caller wrote it.</value>
    public IReadOnlyList<string>? Seconds { get; set; }

    /// <summary>Whether the model makes sound.</summary>
    /// <value>Unset: nothing is checked.</value>
    public ModelSound? Audio { get; set; }

    /// <summary>The most videos that one job makes.</summary>
    /// <value>Unset: nothing is checked.</value>
    [Range(1, 100)]
    public int? Outputs { get; set; }
}

/// <summary>A client: <c>RemixProxy:Clients:{n}</c>.</summary>
public sealed class ClientOptions
{
    /// <summary>
    /// The name, 1–64 of <c>A-Z</c>, <c>a-z</c>, <c>0-9</c>, <c>.</c>, <c>_</c> and <c>-</c>. It owns the client's videos and outlives its keys.
    /// </summary>
    [PlainText("._-")]
    public string? Name { get; set; }

    /// <summary>The keys, at least 20 visible ASCII characters each. Two at a time make a rotation.</summary>
    public IReadOnlyList<string> Keys { get; set; } = [];

    /// <summary>The SHA-256 of keys, as 64 hexadecimal digits each, for a configuration that holds no key.</summary>
    public IReadOnlyList<string> KeysSha256 { get; set; } = [];

    /// <summary>The providers that the client may use, by name. Reads of its older videos stay.</summary>
    /// <value>All.</value>
    public IReadOnlyList<string> Providers { get; set; } = [];

    /// <summary>The models that the client may use: aliases, <c>provider/model</c>, or a model's own name at any provider.</summary>
    /// <value>All.</value>
    public IReadOnlyList<string> Models { get; set; } = [];

    /// <summary>How many requests of any kind the client may send in a minute. They fill up evenly, so a client that was silent may send all at once.</summary>
    /// <value>Any number.</value>
    [Range(1, 1_000_000)]
    public int? RequestsPerMinute { get; set; }

    /// <summary>How many submits of the client may be under way at one time, from reading the body to the provider's answer.</summary>
    /// <value>Any number.</value>
    [Range(1, 10_000)]
    public int? ConcurrentSubmits { get; set; }

    /// <summary>How many submits wait, up to 10 seconds and before their body is read, for one of <see cref="ConcurrentSubmits"/> instead of 429.</summary>
    /// <value>0</value>
    [Range(0, 1000)]
    public int QueueSubmits { get; set; }

    /// <summary>How many of the client's videos may be unfinished at one time.</summary>
    /// <value>Any number.</value>
    [Range(1, 1_000_000)]
    public int? ConcurrentJobs { get; set; }

    /// <summary>How many seconds of video the client may make in a day, UTC. A submit reserves its own, and gives them back if it fails.</summary>
    /// <value>Any number.</value>
    [Range(1, 100_000_000)]
    public int? SecondsPerDay { get; set; }

    /// <summary>Whether the client may read every client's videos, with <c>?client={name}</c>. It submits, cancels and deletes only as itself.</summary>
    /// <value>false</value>
    public bool Admin { get; set; }
}

/// <summary>State shared by all replicas: <c>RemixProxy:Redis</c>.</summary>
public sealed class RedisOptions
{
    /// <summary>The connection string of Redis (6 or later, Valkey, or a cluster), for StackExchange.Redis: <c>host:port,password=…,ssl=true</c>.</summary>
    /// <value>Unset: everything is kept in this process.</value>
    public string? ConnectionString { get; set; }

    /// <summary>The prefix of every key.</summary>
    /// <value><c>remix</c></value>
    // A Redis cluster takes braces for a hash tag.
    [PlainText("-_.:")]
    public string KeyPrefix { get; set; } = "remix";

    /// <summary>The longest that one command, or all commands of one cache look-up together, may keep a request waiting.</summary>
    /// <value>100 milliseconds</value>
    [DurationRange("00:00:00.001", "00:00:10")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromMilliseconds(100);

    internal bool IsUsed => ConnectionString is not null;
}

/// <summary>How far a submit may be answered by a stored video.</summary>
public enum CacheMode
{
    /// <summary>Not at all: nothing is looked up, stored or shared.</summary>
    Off,

    /// <summary>By the video of an equal request.</summary>
    Exact,

    /// <summary>Also by the video of a request that differs only in the wording of its prompt.</summary>
    Semantic,
}

/// <summary>Answers to repeated and near-identical requests: <c>RemixProxy:Cache</c>.</summary>
public sealed class CacheOptions
{
    /// <summary>The mode of requests without the header <c>x-remix-cache</c>.</summary>
    /// <value><see cref="CacheMode.Off"/></value>
    public CacheMode Mode { get; set; }

    /// <summary>The least cosine similarity of two prompts that may share a video, 0–1.</summary>
    /// <value>Unset: 0.95 with an embeddings endpoint, 0.85 with the built-in embedder.</value>
    [Range(0.0, 1.0)]
    public double? Threshold { get; set; }

    /// <summary>How long an entry is valid, but never longer than the bytes of its video.</summary>
    /// <value>1 day</value>
    [DurationRange("00:00:01", "366.00:00:00")]
    public TimeSpan Ttl { get; set; } = TimeSpan.FromDays(1);

    /// <summary>The service that turns prompts into vectors.</summary>
    public EmbeddingsOptions Embeddings { get; } = new();

    /// <summary>More words by which two similar prompts mean different videos, by the classes of the shipped list; see the README.</summary>
    public IDictionary<string, IReadOnlyList<string>> Words { get; } = new Dictionary<string, IReadOnlyList<string>>(StringComparer.OrdinalIgnoreCase);
}

/// <summary>The service that turns prompts into vectors: <c>RemixProxy:Cache:Embeddings</c>.</summary>
public sealed class EmbeddingsOptions
{
    /// <summary>The base URL of an OpenAI-compatible API, to which <c>/embeddings</c> is appended.</summary>
    /// <value>Unset: the built-in lexical embedder.</value>
    public Uri? Endpoint { get; set; }

    /// <summary>The model; an endpoint needs one.</summary>
    public string? Model { get; set; }

    /// <summary>The endpoint's key.</summary>
    public string? ApiKey { get; set; }

    /// <summary>The length of the vectors, which is also sent to the endpoint.</summary>
    /// <value>Unset: the model's own.</value>
    [Range(2, 16_384)]
    public int? Dimensions { get; set; }

    /// <summary>The longest that the embedder may keep a request waiting.</summary>
    /// <value>1 second</value>
    [DurationRange("00:00:00.001", "00:00:30")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(1);
}

/// <summary>What is remembered of jobs: <c>RemixProxy:Jobs</c>.</summary>
public sealed class JobsOptions
{
    /// <summary>How long a job is remembered after it was first seen or deleted.</summary>
    /// <value>60 days</value>
    [DurationRange("00:01:00", "3660.00:00:00")]
    public TimeSpan Retention { get; set; } = TimeSpan.FromDays(60);

    /// <summary>The most jobs that this process remembers without Redis; beyond it the oldest are forgotten.</summary>
    /// <value>100,000</value>
    [Range(1, 10_000_000)]
    public int MaxCount { get; set; } = 100_000;

    /// <summary>The most bytes that the jobs take which this process remembers without Redis; beyond it the oldest are forgotten.</summary>
    /// <value>256 MiB</value>
    [Range(1024, long.MaxValue)]
    public long MaxBytes { get; set; } = 256L << 20;

    /// <summary>
    /// Whether prompts are stored. Without them answers after the submit's own show <c>null</c> and no words of the provider about a video, and
    /// <see cref="CacheMode.Semantic"/> acts as <see cref="CacheMode.Exact"/>. A change holds for new videos; those that are stored stay as they are.
    /// </summary>
    /// <value>true</value>
    public bool KeepPrompts { get; set; } = true;
}

/// <summary>Links to this proxy's own content, which need no key for an hour where clients are configured: <c>RemixProxy:ContentUrls</c>.</summary>
public sealed class ContentUrlsOptions
{
    internal const int LeastKey = 32;

    /// <summary>The secret that signs the links, at least 32 characters, the same for all replicas. Links signed with a former one end.</summary>
    /// <value>Unset: made and kept in the store, which is Redis where it is configured, else this process.</value>
    public string? Key { get; set; }
}

/// <summary>Which web pages may call from the browser: <c>RemixProxy:Cors</c>.</summary>
public sealed class CrossOriginOptions
{
    /// <summary>The origins (<c>scheme://host[:port]</c>) whose pages may call and read the answers (CORS).</summary>
    /// <value>None: a browser shows no page of another origin what it gets.</value>
    public IReadOnlyList<string> Origins { get; set; } = [];
}

/// <summary>The way out to providers, their files and embeddings: <c>RemixProxy:Http</c>. A change needs a restart.</summary>
public sealed class HttpOptions
{
    /// <summary>
    /// The proxy for http and https: an http, https or socks5 URL, as <c>http://user:password@proxy:3128</c>. User and password go to the proxy only.
    /// </summary>
    /// <value>Unset: the environment variables <c>HTTPS_PROXY</c> and <c>HTTP_PROXY</c>, else <c>ALL_PROXY</c>, in either case.</value>
    public string? Proxy { get; set; }

    /// <summary>
    /// What is reached without the proxy: hosts with their subdomains, addresses, networks (<c>10.0.0.0/8</c>), hosts and addresses also with a port; <c>*</c>
    /// for all. An entry may be several, separated by commas.
    /// </summary>
    /// <value>Unset: the environment variable <c>NO_PROXY</c>, in either case.</value>
    public IReadOnlyList<string> NoProxy { get; set; } = [];
}

/// <summary>What this process sends out for tracing: <c>RemixProxy:Telemetry</c>.</summary>
public sealed class TelemetryOptions
{
    /// <summary>
    /// Hosts (or <c>host:port</c>) of providers, assets or embeddings that receive the trace context (<c>traceparent</c>, <c>tracestate</c>), so that their
    /// spans join the trace. A change needs a restart.
    /// </summary>
    /// <value>None: no trace id goes to any provider.</value>
    public IReadOnlyList<string> TraceContextHosts { get; set; } = [];
}

/// <summary>Bounds on what one process holds: <c>RemixProxy:Limits</c>.</summary>
public sealed class LimitsOptions
{
    /// <summary>The largest request body, in bytes.</summary>
    /// <value>64 MiB</value>
    [Range(1024, int.MaxValue)]
    public long MaxRequestBytes { get; set; } = 64L << 20;

    /// <summary>The longest that a request body may take to arrive. A slower one is 400.</summary>
    /// <value>5 minutes</value>
    [DurationRange("00:00:01", "01:00:00")]
    public TimeSpan BodyTimeout { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// The most bytes of request bodies and fetched videos held at one time; text beyond 64 KiB in a body counts nine times, as it takes that much. A call that
    /// needs more is 503.
    /// </summary>
    /// <value>512 MiB</value>
    [Range(1024, long.MaxValue)]
    public long MaxBufferedBytes { get; set; } = 512L << 20;

    /// <summary>
    /// The most bytes of long native answers (above 64 KiB) held at one time; while one is read, it takes up to eight times its length. Beyond it an answer
    /// waits for its turn. One that is longer than this is read alone; above 32 MiB it is unreadable. Clips inside answers are not held and don't count; with
    /// them, an answer may have 512 MiB.
    /// </summary>
    /// <value>64 MiB</value>
    [Range(1024, long.MaxValue)]
    public long MaxAnswerBytes { get; set; } = 64L << 20;

    /// <summary>
    /// The most bytes of clips that are being sent to callers out of memory at one time: as base64, and those inside native answers that can't be streamed out
    /// of them. A call for one more is 503.
    /// </summary>
    /// <value>256 MiB</value>
    [Range(1024, long.MaxValue)]
    public long MaxClipBytes { get; set; } = 256L << 20;

    /// <summary>
    /// The most submits under way at one time. Beyond it a submit is 429 before anything is sent. Where several providers are enabled, one holds at most half
    /// of them, and of <see cref="MaxBufferedBytes"/>.
    /// </summary>
    /// <value>256</value>
    [Range(1, 1_000_000)]
    public int MaxConcurrentSubmits { get; set; } = 256;

    /// <summary>The largest source clip carried from one provider to another, in bytes.</summary>
    /// <value>64 MiB</value>
    [Range(0, int.MaxValue)]
    public long MaxHandOverBytes { get; set; } = 64L << 20;
}
