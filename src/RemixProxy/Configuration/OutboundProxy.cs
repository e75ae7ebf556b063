using System.Diagnostics.CodeAnalysis;
using System.Net;
using Microsoft.Extensions.Configuration;
using RemixProxy.Contract;

namespace RemixProxy.Configuration;

/// <summary>
/// The way out of the operator's network: the proxy of each scheme, and the hosts that are reached without it. All requests that RemixProxy makes by HTTP for
/// itself take it. The configuration wins over the environment's variables, which mean what they mean to curl and .NET.
/// </summary>
internal sealed class OutboundProxy : IWebProxy, ICredentials
{
    /// <summary>What <c>RemixProxy:Http:Proxy</c> and the variables must be, for people.</summary>
    public const string AddressForm =
        "an http, https or socks5 URL of a proxy, as http://user:password@proxy:3128 (other characters than letters and digits in user and password as %xx)";

    private const string AllProxy = "ALL_PROXY";
    private const string NoProxy = "NO_PROXY";
    private const int SocksPort = 1080;
    private static readonly char[] Separators = [',', ';', ' ', '\t'];

    private readonly Hop? _http;
    private readonly Hop? _https;
    private readonly DirectHost[] _direct;

    private OutboundProxy(Hop? http, Hop? https, DirectHost[] direct) => (_http, _https, _direct) = (http, https, direct);

    /// <summary>This object: it knows the credential of each of its proxies.</summary>
    ICredentials? IWebProxy.Credentials
    {
        get => this;
        set => throw new NotSupportedException();
    }

    /// <summary>Reads the settings, else the environment's variables.</summary>
    /// <param name="options">The settings.</param>
    /// <param name="environment">Has the variables. Its keys know no case, so <c>https_proxy</c> is read like <c>HTTPS_PROXY</c>.</param>
    /// <param name="errors">Takes what is wrong, by name and never with its value, which may have a password.</param>
    public static OutboundProxy Read(HttpOptions options, IConfiguration environment, List<string> errors)
    {
        Hop? http, https;
        if (options.Proxy is { } proxy) http = https = ReadHop($"{ReadOptions.SectionName}:Http:{nameof(options.Proxy)}", proxy, errors);
        else (http, https) = (ReadVariables("HTTP_PROXY", environment, errors), ReadVariables("HTTPS_PROXY", environment, errors));
        return new(http, https, ReadDirect(options, environment[NoProxy], errors));
    }

    /// <summary>Reads the URL of a proxy. A path is refused, because it mostly means a script that finds proxies (PAC).</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out Uri? proxy) =>
        Uri.TryCreate(text, UriKind.Absolute, out proxy) && proxy is { Host.Length: > 0, AbsolutePath: "/" or "", Query: "", Fragment: "" }
        && proxy.Scheme is "http" or "https" or "socks4" or "socks4a" or "socks5" or "socks5h" && Origin.HostOf(proxy) is not null;

    /// <returns>The proxy; null where the URL's host is reached without one.</returns>
    public Uri? GetProxy(Uri destination) => HopTo(destination)?.Address;

    public bool IsBypassed(Uri host) => HopTo(host) is null;

    /// <summary>The credential of a proxy; null for any other server, so that no server gets it.</summary>
    public NetworkCredential? GetCredential(Uri uri, string authType) =>
        new[] { _http, _https }.FirstOrDefault(hop => hop?.Credential is not null && hop.Address == uri)?.Credential;

    /// <summary>What is in force, for people, without user and password; null without a proxy.</summary>
    public string? Describe()
    {
        if (_http is null && _https is null) return null;
        var (http, https) = (_http?.Description ?? "none", _https?.Description ?? "none");
        var ways = http == https ? http : $"https by {https}; http by {http}";
        return _direct.Length == 0 ? ways : $"{ways}; not for {string.Join(", ", _direct.AsEnumerable())}";
    }

    private Hop? HopTo(Uri url)
    {
        var hop = url.Scheme == "https" ? _https : url.Scheme == "http" ? _http : null;
        return hop is null || Array.Exists(_direct, d => d.Matches(url)) ? null : hop;
    }

    private static Hop? ReadVariables(string name, IConfiguration environment, List<string> errors)
    {
        if (string.IsNullOrWhiteSpace(environment[name])) name = AllProxy;
        if (environment[name]?.Trim() is not { Length: > 0 } text) return null;
        return ReadHop(name, text.Contains("://", StringComparison.Ordinal) ? text : "http://" + text, errors);
    }

    private static Hop? ReadHop(string name, string text, List<string> errors)
    {
        if (TryParse(text, out var url)) return new(url, name);
        var error = $"{name} must be {AddressForm}.";
        if (!errors.Contains(error)) errors.Add(error);
        return null;
    }

    // A wrong entry of the variable is passed over, as everywhere, because it is not written for this program.
    private static DirectHost[] ReadDirect(HttpOptions options, string? variable, List<string> errors)
    {
        if (options.NoProxy.Count == 0) return [.. Entries(variable ?? "").Select(DirectHost.Read).OfType<DirectHost>()];
        var hosts = new List<DirectHost>();
        foreach (var entry in options.NoProxy.SelectMany(Entries))
        {
            if (DirectHost.Read(entry) is { } host) hosts.Add(host);
            else errors.Add($"{ReadOptions.SectionName}:Http:{nameof(options.NoProxy)} must be {DirectHost.Forms}, and \"{entry}\" is none.");
        }

        return [.. hosts];
    }

    private static string[] Entries(string list) => list.Split(Separators, StringSplitOptions.RemoveEmptyEntries);

    /// <summary>A proxy.</summary>
    private sealed class Hop
    {
        private readonly string _source;

        public Hop(Uri url, string source)
        {
            // .NET resolves no name for socks5, which is what others call socks5h.
            var scheme = url.Scheme == "socks5h" ? "socks5" : url.Scheme;
            Address = new UriBuilder(scheme, url.IdnHost, url.Port < 0 ? SocksPort : url.Port).Uri;
            _source = source;
            if (url.UserInfo.Length == 0) return;
            var parts = url.UserInfo.Split(':', 2);
            Credential = new(Uri.UnescapeDataString(parts[0]), parts.Length > 1 ? Uri.UnescapeDataString(parts[1]) : "");
        }

        /// <summary>The address, without user and password.</summary>
        public Uri Address { get; }

        public NetworkCredential? Credential { get; }

        public string Description => $"{Address.GetLeftPart(UriPartial.Authority)} from {_source}";
    }
}
