using System.Net;
using System.Net.Http.Headers;
using Microsoft.AspNetCore.Http;
using RemixProxy.Adapters;
using RemixProxy.Contract;
using RemixProxy.Exchanges.Signing;
using RemixProxy.Providers;

namespace RemixProxy.Exchanges;

/// <summary>One native request while the transforms and handlers process it; <see cref="End"/> gives its result.</summary>
/// <param name="provider">The provider that gets the request.</param>
/// <param name="request">The request to send.</param>
internal sealed class OutboundExchange(Provider provider, NativeRequest request)
{
    /// <summary>The key under which the message carries its exchange to the handler and the connect callback.</summary>
    public static readonly HttpRequestOptionsKey<OutboundExchange> Key = new("RemixProxy.Exchange");

    private Uri? _destination;
    private Uri? _address;
    private Uri? _shown;
    private NativeResponse? _response;
    private bool _getsCredential;
    private bool _keySent;
    private bool _sent;
    private bool _written;
    private Interruption? _cause;

    public Provider Provider { get; } = provider;

    public NativeRequest Request { get; } = request;

    /// <summary>The caller's headers that go to the provider, such as ranges.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> CallerHeaders { get; init; } = [];

    /// <summary>Whether the exchange needs the caller's own key of the provider, and the caller brought none.</summary>
    public bool LacksKey => Provider.LacksKey && Request.Authenticated && AddressOf(Provider.BaseUrl) is { } address && Provider.IsOwn(address);

    /// <summary>Pays for a long answer; null where only the beginning of an answer is read.</summary>
    public AnswerBudget.Lease? Answers { get; init; }

    /// <summary>The clips in the answers of the operation; null where only the beginning of an answer is read.</summary>
    public AnswerClips? Clips { get; init; }

    /// <summary>Whether the exchange costs money.</summary>
    public bool IsSubmit { get; init; }

    /// <summary>Whether the exchange requests bytes. Then the proxy streams a good response and follows redirects.</summary>
    public bool Streams { get; init; }

    /// <summary>Whether the proxy is streaming a good response to the caller.</summary>
    public bool IsHandedOver { get; private set; }

    /// <summary>
    /// Turns <paramref name="message"/> into the native request. <see cref="FinishAsync"/> adds the body later, because YARP forbids it in a transform.
    /// </summary>
    public void Prepare(HttpRequestMessage message, string destinationPrefix)
    {
        // A destination may be written like a provider's BaseUrl: with or without version and trailing slash.
        _destination = destinationPrefix == Provider.BaseUrl.AbsoluteUri
            ? Provider.BaseUrl
            : Provider.WithVersion(new(destinationPrefix, UriKind.Absolute), Provider.Profile.Version);
        message.Method = Request.Method;
        _address = AddressOf(_destination);
        _shown = _address is not null && Request.Target.Contains("://", StringComparison.Ordinal) ? Unsigned(_address) : _address ?? _destination;
        message.RequestUri = _shown;
        message.Options.Set(Key, this);
        foreach (var (name, value) in Request.Headers.Concat(CallerHeaders)) message.Headers.TryAddWithoutValidation(name, value);
        if (_address is null || !IsOwn(_address)) return;
        foreach (var (name, value) in Provider.Profile.Headers) message.Headers.TryAddWithoutValidation(name, value);
        if (!Request.Authenticated) return;
        _getsCredential = true;
        // Without a key the header is the application's own.
        if (Provider is { Profile.Signing: SigningScheme.InHeader { Header: var header }, Credential.ApiKey: not null }) message.Headers.Remove(header);
    }

    /// <summary>
    /// Puts the whole address on the message. Until here it had no query, because YARP logs it, and whoever reads the query of a signed URL may fetch it.
    /// </summary>
    /// <exception cref="MisdirectedException">The target is no address.</exception>
    public void Address(HttpRequestMessage message)
    {
        if (_address is null) throw new MisdirectedException($"{Provider.Name} names an address that can't be read.");
        // An application's own transform may have changed it.
        if (ReferenceEquals(message.RequestUri, _shown)) message.RequestUri = _address;
    }

    /// <summary>Adds the body and the credential after all transforms, so that a signature covers the final request.</summary>
    /// <exception cref="SigningException">The proxy can't obtain the credential.</exception>
    public async ValueTask FinishAsync(HttpRequestMessage message, RequestSigning signing, CancellationToken cancellationToken)
    {
        if (Request.Method != HttpMethod.Get && Request.Method != HttpMethod.Head) message.Content = new NativeContent(Request.Body);
        try
        {
            if (_getsCredential && IsOwn(message.RequestUri!)) _keySent = await signing.SignAsync(message, Provider, cancellationToken);
        }
        catch (SigningException)
        {
            _cause = Interruption.Unsigned;
            throw;
        }

        if (message.Content is { } body) message.Content = new SentContent(body, begun: () => _sent = true, ended: () => _written = true);
    }

    /// <summary>Whether a URL is on the provider's own origin, or on the origin of the destination that YARP chose.</summary>
    public bool IsOwn(Uri url) => Provider.IsOwn(url) || IsDestination(url);

    /// <summary>Whether the proxy may connect to a URL even where it leads to a private address.</summary>
    public bool IsTrusted(Uri url) => Provider.IsTrusted(url) || IsDestination(url);

    /// <summary>Records that the handler follows a redirect, which it does without the key.</summary>
    public void Redirected() => _keySent = false;

    /// <summary>Records that the handler failed.</summary>
    public void Failed(HttpRequestException failure)
    {
        // A proxy that opens no way has passed nothing on, even if it has read the body.
        if (failure.HttpRequestError == HttpRequestError.ProxyTunnelError) _sent = false;
        _cause = failure.HttpRequestError is HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError
            or HttpRequestError.SecureConnectionError or HttpRequestError.ProxyTunnelError
            ? null
            : Interruption.HungUp;
    }

    /// <summary>Records that the proxy starts streaming a good response to the caller.</summary>
    public void HandOver() => IsHandedOver = true;

    /// <summary>
    /// Reads a whole response, or opens the wanted clip in it.
    /// One that breaks off or is too long counts as broken. The status suffices for a refusal that came before the request was written
    /// to its end, because the server closes such a connection as it likes, and for a status that the operator knows.
    /// </summary>
    public async Task ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        try
        {
            _response = await ResponseReader.ReadAsync(response, Answers!, Clips!, cancellationToken);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or InvalidDataException or OperationCanceledException)
        {
            if (SaysEnough(response)) _response = await ResponseReader.ReadBeginningAsync(response, withBody: false, cancellationToken);
            else _cause = Interruption.Broken;
        }
    }

    /// <summary>
    /// Reads a response that came in place of bytes. The status and headers suffice, except where the provider may have refused the key. Then the proxy also
    /// reads the beginning of the body, which may be endless.
    /// </summary>
    public async Task ReadRefusalAsync(HttpResponseMessage response, CancellationToken cancellationToken) =>
        _response = await ResponseReader.ReadBeginningAsync(response, withBody: _keySent && IsKeyRefusal((int)response.StatusCode), cancellationToken);

    /// <summary>The result of the exchange.</summary>
    /// <param name="interrupted">The reason where time ran out or the caller left; null where neither happened.</param>
    /// <param name="failure">The exception, where there was one.</param>
    /// <param name="forwarded">Whether this was the operation's main exchange.</param>
    /// <param name="now">The current time, to turn a date in <c>Retry-After</c> into a wait.</param>
    public ExchangeResult End(Interruption? interrupted, Exception? failure, bool forwarded, DateTimeOffset now)
    {
        if (_response is { } response) return Answered(response, forwarded, now);
        if (Clips?.Found is { } clip) return new ExchangeResult.OpenedClip(clip);
        if (IsHandedOver) return new ExchangeResult.Streamed(interrupted ?? (failure is null ? null : Interruption.Broken));
        var cause = interrupted ?? _cause ?? (_sent ? Interruption.HungUp : Interruption.Unreachable);
        return new ExchangeResult.NoAnswer(cause, _sent, failure);
    }

    private ExchangeResult.Answered Answered(NativeResponse response, bool forwarded, DateTimeOffset now)
    {
        var wait = RetryAfter(response, now);
        if (response.IsSuccess) return new(response) { RetryAfter = wait };
        if (!Streams)
            return new(response) { Refusal = RefusedBy(response, forwarded, wait), RetryAfter = wait, IsCallersKey = Provider.HasCallersKeys };
        var isKeyRefused = _keySent && IsKeyRefusal(response.Status) && ErrorOf(response).Kind != ProviderErrorKind.Expired;
        return new(response) { IsKeyRefused = isKeyRefused, RetryAfter = wait };
    }

    // A response of a foreign host, such as a storage bucket, does not speak for the provider. Adapters read their vendor's own hints, but have no clock for a
    // date, so the standard header counts where an adapter found no hint.
    private Outcome.Refused RefusedBy(NativeResponse response, bool forwarded, TimeSpan? wait)
    {
        if (WebAddress.TryRead(Request.Target, out var url) && !IsOwn(url))
            return new((int)HttpStatusCode.BadGateway, new(ProviderErrorKind.ByStatus, null), forwarded);
        var error = ErrorOf(response);
        return new(response.Status, error.RetryAfter is null ? error with { RetryAfter = wait } : error, forwarded);
    }

    // Of an error that the adapter can't read the status is left, which decides whether a submit was paid for.
    private ProviderError ErrorOf(NativeResponse response)
    {
        try
        {
            return Provider.Adapter.ReadError(response);
        }
        catch (Exception e) when (StepRunner.IsOfAnswer(e))
        {
            return new(ProviderErrorKind.ByStatus, null);
        }
    }

    private bool SaysEnough(HttpResponseMessage response)
    {
        var isEarly = !_written || response.Headers.Connection.Contains(EarlyAnswerStream.Option);
        return (isEarly && EarlyAnswerStream.IsRefusal((int)response.StatusCode)) || Provider.Options.NothingCreatedOn.Contains((int)response.StatusCode);
    }

    private static TimeSpan? RetryAfter(NativeResponse response, DateTimeOffset now) =>
        response.Headers.TryGetValue("Retry-After", out var text) && RetryConditionHeaderValue.TryParse(text, out var wait)
            ? wait.Delta ?? wait.Date - now
            : null;

    private static bool IsKeyRefusal(int status) =>
        status is StatusCodes.Status401Unauthorized or StatusCodes.Status402PaymentRequired or StatusCodes.Status403Forbidden;

    private Uri? AddressOf(Uri destination) =>
        WebAddress.TryRead(Request.Target, out var absolute) && absolute.Scheme is "http" or "https"
            ? Origin.HostOf(absolute) is null ? null : absolute
        : WebAddress.TryRead(destination, Request.Target, out var below) ? below
        : null;

    private static Uri Unsigned(Uri address) => new UriBuilder(address) { UserName = "", Password = "", Query = "", Fragment = "" }.Uri;

    private bool IsDestination(Uri url) => _destination is { } own && Origin.IsSame(url, own) && url.UserInfo == own.UserInfo;
}
