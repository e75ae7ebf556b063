using System.Collections;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using RemixProxy.Adapters;

namespace RemixProxy.Providers.Kit;

/// <summary>
/// A JSON object of a native body, written as data: members by their names on the wire, in order. What is null is left out; a name given again
/// replaces its value.
/// </summary>
/// <example><code>new NativeObject { { "model", model }, { "seed", wish.Fields.Value("seed") }, { "video", new NativeObject { { "loop", true } } } }</code>
/// </example>
public sealed class NativeObject : IEnumerable<KeyValuePair<string, JsonNode?>>
{
    private readonly JsonObject _json = [];
    private (string Property, InlineMedia Media)? _media;

    /// <summary>Adds a text, a number, true or false.</summary>
    public void Add(string name, JsonNode? value)
    {
        if (value is not null) _json[name] = value.Parent is null ? value : value.DeepClone();
    }

    /// <summary>Adds what a caller sent, as it came, also a null within.</summary>
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

    /// <summary>Adds a file in base64, which is streamed when the body is sent. A body has one at most.</summary>
    public void Add(string name, InlineMedia? media)
    {
        if (media is null) return;
        _json[name] = JsonBody.MediaSlot;
        _media = (name, media);
    }

    /// <summary>Adds a medium where one property takes it in either form: by URL, or in base64.</summary>
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

    /// <summary>Adds fields of the caller under their own names, as they came.</summary>
    public void Add(IEnumerable<KeyValuePair<string, JsonElement>> fields)
    {
        foreach (var (name, value) in fields) Add(name, (JsonElement?)value);
    }

    /// <summary>The body of a native request.</summary>
    public JsonBody ToBody()
    {
        var body = new JsonBody(Encoding.UTF8.GetBytes(_json.ToJsonString()));
        return _media is var (property, media) ? body with { Media = media.File, MediaProperty = property, MediaPrefix = media.Prefix } : body;
    }

    /// <summary>
    /// The same as a form, with a file beside it. As the SDKs do it: objects become <c>name[key]</c>, arrays <c>name[]</c>, scalars text; a null is absent.
    /// </summary>
    /// <param name="field">The file's field.</param>
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
