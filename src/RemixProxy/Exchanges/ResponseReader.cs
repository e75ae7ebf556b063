using System.IO.Compression;
using System.Text.Json;
using RemixProxy.Adapters;

namespace RemixProxy.Exchanges;

/// <summary>Reads native responses up to a size limit.</summary>
internal static class ResponseReader
{
    /// <summary>The longest native answer that the proxy reads, in bytes. Inline clips are far smaller.</summary>
    public const int MaxBytes = 32 << 20;

    /// <summary>How much the proxy reads of an error in place of media, in bytes.</summary>
    private const int MaxErrorBytes = 16 << 10;

    private const int LeastBuffer = 4 << 10;
    private const int Growth = 4;

    /// <summary>
    /// The most JSON tokens of a native answer. Read into a document, a token takes up to sixteen times its shortest text; an answer about a video has some
    /// dozens.
    /// </summary>
    private const int MaxTokens = 200_000;

    /// <summary>Reads a whole response.</summary>
    /// <param name="response">The response.</param>
    /// <param name="lease">Pays for what is longer than <see cref="AnswerBudget.Short"/>.</param>
    /// <param name="cancellationToken">Cancels reading, and waiting for the lease.</param>
    /// <exception cref="InvalidDataException">The response is too long, has too many values, or does not match its content encoding.</exception>
    public static async Task<NativeResponse> ReadAsync(HttpResponseMessage response, AnswerBudget.Lease lease, CancellationToken cancellationToken)
    {
        await using var raw = await response.Content.ReadAsStreamAsync(cancellationToken);
        await using var stream = response.Content.Headers.ContentEncoding.LastOrDefault()?.ToLowerInvariant() switch
        {
            "gzip" or "x-gzip" => new GZipStream(raw, CompressionMode.Decompress),
            "br" => new BrotliStream(raw, CompressionMode.Decompress),
            "deflate" => new ZLibStream(raw, CompressionMode.Decompress),
            _ => raw,
        };
        try
        {
            var length = ReferenceEquals(stream, raw) ? response.Content.Headers.ContentLength : null;
            return new((int)response.StatusCode, HeadersOf(response), await ReadAsync(stream, length, lease, cancellationToken));
        }
        catch (InvalidOperationException e)
        {
            // So the Brotli stream, unlike the others, calls bytes that it can't decode.
            throw new InvalidDataException("The native response does not match its content encoding.", e);
        }
    }

    /// <summary>Reads a response's status and headers and, if <paramref name="withBody"/>, the beginning of its body.</summary>
    public static async Task<NativeResponse> ReadBeginningAsync(HttpResponseMessage response, bool withBody, CancellationToken cancellationToken) =>
        new((int)response.StatusCode, HeadersOf(response), withBody ? await BeginningAsync(response, cancellationToken) : default);

    private static async Task<ReadOnlyMemory<byte>> ReadAsync(Stream stream, long? length, AnswerBudget.Lease lease, CancellationToken cancellationToken)
    {
        if (length > MaxBytes) throw TooLong();
        var buffer = new byte[length is < AnswerBudget.Short ? (int)length + 1 : LeastBuffer];
        var (read, paid) = (0, 0);
        while (true)
        {
            if (read == buffer.Length)
            {
                if (read > MaxBytes) throw TooLong();
                if (read >= AnswerBudget.Short && paid == 0)
                {
                    // All that it may need is taken at once: two that wait for more while holding some would wait for ever.
                    paid = (int?)length ?? MaxBytes;
                    await lease.TakeAsync(paid, cancellationToken);
                    if (length is not null) Array.Resize(ref buffer, Math.Max(paid, read) + 1);
                }

                if (read == buffer.Length) Array.Resize(ref buffer, Math.Min(Growth * buffer.Length, MaxBytes + 1));
            }

            var more = await stream.ReadAsync(buffer.AsMemory(read), cancellationToken);
            if (more == 0) break;
            read += more;
        }

        lease.Keep(read);
        if (read > AnswerBudget.Short) CheckTokens(buffer.AsSpan(0, read));
        return buffer.AsMemory(0, read);
    }

    private static void CheckTokens(ReadOnlySpan<byte> body)
    {
        try
        {
            var reader = new Utf8JsonReader(body);
            for (var tokens = 0; reader.Read();)
            {
                if (++tokens > MaxTokens) throw new InvalidDataException("The native response has too many values.");
            }
        }
        catch (JsonException)
        {
            // Whoever reads the body says what that means.
        }
    }

    private static InvalidDataException TooLong() => new("The native response is too long.");

    private static async Task<ReadOnlyMemory<byte>> BeginningAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        try
        {
            var buffer = new byte[MaxErrorBytes];
            await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
            var read = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
            return buffer.AsMemory(0, read);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return default;
        }
    }

    private static Dictionary<string, string> HeadersOf(HttpResponseMessage response)
    {
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, values) in response.Headers.NonValidated) headers[name] = values.ToString();
        foreach (var (name, values) in response.Content.Headers.NonValidated) headers[name] = values.ToString();
        return headers;
    }
}
