using System.Net;

namespace RemixProxy.Exchanges;

/// <summary>
/// Wraps the body of a signed message and reports when the proxy starts to send it, and when it has sent it. A signer may have read the body before, which does
/// not count.
/// </summary>
internal sealed class SentContent : HttpContent
{
    private readonly HttpContent _body;
    private readonly Action _begun;
    private readonly Action _ended;

    /// <param name="body">The body.</param>
    /// <param name="begun">Runs before the first byte is written.</param>
    /// <param name="ended">Runs after the last byte was written.</param>
    public SentContent(HttpContent body, Action begun, Action ended)
    {
        (_body, _begun, _ended) = (body, begun, ended);
        foreach (var (name, values) in body.Headers.NonValidated) Headers.TryAddWithoutValidation(name, values);
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        _begun();
        await _body.CopyToAsync(stream, context, cancellationToken);
        _ended();
    }

    protected override bool TryComputeLength(out long length)
    {
        length = _body.Headers.ContentLength ?? 0;
        return _body.Headers.ContentLength is not null;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) _body.Dispose();
        base.Dispose(disposing);
    }
}
