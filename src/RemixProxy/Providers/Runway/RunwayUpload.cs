using System.Text.Json;
using System.Text.Json.Serialization;

namespace RemixProxy.Providers.Runway;

/// <summary>Asks for a place to upload a file to; it is gone by itself after some time.</summary>
/// <param name="Filename">File name with its extension.</param>
/// <param name="Type">Always <c>ephemeral</c>.</param>
internal sealed record RunwayUploadRequest(string Filename, string Type = "ephemeral");

/// <summary>A place to upload one file to.</summary>
internal sealed record RunwayUpload
{
    /// <summary>Where a form of all <see cref="Fields"/> and the file goes; another host, which must not see the key.</summary>
    [JsonConverter(typeof(ScalarTextConverter))]
    public string? UploadUrl { get; init; }

    /// <summary>Names and texts.</summary>
    public JsonElement Fields { get; init; }

    /// <summary>What the file is called in a submit.</summary>
    [JsonConverter(typeof(ScalarTextConverter))]
    public string? RunwayUri { get; init; }

    /// <summary>The form in the order of the answer; a bucket ignores what comes after the file.</summary>
    public MultipartBody Form(MediaFile file) => new([.. Texts(), new("file", null, file)]);

    private IEnumerable<MultipartPart> Texts() => Fields.ValueKind == JsonValueKind.Object
        ? Fields.EnumerateObject().Select(f => new MultipartPart(f.Name, f.Value.ToString()))
        : [];
}
