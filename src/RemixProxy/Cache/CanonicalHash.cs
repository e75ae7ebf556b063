using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using RemixProxy.Adapters;

namespace RemixProxy.Cache;

/// <summary>
/// SHA-256 over values in a canonical form, so that the spelling of a value doesn't matter. Each value is hashed with its kind and its length, so that two
/// different lists of values never make the same bytes.
/// </summary>
/// <param name="data">The bytes of data URLs that have marks in the values; null where there are none.</param>
internal sealed class CanonicalHash(MarkedData? data = null) : IDisposable
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    /// <summary>Adds a text unchanged; null differs from the empty text.</summary>
    public void Add(string? text)
    {
        if (text is null) Add('z', []);
        else Add('s', Encoding.UTF8.GetBytes(text));
    }

    /// <summary>Adds a number, as JSON writes it, by its value.</summary>
    public void AddNumber(string number) => Add('n', Encoding.ASCII.GetBytes(CanonicalNumber.Of(number)));

    /// <summary>Adds a JSON value. The order of members doesn't count, numbers count by value, <c>data:</c> URLs by media type and bytes.</summary>
    public void Add(JsonNode? node)
    {
        switch (node)
        {
            case null:
                Add((string?)null);
                break;
            case JsonObject o:
                AddCount('o', o.Count);
                foreach (var (name, value) in o.OrderBy(p => p.Key, StringComparer.Ordinal))
                {
                    Add(name);
                    Add(value);
                }

                break;
            case JsonArray a:
                AddCount('a', a.Count);
                foreach (var value in a) Add(value);
                break;
            default:
                AddScalar(node);
                break;
        }
    }

    /// <summary>Adds a file by its media type and its bytes.</summary>
    public async ValueTask AddAsync(MediaFile file, CancellationToken cancellationToken)
    {
        Add(MediaType(file.ContentType));
        await using var bytes = await file.Open(cancellationToken);
        Add('b', await SHA256.HashDataAsync(bytes, cancellationToken));
    }

    public void AddCount(char kind, int count)
    {
        Span<byte> head = stackalloc byte[5];
        head[0] = (byte)kind;
        BinaryPrimitives.WriteInt32LittleEndian(head[1..], count);
        _hash.AppendData(head);
    }

    /// <summary>The hash of all that was added, in lower-case hex.</summary>
    public string ToHex() => Convert.ToHexStringLower(_hash.GetHashAndReset());

    /// <summary>The hash of some texts.</summary>
    public static string Of(params ReadOnlySpan<string?> texts)
    {
        using var hash = new CanonicalHash();
        foreach (var text in texts) hash.Add(text);
        return hash.ToHex();
    }

    public void Dispose() => _hash.Dispose();

    private void AddScalar(JsonNode node)
    {
        switch (node.GetValueKind())
        {
            case JsonValueKind.Number:
                AddNumber(node.ToJsonString());
                break;
            case JsonValueKind.String:
                var text = node.GetValue<string>();
                if (!TryAddData(text)) Add(text);
                break;
            default:
                Add('w', Encoding.ASCII.GetBytes(node.ToJsonString()));
                break;
        }
    }

    private bool TryAddData(string url)
    {
        if (data?.TryRead(url, out _, out var bytes) != true && !DataUrl.TryRead(url, out _, out bytes)) return false;
        Add('d', Encoding.UTF8.GetBytes(MediaType(url[5..url.IndexOf(";base64,", StringComparison.OrdinalIgnoreCase)])));
        Add('b', SHA256.HashData(bytes.Span));
        return true;
    }

    // Media types are compared without regard to case. Their parameters keep it.
    private static string MediaType(string type)
    {
        var end = type.IndexOf(';');
        return end < 0 ? type.Trim().ToLowerInvariant() : string.Concat(type[..end].Trim().ToLowerInvariant(), type.AsSpan(end));
    }

    private void Add(char kind, ReadOnlySpan<byte> bytes)
    {
        AddCount(kind, bytes.Length);
        _hash.AppendData(bytes);
    }
}
