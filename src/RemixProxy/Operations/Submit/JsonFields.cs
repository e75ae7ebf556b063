using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using RemixProxy.Adapters;
using RemixProxy.Contract;

namespace RemixProxy.Operations.Submit;

/// <summary>
/// Reads a JSON body in one walk over its bytes. A value costs a hundred times its shortest text, so their number is bounded, and texts are paid for as they
/// are read. Data URLs are decoded where they stand.
/// </summary>
internal sealed class JsonFields
{
    /// <summary>The most fields of a body, as of a form's parts.</summary>
    public const int MaxFields = 256;

    /// <summary>The most values at all depths.</summary>
    public const int MaxValues = 10_000;

    /// <summary>The longest name of a field or member, in characters.</summary>
    public const int MaxName = 256;

    /// <summary>The longest number, in characters. Comparing numbers by value takes time that grows with the square of their length.</summary>
    private const int MaxNumber = 512;

    private readonly Memory<byte> _utf8;
    private readonly MarkedData _data;
    private readonly TextCost _cost;
    private readonly List<string> _path = [];
    private int _values;

    private JsonFields(Memory<byte> utf8, MarkedData data, TextCost cost) => (_utf8, _data, _cost) = (utf8, data, cost);

    private string Path => FieldNames.Shown(string.Join('.', _path));

    private string? Param => _path.Count == 0 ? null : FieldNames.Shown(_path[0]);

    /// <summary>Reads an object.</summary>
    /// <param name="utf8">The body; data URLs in it are overwritten.</param>
    /// <param name="data">Takes the bytes of data URLs.</param>
    /// <param name="cost">Takes the cost of texts.</param>
    /// <exception cref="ApiException">400, or 503 where the texts cost more than this process has left.</exception>
    public static JsonObject Read(Memory<byte> utf8, MarkedData data, TextCost cost)
    {
        try
        {
            var reader = new Utf8JsonReader(utf8.Span);
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                // What is no JSON at all is said first.
                while (reader.Read()) reader.TrySkip();
                throw new ApiException(new(400, "invalid_json", "The request body must be a JSON object."));
            }

            var fields = new JsonFields(utf8, data, cost).ReadObject(ref reader);
            reader.Read();
            return fields;
        }
        catch (JsonException)
        {
            throw new ApiException(new(400, "invalid_json", "The request body is not valid JSON."));
        }
    }

    private JsonNode? ReadValue(ref Utf8JsonReader reader)
    {
        if (++_values > MaxValues) throw Fail(Invariant($"The body has more than {MaxValues} values."));
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                return ReadObject(ref reader);
            case JsonTokenType.StartArray:
                var items = new JsonArray();
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray) items.Add(ReadValue(ref reader));
                return items;
            case JsonTokenType.String:
                return JsonValue.Create(ReadText(ref reader));
            case JsonTokenType.Number:
                if (reader.ValueSpan.Length > MaxNumber) throw Fail($"'{Path}' is a number of more than {MaxNumber} characters.");
                return JsonValue.Create(JsonElement.Parse(reader.ValueSpan));
            case JsonTokenType.True or JsonTokenType.False:
                return JsonValue.Create(reader.GetBoolean());
            default:
                return null;
        }
    }

    private JsonObject ReadObject(ref Utf8JsonReader reader)
    {
        var members = new JsonObject();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            if (_path.Count == 0 && members.Count == MaxFields) throw Fail(Invariant($"The body has more than {MaxFields} fields."));
            if (reader.ValueSpan.Length > MaxName) throw Fail(Invariant($"The body has a field whose name is longer than {MaxName} bytes."));
            var name = TextOf(ref reader);
            _path.Add(name);
            if (members.ContainsKey(name)) throw Twice();
            reader.Read();
            members.Add(name, ReadValue(ref reader));
            _path.RemoveAt(_path.Count - 1);
        }

        return members;
    }

    private string ReadText(ref Utf8JsonReader reader)
    {
        if (!MarkedData.IsUrl(reader.ValueSpan) || FieldNames.IsText(_path[0])) return TextOf(ref reader);
        var url = _utf8.Slice((int)reader.TokenStartIndex + 1, reader.ValueSpan.Length);
        if (reader.ValueIsEscaped)
        {
            if (!TryUnescape(url.Span, out var length)) return TextOf(ref reader);
            url = url[..length];
        }

        return _data.Take(url) ?? TextOf(url.Span);
    }

    private string TextOf(ref Utf8JsonReader reader)
    {
        _cost.Add(reader.ValueSpan.Length);
        try
        {
            return Checked(reader.GetString()!);
        }
        catch (InvalidOperationException)
        {
            throw HalfText();
        }
    }

    private string TextOf(ReadOnlySpan<byte> utf8)
    {
        _cost.Add(utf8.Length);
        try
        {
            return Checked(RequestBody.StrictUtf8.GetString(utf8));
        }
        catch (DecoderFallbackException)
        {
            throw HalfText();
        }
    }

    private string Checked(string text) => _path.Count == 1 && text.Contains('\0') ? throw RequestBody.HoldsNul(_path[0]) : text;

    // Some writers escape '/', '+' and line breaks, which base64 has. Everything else stays as it is, so a URL with other escapes is taken for a text.
    private static bool TryUnescape(Span<byte> text, out int length)
    {
        length = 0;
        for (var rest = (ReadOnlySpan<byte>)text; rest.IndexOf((byte)'\\') is >= 0 and var at;)
        {
            var escape = rest[at..];
            if (escape[1] is not ((byte)'/' or (byte)'n' or (byte)'r' or (byte)'t') && !(escape is [_, (byte)'u', (byte)'0', (byte)'0', < (byte)'8', ..]))
                return false;
            rest = escape[(escape[1] == 'u' ? 6 : 2)..];
        }

        for (var from = 0; from < text.Length;)
        {
            if (text[from] != '\\')
            {
                text[length++] = text[from++];
            }
            else if (text[from + 1] == 'u')
            {
                text[length++] = Convert.FromHexString(Encoding.ASCII.GetString(text.Slice(from + 4, 2)))[0];
                from += 6;
            }
            else
            {
                text[length++] = text[from + 1] switch { (byte)'n' => (byte)'\n', (byte)'r' => (byte)'\r', (byte)'t' => (byte)'\t', var same => same };
                from += 2;
            }
        }

        return true;
    }

    private ApiException Twice() => _path.Count == 1
        ? Fail($"'{Path}' is given twice.")
        : new(new(400, "invalid_json", $"The request body is not valid JSON: '{Path}' is given twice."));

    private ApiException Fail(string message) => new(new(400, "invalid_value", message, Param));

    private ApiException HalfText() => new(new(
        400, "invalid_json", _path.Count == 0 ? "The request body is not valid JSON." : $"'{Path}' holds half a character, or bytes that are not UTF-8."));
}

/// <summary>
/// Pays for texts. A text is held as bytes, as characters, and as JSON for providers, which together take several times its size. The first 64 KiB of a
/// request are free, because the number of submits bounds them.
/// </summary>
internal sealed class TextCost(BodyBudget.Lease lease)
{
    private const long Free = 64 << 10;
    private const long Copies = 8;

    private long _bytes;

    /// <summary>Adds a text.</summary>
    /// <exception cref="ApiException">503: this process holds as much as it may.</exception>
    public void Add(long bytes)
    {
        var before = Math.Max(0, _bytes - Free);
        _bytes += bytes;
        var more = Math.Max(0, _bytes - Free) - before;
        if (more > 0 && lease.Add(Copies * more) is { } full) throw new ApiException(full);
    }
}
