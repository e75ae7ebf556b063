using System.Net;
using RemixProxy.Contract;
using RemixProxy.Exchanges.Signing;

namespace RemixProxy.Exchanges;

/// <summary>
/// Adds the native body and the credential to a request, follows redirects of content, and blocks addresses that are neither configured nor public.
/// </summary>
internal sealed class ExchangeHandler(RequestSigning signing) : DelegatingHandler
{
    private const int MaxRedirects = 5;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (!request.Options.TryGetValue(OutboundExchange.Key, out var exchange)) return await base.SendAsync(request, cancellationToken);
        Check(exchange, request.RequestUri!);
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
        var response = await base.SendAsync(request, cancellationToken);
        for (var hop = 0; exchange.Streams && Location(request, response) is { } location; hop++)
        {
            response.Dispose();
            if (hop == MaxRedirects) throw new MisdirectedException($"{location.Authority} redirects too often.");
            Check(exchange, location);
            request = Redirected(request, location);
            exchange.Redirected();
            response = await base.SendAsync(request, cancellationToken);
        }

        return response;
    }

    private static void Check(OutboundExchange exchange, Uri url)
    {
        if (!exchange.IsTrusted(url) && !PublicAddress.LooksPublic(url)) throw MisdirectedException.Refused(url.Authority);
    }

    private static Uri? Location(HttpRequestMessage request, HttpResponseMessage response) =>
        response.StatusCode is HttpStatusCode.MovedPermanently or HttpStatusCode.Found or HttpStatusCode.SeeOther or HttpStatusCode.TemporaryRedirect
            or HttpStatusCode.PermanentRedirect
        && response.Headers.Location is { } location
            ? new(request.RequestUri!, location)
            : null;

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
