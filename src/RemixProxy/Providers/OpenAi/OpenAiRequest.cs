using System.Text.Json;
using System.Text.Json.Serialization;
using RemixProxy.Adapters;

namespace RemixProxy.Providers.OpenAi;

/// <summary>The body of a submit.</summary>
internal sealed record OpenAiRequest
{
    public string? Model { get; init; }

    /// <summary>The source of an extension.</summary>
    public OpenAiSource? Video { get; init; }

    public required string Prompt { get; init; }

    /// <summary>A string on this wire.</summary>
    public string? Seconds { get; init; }

    public string? Size { get; init; }

    public OpenAiImage? InputReference { get; init; }

    /// <summary>The caller's other fields, as they came. Settable because the serializer takes no init-only one here.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement> Rest { get; set; } = [];

    /// <summary>JSON; or, where there is a file, a form that says the same.</summary>
    /// <param name="fileField">The file's field.</param>
    /// <param name="media">Perhaps a file.</param>
    public NativeBody ToBody(string fileField, MediaSource? media) => media is FileSource source
        ? new MultipartBody([.. FormParts(), new(fileField, null, source.File)])
        : JsonBody.From(this, OpenAiJsonContext.Default.OpenAiRequest);

    private IEnumerable<MultipartPart> FormParts() =>
        JsonSerializer.SerializeToElement(this, OpenAiJsonContext.Default.OpenAiRequest).EnumerateObject().SelectMany(p => Flatten(p.Name, p.Value));

    // As the SDKs do it: objects become name[key], arrays name[], scalars text. A form has no null: the field is absent.
    private static IEnumerable<MultipartPart> Flatten(string name, JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => value.EnumerateObject().SelectMany(p => Flatten($"{name}[{p.Name}]", p.Value)),
        JsonValueKind.Array => value.EnumerateArray().SelectMany(item => Flatten(name + "[]", item)),
        JsonValueKind.Null => [],
        JsonValueKind.String => [new(name, value.GetString())],
        _ => [new(name, value.GetRawText())],
    };
}

/// <summary>A video of the server.</summary>
/// <param name="Id">Its id.</param>
internal sealed record OpenAiSource(string Id);

/// <summary>An image to start from.</summary>
/// <param name="ImageUrl">An https or data URL.</param>
internal sealed record OpenAiImage(string ImageUrl);
