using RemixProxy.Adapters;
using RemixProxy.Providers;

namespace RemixProxy.Exchanges;

/// <summary>One native request on its way: what is sent, and what became of it.</summary>
/// <param name="provider">Who gets it.</param>
/// <param name="request">What is sent.</param>
internal sealed class OutboundExchange(Provider provider, NativeRequest request)
{
    /// <summary>Under this key the exchange travels on the message, to the handler and to the connect guard.</summary>
    public static readonly HttpRequestOptionsKey<OutboundExchange> Key = new("RemixProxy.Exchange");

    public Provider Provider { get; } = provider;

    public NativeRequest Request { get; } = request;

    /// <summary>Headers of the caller that belong upstream (ranges).</summary>
    public IReadOnlyList<KeyValuePair<string, string>> CallerHeaders { get; init; } = [];

    /// <summary>Whether a good response goes to the caller as it comes; redirects are followed then.</summary>
    public bool Streams { get; init; }

    /// <summary>Whether the provider's key is on the message.</summary>
    public bool KeySent { get; set; }

    /// <summary>The destination that YARP chose.</summary>
    public Uri? Destination { get; private set; }

    /// <summary>The response, read whole; null where it was streamed or none came.</summary>
    public NativeResponse? Response { get; set; }

    /// <summary>What a response that is no success means, by the adapter's reading.</summary>
    public Refused? Refusal { get; set; }

    /// <summary>Whether a response went to the caller.</summary>
    public bool Streamed { get; set; }

    /// <summary>Whether time ran out before a whole response was there.</summary>
    public bool TimedOut { get; set; }

    /// <summary>Whether it was connected to and gave no answer, as far as can be told: for figures only, money is decided by <see cref="Sent"/>.</summary>
    public bool HungUp { get; set; }

    /// <summary>Whether the caller, for whom alone it was, hung up.</summary>
    public bool Cancelled { get; set; }

    /// <summary>Whether the response began and then broke or could not be taken.</summary>
    public bool Broken { get; set; }

    /// <summary>Whether the first byte of the body may have left: from then on nobody knows whether the provider acts.</summary>
    public bool Sent { get; private set; }

    /// <summary>Makes <paramref name="message"/> this exchange's; the body follows in the handler, because YARP forbids to assign it in a transform.</summary>
    public void Prepare(HttpRequestMessage message, string destinationPrefix)
    {
        // A destination is written as a provider's BaseUrl is: with its version and a slash at the end, or without.
        Destination = Provider.WithVersion(new(destinationPrefix, UriKind.Absolute), Provider.Profile.Version);
        message.Method = Request.Method;
        message.RequestUri = Uri.TryCreate(Request.Target, UriKind.Absolute, out var absolute) && absolute.Scheme is "http" or "https" ? absolute : new(Destination, Request.Target);
        message.Options.Set(Key, this);
        foreach (var (name, value) in Request.Headers.Concat(CallerHeaders)) message.Headers.TryAddWithoutValidation(name, value);
        if (!IsOwn(message.RequestUri)) return;
        foreach (var (name, value) in Provider.Profile.Headers) message.Headers.TryAddWithoutValidation(name, value);
        if (!Request.Authenticated || Provider.ApiKey is not { } key) return;
        message.Headers.Remove(Provider.Profile.KeyHeader);
        KeySent = message.Headers.TryAddWithoutValidation(Provider.Profile.KeyHeader, Provider.Profile.KeyPrefix + key);
    }

    /// <summary>Whether a URL is on the provider's own origin, or on that of the destination that YARP chose for it.</summary>
    public bool IsOwn(Uri url) => Provider.IsOwn(url) || IsDestination(url);

    /// <summary>The body, made once for each message that is really sent.</summary>
    public HttpContent? CreateContent() =>
        Request.Method == HttpMethod.Get || Request.Method == HttpMethod.Head ? null : new NativeContent(Request.Body, () => Sent = true);

    /// <summary>Whether a URL may be connected to whatever its address is.</summary>
    public bool IsTrusted(Uri url) => Provider.IsTrusted(url) || IsDestination(url);

    private bool IsDestination(Uri url) => Destination is { } own && Uri.Compare(url, own, UriComponents.SchemeAndServer, UriFormat.UriEscaped, StringComparison.OrdinalIgnoreCase) == 0;
}
