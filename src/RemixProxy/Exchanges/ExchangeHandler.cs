using System.Net;
using RemixProxy.Contract;
using RemixProxy.Exchanges.Signing;

namespace RemixProxy.Exchanges;

/// <summary>
/// Adds the native body and the credential to a request, follows redirects of content, and blocks addresses that are neither configured nor public.
/// </summary>
internal sealed class ExchangeHandler(RequestSigning signing, WayOut way) : DelegatingHandler
{
    private const int MaxRedirects = 5;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (!request.Options.TryGetValue(OutboundExchange.Key, out var exchange)) return await base.SendAsync(request, cancellationToken);
        exchange.Address(request);
        if (!exchange.IsTrusted(request.RequestUri!)) await way.CheckAsync(request.RequestUri!, cancellationToken);
        await exchange.FinishAsync(request, signing, cancellationToken);
        try
        {
            return await FollowAsync(request, exchange, cancellationToken);
        }
        catch (HttpRequestException e)
        {
            exchange.Failed(e);
            throw;
        }
    }

    private async Task<HttpResponseMessage> FollowAsync(HttpRequestMessage request, OutboundExchange exchange, CancellationToken cancellationToken)
    {
        var response = await SendOnceAsync(request, cancellationToken);
        for (var hop = 0; exchange.Streams && Location(request, response) is { } location; hop++)
        {
            response.Dispose();
            if (hop == MaxRedirects) throw new MisdirectedException($"{location.Authority} redirects too often.");
            if (!exchange.IsTrusted(location)) await way.CheckAsync(location, cancellationToken);
            request = Redirected(request, location);
            exchange.Redirected();
            response = await SendOnceAsync(request, cancellationToken);
        }

        return response;
    }

    private async Task<HttpResponseMessage> SendOnceAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (!way.IsReadByProxy(request.RequestUri!)) return await base.SendAsync(request, cancellationToken);
        if (way.CredentialFor(request.RequestUri!) is { } credential) request.Headers.ProxyAuthorization = credential;
        var response = await base.SendAsync(request, cancellationToken);
        if (response.StatusCode != HttpStatusCode.ProxyAuthenticationRequired) return response;
        response.Dispose();
        throw new HttpRequestException(HttpRequestError.ProxyTunnelError,
            "The outbound proxy answered 407 and passed nothing on: it wants another user or password.");
    }

    private static Uri? Location(HttpRequestMessage request, HttpResponseMessage response)
    {
        if (response.StatusCode is not (HttpStatusCode.MovedPermanently or HttpStatusCode.Found or HttpStatusCode.SeeOther
            or HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect) || response.Headers.Location is not { } location) return null;
        if (Uri.TryCreate(request.RequestUri, location, out var target) && Origin.HostOf(target) is not null) return target;
        response.Dispose();
        throw new MisdirectedException($"{request.RequestUri!.Authority} redirects to what is no address.");
    }

    // The new message carries no credential, even on the same host. The configuration decides where the key goes, not an answer.
    private static HttpRequestMessage Redirected(HttpRequestMessage from, Uri location)
    {
        var to = new HttpRequestMessage(from.Method, location) { Version = from.Version, VersionPolicy = from.VersionPolicy };
        if (from.Options.TryGetValue(OutboundExchange.Key, out var exchange)) to.Options.Set(OutboundExchange.Key, exchange);
        foreach (var name in ContentHeaders.OfRange)
        {
            if (from.Headers.NonValidated.TryGetValues(name, out var values)) to.Headers.TryAddWithoutValidation(name, values);
        }

        return to;
    }
}
