using System.Text.Json;
using RemixProxy.Adapters;
using RemixProxy.Providers.Kit;

namespace RemixProxy.Providers.Runway;

/// <summary>Carries a file to Runway: asks for a place, then sends it there.</summary>
/// <param name="file">The file.</param>
/// <param name="use">What comes next, given the file's URI.</param>
internal sealed class RunwayUpload(MediaFile file, Func<string, Exchange> use)
{
    public Exchange Begin()
    {
        var body = JsonBody.From(new(file.Name), RunwayJsonContext.Default.RunwayUploadRequest);
        return new(new(HttpMethod.Post, "uploads") { Body = body }, SendBytes) { Forward = false };
    }

    private Exchange SendBytes(NativeResponse response)
    {
        var place = response.ReadObject();
        if (place.Text("runwayUri") is not { } uri || place.Member("uploadUrl").WebUrl() is not { } url) throw new JsonException("No place to upload to.");
        // Another host, which must not see the key.
        return new(new(HttpMethod.Post, url.OriginalString) { Body = Form(place.Member("fields")), Authenticated = false }, _ => use(uri)) { Forward = false };
    }

    // In the order of the answer: a bucket ignores what comes after the file.
    private MultipartBody Form(JsonElement fields)
    {
        var texts = fields.ValueKind == JsonValueKind.Object ? fields.EnumerateObject().Select(f => new MultipartPart(f.Name, f.Value.ToString())) : [];
        return new([.. texts, new("file", null, file)]);
    }
}
