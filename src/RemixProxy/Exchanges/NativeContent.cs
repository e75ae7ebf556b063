using System.Buffers;
using System.Buffers.Text;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using RemixProxy.Adapters;

namespace RemixProxy.Exchanges;

/// <summary>
/// The body of a native request; it streams files. Every request that may have a body gets one, even an empty one, because .NET's handler may send a POST
/// without content twice.
/// </summary>
internal sealed class NativeContent : HttpContent
{
    private const int Base64Chunk = 48 * 1024;

    private readonly Piece[] _pieces;

    /// <param name="body">The body to send; null: an empty body.</param>
    public NativeContent(NativeBody? body)
    {
        (_pieces, var type) = body switch
        {
            null => ([], null),
            JsonBody json => (Pieces(json), "application/json"),
            MultipartBody form => FormPieces(form),
            FileBody { File: var file } => ([new Piece(default, file, Base64: false)], file.ContentType),
            _ => throw new InvalidOperationException($"Unknown body {body.GetType()}."),
        };
        if (type is not null) Headers.ContentType = MediaTypeHeaderValue.Parse(type);
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        foreach (var (bytes, file, base64) in _pieces)
        {
            if (file is null)
            {
                await stream.WriteAsync(bytes, cancellationToken);
                continue;
            }

            var source = await file.Open(cancellationToken);
            await using (source)
            {
                if (base64) await CopyBase64Async(source, stream, cancellationToken);
                else await source.CopyToAsync(stream, cancellationToken);
            }
        }
    }

    protected override bool TryComputeLength(out long length)
    {
        length = _pieces.Sum(p => p.Length);
        return true;
    }

    private static Piece[] Pieces(JsonBody json)
    {
        var pieces = new List<Piece>();
        var from = 0;
        foreach (var (offset, file) in json.Media)
        {
            pieces.Add(new(json.Utf8[from..offset], null, false));
            pieces.Add(new(default, file, Base64: true));
            from = offset;
        }

        return [.. pieces, new(json.Utf8[from..], null, false)];
    }

    private static (Piece[] Pieces, string ContentType) FormPieces(MultipartBody form)
    {
        var boundary = Guid.NewGuid().ToString("N");
        var pieces = new List<Piece>();
        foreach (var part in form.Parts)
        {
            var head = new StringBuilder($"--{boundary}\r\nContent-Disposition: form-data; name=\"{Quote(part.Name)}\"");
            if (part is { Text: { } text, File: { } data })
            {
                pieces.Add(new(Encoding.UTF8.GetBytes(head.Append("\r\n\r\n").Append(text).ToString()), null, false));
                pieces.Add(new(default, data, Base64: true));
                pieces.Add(new("\r\n"u8.ToArray(), null, false));
            }
            else if (part.File is { } file)
            {
                head.Append(Invariant($"; filename=\"{Quote(file.Name)}\"\r\nContent-Type: {file.ContentType}\r\n\r\n"));
                pieces.Add(new(Encoding.UTF8.GetBytes(head.ToString()), null, false));
                pieces.Add(new(default, file, false));
                pieces.Add(new("\r\n"u8.ToArray(), null, false));
            }
            else
            {
                head.Append(Invariant($"\r\n\r\n{part.Text}\r\n"));
                pieces.Add(new(Encoding.UTF8.GetBytes(head.ToString()), null, false));
            }
        }

        pieces.Add(new(Encoding.ASCII.GetBytes($"--{boundary}--\r\n"), null, false));
        return ([.. pieces], $"multipart/form-data; boundary={boundary}");
    }

    // Browsers encode names this way (WHATWG form encoding).
    private static string Quote(string name) => name.Replace("\"", "%22").Replace("\r", "%0D").Replace("\n", "%0A");

    private static async Task CopyBase64Async(Stream source, Stream target, CancellationToken cancellationToken)
    {
        var input = ArrayPool<byte>.Shared.Rent(Base64Chunk);
        var output = ArrayPool<byte>.Shared.Rent(Base64.GetMaxEncodedToUtf8Length(Base64Chunk));
        try
        {
            int read;
            do
            {
                // A whole chunk is a multiple of three bytes, so only the last chunk is padded.
                read = await source.ReadAtLeastAsync(input.AsMemory(0, Base64Chunk), Base64Chunk, throwOnEndOfStream: false, cancellationToken);
                Base64.EncodeToUtf8(input.AsSpan(0, read), output, out _, out var written);
                await target.WriteAsync(output.AsMemory(0, written), cancellationToken);
            }
            while (read == Base64Chunk);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(input);
            ArrayPool<byte>.Shared.Return(output);
        }
    }

    private readonly record struct Piece(ReadOnlyMemory<byte> Bytes, MediaFile? File, bool Base64)
    {
        public long Length => File is null ? Bytes.Length : Base64 ? (File.Length + 2) / 3 * 4 : File.Length;
    }
}
