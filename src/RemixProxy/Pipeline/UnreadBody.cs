using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace RemixProxy.Pipeline;

/// <summary>
/// Takes in what is left of the body of an answered request. A connection that is closed over unread bytes is reset, and a client that is still writing then
/// loses its answer.
/// </summary>
internal static class UnreadBody
{
    private const long MaxBytes = 1L << 30;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Has no body refused by the server itself, which would close the connection at once. Each operation bounds what it reads.</summary>
    public static void Accept(HttpContext http)
    {
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size) size.MaxRequestBodySize = null;
    }

    /// <summary>Ends the answer, and reads the rest of the body, 1 GiB and 30 seconds at most; beyond that the connection ends.</summary>
    public static async Task DiscardAsync(HttpContext http, TimeProvider time)
    {
        // From HTTP/2 on a request ends without its connection.
        var request = http.Request;
        if (!HttpProtocol.IsHttp11(request.Protocol) && !HttpProtocol.IsHttp10(request.Protocol)) return;
        if (http.Features.Get<IHttpRequestBodyDetectionFeature>() is not { CanHaveBody: true }) return;
        try
        {
            await http.Response.CompleteAsync();
            // Mostly the body was read to its end.
            if (request.BodyReader.TryRead(out var rest))
            {
                request.BodyReader.AdvanceTo(rest.Buffer.End);
                if (rest.IsCompleted) return;
            }

            using var patience = new CancellationTokenSource(Patience, time);
            for (var left = MaxBytes; left > 0;)
            {
                var read = await request.BodyReader.ReadAsync(patience.Token);
                left -= read.Buffer.Length;
                request.BodyReader.AdvanceTo(read.Buffer.End);
                if (read.IsCompleted) return;
            }

            http.Abort();
        }
        catch (OperationCanceledException)
        {
            http.Abort();
        }
        catch (Exception e) when (e is IOException or InvalidOperationException)
        {
            // The client is gone, or its body is broken. The server ends the connection.
        }
    }
}
