namespace RemixProxy;

/// <summary>Configuration section <c>RemixProxy</c>.</summary>
public sealed class RemixProxyOptions
{
    /// <summary>Whether every provider is simulated; read by the host.</summary>
    /// <value>Unset: true in the Development environment, else false.</value>
    public bool? Sandbox { get; set; }

    /// <summary>Providers by configured name, <c>[a-z0-9-]{1,32}</c>: the suffix of their videos' ids.</summary>
    public IDictionary<string, ProviderOptions> Providers { get; } = new Dictionary<string, ProviderOptions>(StringComparer.Ordinal);

    /// <summary>Aliases: a model name and the targets <c>provider/model</c> it stands for, tried in order.</summary>
    /// <value><c>sora-2</c> and <c>sora-2-pro</c> stand for the enabled providers' own default models.</value>
    public IDictionary<string, IReadOnlyList<string>> Models { get; } = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);

    /// <summary>The model of a create that names none.</summary>
    /// <value><c>sora-2</c></value>
    public string DefaultModel { get; set; } = "sora-2";

    /// <summary>What is remembered of jobs.</summary>
    public JobsOptions Jobs { get; } = new();

    /// <summary>Whether connections that are not loopback are served.</summary>
    /// <value>false</value>
    public bool AllowAnonymous { get; set; }

    /// <summary>The address under which callers reach this proxy, for content URLs.</summary>
    /// <value>Unset: the request's own scheme and host.</value>
    public Uri? PublicBaseUrl { get; set; }

    /// <summary>Whether <c>x-remix-raw: true</c> shows native payloads.</summary>
    /// <value>false</value>
    public bool AllowRaw { get; set; }

    /// <summary>How long a stopping process lets submits and downloads finish.</summary>
    /// <value>65 seconds</value>
    public TimeSpan DrainTimeout { get; set; } = TimeSpan.FromSeconds(65);

    /// <summary>Bounds on what one process holds.</summary>
    public LimitsOptions Limits { get; } = new();
}

/// <summary>One provider account: <c>RemixProxy:Providers:{name}</c>.</summary>
public sealed class ProviderOptions
{
    /// <summary>The adapter.</summary>
    /// <value>The entry's name.</value>
    public string? Type { get; set; }

    /// <summary>The base of the provider's API; a trailing version segment is not doubled.</summary>
    /// <value>The vendor's; <c>openai</c> needs one.</value>
    public Uri? BaseUrl { get; set; }

    /// <summary>The key.</summary>
    /// <value>The provider's conventional environment variable.</value>
    public string? ApiKey { get; set; }

    /// <summary>Whether it is used.</summary>
    /// <value>Whether it has a key.</value>
    public bool? Enabled { get; set; }

    /// <summary>The model of a create that names none.</summary>
    /// <value>The adapter's.</value>
    public string? CreateModel { get; set; }

    /// <summary>The model that remixes.</summary>
    /// <value>The adapter's.</value>
    public string? RemixModel { get; set; }

    /// <summary>How often one job is asked for at most; not clamped.</summary>
    /// <value>The adapter's.</value>
    public TimeSpan? PollInterval { get; set; }

    /// <summary>The longest that one exchange may take.</summary>
    /// <value>50 seconds</value>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(50);

    /// <summary>A job still unfinished at a poll so long after it was accepted is failed.</summary>
    /// <value>1 hour</value>
    public TimeSpan JobTimeout { get; set; } = TimeSpan.FromHours(1);

    /// <summary>Hosts (or <c>host:port</c>) whose assets are fetched whatever their address, also by http.</summary>
    public IReadOnlyList<string> AssetHosts { get; set; } = [];
}

/// <summary>What is remembered of jobs: <c>RemixProxy:Jobs</c>.</summary>
public sealed class JobsOptions
{
    /// <summary>How long a job is remembered.</summary>
    /// <value>60 days</value>
    public TimeSpan Retention { get; set; } = TimeSpan.FromDays(60);

    /// <summary>How many jobs this process remembers at most; beyond, the oldest are forgotten.</summary>
    /// <value>100,000</value>
    public int MaxCount { get; set; } = 100_000;
}

/// <summary>Bounds on what one process holds: <c>RemixProxy:Limits</c>.</summary>
public sealed class LimitsOptions
{
    /// <summary>The largest request body, in bytes.</summary>
    /// <value>64 MiB</value>
    public long MaxRequestBytes { get; set; } = 64L << 20;

    /// <summary>All request bodies held at one time, in bytes; beyond it a submit is 503 before anything is sent.</summary>
    /// <value>512 MiB</value>
    public long MaxBufferedBytes { get; set; } = 512L << 20;

    /// <summary>Submits under way at one time; beyond it a submit is 429 before anything is sent.</summary>
    /// <value>256</value>
    public int MaxConcurrentSubmits { get; set; } = 256;

    /// <summary>The largest source clip carried from one provider to another, in bytes.</summary>
    /// <value>64 MiB</value>
    public long MaxHandOverBytes { get; set; } = 64L << 20;
}
