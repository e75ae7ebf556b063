using System.Buffers;
using System.Collections;
using System.Text.Json;
using System.Text.Json.Nodes;
using RemixProxy.Adapters;

namespace RemixProxy.Providers.Kit;

/// <summary>
/// Builds a JSON object of a native body. Members have their names on the wire and keep their order. A C# null is left out; adding a name again replaces its
/// value.
/// </summary>
/// <example><code>new NativeObject { { "model", model }, { "seed", wish.Fields.Value("seed") }, { "video", new NativeObject { { "loop", true } } } }</code>
/// </example>
public sealed class NativeObject : IEnumerable<KeyValuePair<string, object>>
{
    // A value is a JsonNode, a JsonElement, a NativeObject, an InlineMedia, or an array of values.
    private readonly OrderedDictionary<string, object> _members = new(StringComparer.Ordinal);

    /// <summary>Adds a text, a number or a boolean.</summary>
    public void Add(string name, JsonNode? value) => Put(name, value);

    /// <summary>Adds a value of the caller, unchanged. A JSON null, also inside the value, is kept.</summary>
    public void Add(string name, JsonElement? value)
    {
        if (value is { ValueKind: not JsonValueKind.Undefined } element) Put(name, element);
    }

    /// <summary>Adds an object.</summary>
    public void Add(string name, NativeObject? value) => Put(name, value);

    /// <summary>Adds an array of objects.</summary>
    public void Add(string name, IEnumerable<NativeObject>? items) => Put(name, items?.ToArray<object>());

    /// <summary>Adds an array of texts.</summary>
    public void Add(string name, IEnumerable<string>? items) => Put(name, items?.Select(i => (object)JsonValue.Create(i)!).ToArray());

    /// <summary>Adds a file as base64, which the proxy streams when it sends the body.</summary>
    public void Add(string name, InlineMedia? media) => Put(name, media);

    /// <summary>Adds an image, a video or a sound to a property that takes either a URL or base64.</summary>
    public void Add(string name, NativeMedia? media) => Put(name, ValueOf(media));

    /// <summary>Adds an array of images, videos or sounds, each as a URL or base64.</summary>
    public void Add(string name, IEnumerable<NativeMedia>? items) => Put(name, items?.Select(ValueOf).OfType<object>().ToArray());

    /// <summary>Adds the members of another object.</summary>
    public void Add(NativeObject? members)
    {
        if (members is null) return;
        foreach (var (name, value) in members._members) Put(name, value);
    }

    /// <summary>Adds fields of the caller under their own names, unchanged.</summary>
    public void Add(IEnumerable<KeyValuePair<string, JsonElement>> fields)
    {
        foreach (var (name, value) in fields) Add(name, (JsonElement?)value);
    }

    /// <summary>Makes the JSON body of a native request.</summary>
    public JsonBody ToBody()
    {
        var buffer = new ArrayBufferWriter<byte>();
        var media = new List<JsonMedia>();
        using (var writer = new Utf8JsonWriter(buffer)) Write(writer, this, media);
        return new JsonBody(buffer.WrittenMemory) { Media = media };
    }

    /// <summary>
    /// Makes a form of the same members. Like OpenAI's SDKs it writes objects as <c>name[key]</c>, arrays as <c>name[]</c> and scalars as text, and leaves out
    /// nulls.
    /// </summary>
    public MultipartBody ToForm() => new([.. _members.SelectMany(m => Flatten(m.Key, m.Value))]);

    /// <summary>Makes a form of the same members with a file.</summary>
    /// <param name="field">The name of the file's field.</param>
    /// <param name="file">The file.</param>
    public MultipartBody ToForm(string field, MediaFile file) => new([.. ToForm().Parts, new(field, null, file)]);

    /// <inheritdoc />
    public IEnumerator<KeyValuePair<string, object>> GetEnumerator() => _members.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private static object? ValueOf(NativeMedia? media) => media?.Url is { } url ? JsonValue.Create(url) : media?.Inline;

    /// <summary>Adds a value of another object.</summary>
    internal void Put(string name, object? value)
    {
        if (value is not null) _members[name] = value;
    }

    private static void Write(Utf8JsonWriter writer, object value, List<JsonMedia> media)
    {
        switch (value)
        {
            case NativeObject members:
                writer.WriteStartObject();
                foreach (var (name, member) in members._members)
                {
                    writer.WritePropertyName(name);
                    Write(writer, member, media);
                }

                writer.WriteEndObject();
                break;
            case object[] items:
                writer.WriteStartArray();
                foreach (var item in items) Write(writer, item, media);
                writer.WriteEndArray();
                break;
            case InlineMedia { File: var file, Prefix: var prefix }:
                writer.WriteStringValue(prefix);
                // The base64 goes before the closing quote.
                media.Add(new(checked((int)(writer.BytesCommitted + writer.BytesPending) - 1), file));
                break;
            case JsonElement element:
                element.WriteTo(writer);
                break;
            default:
                ((JsonNode)value).WriteTo(writer);
                break;
        }
    }

    private static IEnumerable<MultipartPart> Flatten(string name, object? value) => value switch
    {
        NativeObject members => members._members.SelectMany(m => Flatten($"{name}[{m.Key}]", m.Value)),
        object[] items => items.SelectMany(item => Flatten(name + "[]", item)),
        InlineMedia { File: var file } => [new(name, null, file)],
        JsonElement { ValueKind: JsonValueKind.Object } members => members.EnumerateObject().SelectMany(m => Flatten($"{name}[{m.Name}]", m.Value)),
        JsonElement { ValueKind: JsonValueKind.Array } items => items.EnumerateArray().SelectMany(item => Flatten(name + "[]", item)),
        JsonObject members => members.SelectMany(m => Flatten($"{name}[{m.Key}]", m.Value)),
        JsonArray items => items.SelectMany(item => Flatten(name + "[]", item)),
        null or JsonElement { ValueKind: JsonValueKind.Null } => [],
        JsonElement { ValueKind: not JsonValueKind.String } scalar => [new(name, scalar.GetRawText())],
        _ => [new(name, value.ToString())],
    };
}
