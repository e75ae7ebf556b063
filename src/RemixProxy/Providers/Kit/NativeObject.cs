using System.Collections;
using System.Text;
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
public sealed class NativeObject : IEnumerable<KeyValuePair<string, JsonNode?>>
{
    private readonly JsonObject _json = [];
    private (string Property, InlineMedia Media)? _media;

    /// <summary>Adds a text, a number or a boolean.</summary>
    public void Add(string name, JsonNode? value)
    {
        if (value is not null) _json[name] = value.Parent is null ? value : value.DeepClone();
    }

    /// <summary>Adds a value of the caller, unchanged. A JSON null, also inside the value, is kept.</summary>
    public void Add(string name, JsonElement? value)
    {
        if (value is not { ValueKind: not JsonValueKind.Undefined } element) return;
        _json[name] = element.ValueKind switch
        {
            JsonValueKind.Object => JsonObject.Create(element),
            JsonValueKind.Array => JsonArray.Create(element),
            _ => JsonValue.Create(element),
        };
    }

    /// <summary>Adds an object.</summary>
    public void Add(string name, NativeObject? value)
    {
        if (value is null) return;
        Add(name, value._json);
        _media ??= value._media;
    }

    /// <summary>Adds an array of objects.</summary>
    public void Add(string name, IEnumerable<NativeObject>? items)
    {
        if (items?.ToArray() is not { } objects) return;
        _json[name] = new JsonArray([.. objects.Select(o => o._json.DeepClone())]);
        _media ??= objects.Select(o => o._media).FirstOrDefault(m => m is not null);
    }

    /// <summary>Adds an array of texts.</summary>
    public void Add(string name, IEnumerable<string>? items)
    {
        if (items is not null) _json[name] = new JsonArray([.. items.Select(i => (JsonNode)i)]);
    }

    /// <summary>Adds a file as base64, which the proxy streams when it sends the body. A body can hold at most one.</summary>
    public void Add(string name, InlineMedia? media)
    {
        if (media is null) return;
        _json[name] = JsonBody.MediaSlot;
        _media = (name, media);
    }

    /// <summary>Adds an image or video to a property that takes either a URL or base64.</summary>
    public void Add(string name, NativeMedia? media)
    {
        if (media?.Url is { } url) Add(name, (JsonNode?)url);
        else Add(name, media?.Inline);
    }

    /// <summary>Adds the members of another object.</summary>
    public void Add(NativeObject? members)
    {
        if (members is null) return;
        foreach (var (name, value) in members._json) _json[name] = value?.DeepClone();
        _media ??= members._media;
    }

    /// <summary>Adds fields of the caller under their own names, unchanged.</summary>
    public void Add(IEnumerable<KeyValuePair<string, JsonElement>> fields)
    {
        foreach (var (name, value) in fields) Add(name, (JsonElement?)value);
    }

    /// <summary>Makes the JSON body of a native request.</summary>
    public JsonBody ToBody()
    {
        var body = new JsonBody(Encoding.UTF8.GetBytes(_json.ToJsonString()));
        return _media is var (property, media) ? body with { Media = media.File, MediaProperty = property, MediaPrefix = media.Prefix } : body;
    }

    /// <summary>
    /// Makes a form of the same members with a file. Like OpenAI's SDKs it writes objects as <c>name[key]</c>, arrays as <c>name[]</c> and scalars as text, and
    /// leaves out nulls.
    /// </summary>
    /// <param name="field">The name of the file's field.</param>
    /// <param name="file">The file.</param>
    public MultipartBody ToForm(string field, MediaFile file) => new([.. _json.SelectMany(m => Flatten(m.Key, m.Value)), new(field, null, file)]);

    /// <inheritdoc />
    public IEnumerator<KeyValuePair<string, JsonNode?>> GetEnumerator() => _json.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private static IEnumerable<MultipartPart> Flatten(string name, JsonNode? value) => value switch
    {
        JsonObject members => members.SelectMany(m => Flatten($"{name}[{m.Key}]", m.Value)),
        JsonArray items => items.SelectMany(item => Flatten(name + "[]", item)),
        null => [],
        _ => [new(name, value.ToString())],
    };
}
