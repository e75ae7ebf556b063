using System.Net;
using System.Net.Http.Headers;
using Microsoft.AspNetCore.Http;
using RemixProxy.Adapters;
using RemixProxy.Contract;
using RemixProxy.Exchanges.Signing;
using RemixProxy.Providers;

namespace RemixProxy.Exchanges;

/// <summary>One native request on its way, through transforms and handlers; <see cref="End"/> says how it ended.</summary>
/// <param name="provider">Who gets it.</param>
/// <param name="request">What is sent.</param>
internal sealed class OutboundExchange(Provider provider, NativeRequest request)
{
    /// <summary>Under this key the exchange travels on the message, to the handler and to the connect guard.</summary>
    public static readonly HttpRequestOptionsKey<OutboundExchange> Key = new("RemixProxy.Exchange");

    private Uri? _destination;
    private NativeResponse? _response;
    private bool _getsCredential;
    private bool _keySent;
    private bool _sent;
    private bool _unsigned;
    private bool _hungUp;
    private bool _broken;

    public Provider Provider { get; } = provider;

    public NativeRequest Request { get; } = request;

    /// <summary>Headers of the caller that belong upstream (ranges).</summary>
    public IReadOnlyList<KeyValuePair<string, string>> CallerHeaders { get; init; } = [];

    /// <summary>Whether it asks for bytes: a good response is passed on as it comes, and redirects are followed.</summary>
    public bool Streams { get; init; }

    /// <summary>Whether a good response is being passed on.</summary>
    public bool IsHandedOver { get; private set; }

    /// <summary>Makes <paramref name="message"/> this exchange's; the body follows in the handler, because YARP forbids to assign it in a transform.</summary>
    public void Prepare(HttpRequestMessage message, string destinationPrefix)
    {
        // A destination may be written like a provider's BaseUrl: with or without version and trailing slash.
        _destination = Provider.WithVersion(new(destinationPrefix, UriKind.Absolute), Provider.Profile.Version);
        message.Method = Request.Method;
        message.RequestUri = Uri.TryCreate(Request.Target, UriKind.Absolute, out var absolute) && absolute.Scheme is "http" or "https"
            ? absolute
            : new(_destination, Request.Target);
        message.Options.Set(Key, this);
        foreach (var (name, value) in Request.Headers.Concat(CallerHeaders)) message.Headers.TryAddWithoutValidation(name, value);
        if (!IsOwn(message.RequestUri)) return;
        foreach (var (name, value) in Provider.Profile.Headers) message.Headers.TryAddWithoutValidation(name, value);
        if (!Request.Authenticated) return;
        _getsCredential = true;
        if (Provider.Profile.Signing is SigningScheme.InHeader { Header: var header }) message.Headers.Remove(header);
    }

    /// <summary>Puts the body and the credential on the message, after all transforms: what is signed is final.</summary>
    /// <exception cref="SigningException">The credential can't be had.</exception>
    public async ValueTask FinishAsync(HttpRequestMessage message, RequestSigning signing, CancellationToken cancellationToken)
    {
        if (Request.Method != HttpMethod.Get && Request.Method != HttpMethod.Head) message.Content = new NativeContent(Request.Body);
        try
        {
            if (_getsCredential) _keySent = await signing.SignAsync(message, Provider, cancellationToken);
        }
        catch (SigningException)
        {
            _unsigned = true;
            throw;
        }

        if (message.Content is { } body) message.Content = new SentContent(body, () => _sent = true);
    }

    /// <summary>Whether a URL is on the provider's own origin, or on that of the destination that YARP chose for it.</summary>
    public bool IsOwn(Uri url) => Provider.IsOwn(url) || IsDestination(url);

    /// <summary>Whether a URL may be connected to whatever its address is.</summary>
    public bool IsTrusted(Uri url) => Provider.IsTrusted(url) || IsDestination(url);

    /// <summary>A redirect is followed, without the key.</summary>
    public void Redirected() => _keySent = false;

    /// <summary>The handler failed.</summary>
    public void Failed(HttpRequestException failure) =>
        _hungUp = failure.HttpRequestError is not (
            HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError or HttpRequestError.SecureConnectionError
                or HttpRequestError.ProxyTunnelError);

    /// <summary>A good response is passed on as it comes.</summary>
    public void HandOver() => IsHandedOver = true;

    /// <summary>Reads a response whole; one that breaks off or is too long can't be taken.</summary>
    public async Task ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        try
        {
            _response = await ResponseReader.ReadAsync(response, cancellationToken);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or InvalidDataException or OperationCanceledException)
        {
            _broken = true;
        }
    }

    /// <summary>
    /// Reads what a source without media says: the status and the headers tell enough, but for a refused key, whose body is read a little way. It may be a page
    /// without end.
    /// </summary>
    public async Task ReadRefusalAsync(HttpResponseMessage response, CancellationToken cancellationToken) =>
        _response = await ResponseReader.ReadBeginningAsync(response, withBody: _keySent && IsKeyRefusal((int)response.StatusCode), cancellationToken);

    /// <summary>How it ended.</summary>
    /// <param name="interrupted">Whether time ran out, or the caller left; null where neither.</param>
    /// <param name="failure">What was thrown.</param>
    /// <param name="forwarded">Whether it was the operation's own exchange.</param>
    /// <param name="now">The present, for what asks to wait until a date.</param>
    public ExchangeResult End(Interruption? interrupted, Exception? failure, bool forwarded, DateTimeOffset now)
    {
        if (_response is { } response) return Answered(response, forwarded, now);
        if (IsHandedOver) return new ExchangeResult.Streamed(interrupted ?? (failure is not null || _broken ? Interruption.Broken : null));
        var cause = interrupted
            ?? (_unsigned ? Interruption.Unsigned : _broken ? Interruption.Broken : _sent || _hungUp ? Interruption.HungUp : Interruption.Unreachable);
        return new ExchangeResult.NoAnswer(cause, _sent, failure);
    }

    private ExchangeResult.Answered Answered(NativeResponse response, bool forwarded, DateTimeOffset now)
    {
        var wait = RetryAfter(response, now);
        if (response.IsSuccess) return new(response) { RetryAfter = wait };
        if (!Streams) return new(response) { Refusal = RefusedBy(response, forwarded, wait), RetryAfter = wait };
        var isKeyRefused = _keySent && IsKeyRefusal(response.Status) && Provider.Adapter.ReadError(response).Kind != ProviderErrorKind.Expired;
        return new(response) { IsKeyRefused = isKeyRefused, RetryAfter = wait };
    }

    // What a bucket or another foreign host says is no word of the provider's. Adapters read their vendor's own hints and have no clock for a date; the
    // standard header counts wherever they found none.
    private Outcome.Refused RefusedBy(NativeResponse response, bool forwarded, TimeSpan? wait)
    {
        if (Uri.TryCreate(Request.Target, UriKind.Absolute, out var url) && !IsOwn(url))
            return new((int)HttpStatusCode.BadGateway, new(ProviderErrorKind.ByStatus, null), forwarded);
        var error = Provider.Adapter.ReadError(response);
        return new(response.Status, error.RetryAfter is null ? error with { RetryAfter = wait } : error, forwarded);
    }

    private static TimeSpan? RetryAfter(NativeResponse response, DateTimeOffset now) =>
        response.Headers.TryGetValue("Retry-After", out var text) && RetryConditionHeaderValue.TryParse(text, out var wait)
            ? wait.Delta ?? wait.Date - now
            : null;

    private static bool IsKeyRefusal(int status) =>
        status is StatusCodes.Status401Unauthorized or StatusCodes.Status402PaymentRequired or StatusCodes.Status403Forbidden;

    private bool IsDestination(Uri url) => _destination is { } own && Origin.IsSame(url, own);
}
