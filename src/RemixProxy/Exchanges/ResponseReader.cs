using System.IO.Compression;
using System.Text.Json;
using RemixProxy.Adapters;

namespace RemixProxy.Exchanges;

/// <summary>Reads native responses up to a size limit, and past the clips in them.</summary>
internal static class ResponseReader
{
    /// <summary>The longest native answer that the proxy reads, in bytes, without its clips.</summary>
    public const int MaxBytes = 32 << 20;

    /// <summary>The longest native answer with its clips, in bytes. The largest clips that a vendor makes take a tenth of it.</summary>
    private const long MaxBytesWithClips = 512 << 20;

    /// <summary>How much the proxy reads of an error in place of media, in bytes.</summary>
    private const int MaxErrorBytes = 16 << 10;

    private const int LeastBuffer = 4 << 10;
    private const int Growth = 4;

    /// <summary>
    /// The most JSON tokens of a native answer. Read into a document, a token takes up to sixteen times its shortest text; an answer about a video has some
    /// dozens.
    /// </summary>
    private const int MaxTokens = 200_000;

    /// <summary>Reads a whole response, or up to the clip that is wanted.</summary>
    /// <param name="response">The response.</param>
    /// <param name="lease">Pays for what is longer than <see cref="AnswerBudget.Short"/>.</param>
    /// <param name="clips">Counts the clips, and opens the wanted one.</param>
    /// <param name="cancellationToken">Cancels reading, and waiting for the lease.</param>
    /// <returns>The response; null if the wanted clip was opened, which then disposes it.</returns>
    /// <exception cref="InvalidDataException">The response is too long, has too many values, or does not match its content encoding.</exception>
    public static async Task<NativeResponse?> ReadAsync(
        HttpResponseMessage response, AnswerBudget.Lease lease, AnswerClips clips, CancellationToken cancellationToken)
    {
        var raw = await response.Content.ReadAsStreamAsync(cancellationToken);
        Stream stream = response.Content.Headers.ContentEncoding.LastOrDefault()?.ToLowerInvariant() switch
        {
            "gzip" or "x-gzip" => new GZipStream(raw, CompressionMode.Decompress),
            "br" => new BrotliStream(raw, CompressionMode.Decompress),
            "deflate" => new ZLibStream(raw, CompressionMode.Decompress),
            _ => raw,
        };
        try
        {
            var length = ReferenceEquals(stream, raw) ? response.Content.Headers.ContentLength : null;
            var scanner = new ClipScanner(clips, opens: response.IsSuccessStatusCode);
            var read = await ReadAsync(stream, length, scanner, lease, cancellationToken);
            if (scanner.WantedAt is not { } at) return new((int)response.StatusCode, new NativeHeaders(response), read);
            clips.Open(response, stream, read.Span[at..]);
            return null;
        }
        catch (InvalidOperationException e)
        {
            // So the Brotli stream, unlike the others, calls bytes that it can't decode.
            throw new InvalidDataException("The native response does not match its content encoding.", e);
        }
        finally
        {
            if (clips.Found is null) await stream.DisposeAsync();
        }
    }

    /// <summary>Reads a response's status and headers and, if <paramref name="withBody"/>, the beginning of its body.</summary>
    public static async Task<NativeResponse> ReadBeginningAsync(HttpResponseMessage response, bool withBody, CancellationToken cancellationToken) =>
        new((int)response.StatusCode, new NativeHeaders(response), withBody ? await BeginningAsync(response, cancellationToken) : default);

    /// <returns>The body without its clips; up to what was read of the wanted clip, if there is one.</returns>
    private static async Task<ReadOnlyMemory<byte>> ReadAsync(
        Stream stream, long? length, ClipScanner scanner, AnswerBudget.Lease lease, CancellationToken cancellationToken)
    {
        if (length > MaxBytesWithClips) throw TooLong();
        var buffer = new byte[length is < AnswerBudget.Short ? (int)length + 1 : LeastBuffer];
        var (kept, read, paid, total) = (0, 0, 0, 0L);
        while (true)
        {
            if (read == buffer.Length)
            {
                if (read > MaxBytes) throw TooLong();
                if (read >= AnswerBudget.Short && paid == 0)
                {
                    // All that it may need is taken at once: two that wait for more while holding some would wait for ever.
                    paid = (int)Math.Min(length ?? MaxBytes, MaxBytes);
                    await lease.TakeAsync(paid, cancellationToken);
                    if (length <= MaxBytes) Array.Resize(ref buffer, Math.Max(paid, read) + 1);
                }

                if (read == buffer.Length) Array.Resize(ref buffer, Math.Min(Growth * buffer.Length, MaxBytes + 1));
            }

            var more = await stream.ReadAsync(buffer.AsMemory(read), cancellationToken);
            if (more == 0) break;
            total += more;
            if (total > MaxBytesWithClips) throw TooLong();
            read = scanner.Scan(buffer, ref kept, read + more) + kept;
            if (scanner.WantedAt is not null) return buffer.AsMemory(0, read);
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
}
