using System.Globalization;
using System.Text.Json;
using RemixProxy.Adapters;
using RemixProxy.Contract;
using RemixProxy.Providers.Kit;

namespace RemixProxy.Providers.Google;

/// <summary>
/// Uploads a file that is too large for a request body to the Files API, with a resumable upload in one piece, and polls until Google has processed the file.
/// </summary>
/// <param name="baseUrl">The provider's base with its version segment and a trailing slash.</param>
/// <param name="file">The file.</param>
/// <param name="param">The unified field that the file came in.</param>
/// <param name="use">Makes the step that uses the file's URI.</param>
internal sealed class GeminiUpload(Uri baseUrl, MediaFile file, string param, Func<string, ProviderStep> use)
{
    private const int MaxRounds = 20;

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    /// <summary>The version of the Files API, whatever the base's version is. Uploads have their own path, <c>upload/{version}</c>.</summary>
    private const string Version = "v1beta";

    public ProviderStep Begin()
    {
        var request = new NativeRequest(HttpMethod.Post, new Uri(baseUrl, $"../upload/{Version}/files").AbsoluteUri)
        {
            Headers =
            [
                new("X-Goog-Upload-Protocol", "resumable"),
                new("X-Goog-Upload-Command", "start"),
                new("X-Goog-Upload-Header-Content-Length", file.Length.ToString(CultureInfo.InvariantCulture)),
                new("X-Goog-Upload-Header-Content-Type", file.ContentType),
            ],
            Body = new NativeObject { { "file", new NativeObject { { "display_name", file.Name } } } }.ToBody(),
        };
        return new Exchange(request, SendBytes) { Forward = false };
    }

    private Exchange SendBytes(NativeResponse started)
    {
        if (!started.Headers.TryGetValue("x-goog-upload-url", out var url) || !WebAddress.TryRead(url, out var target)
            || !Origin.IsSame(target, baseUrl))
            throw new JsonException("The upload's address is missing or elsewhere.");
        var request = new NativeRequest(HttpMethod.Post, url)
        {
            Authenticated = false, // the address itself is the credential
            Headers = [new("X-Goog-Upload-Offset", "0"), new("X-Goog-Upload-Command", "upload, finalize")],
            Body = new FileBody(file),
        };
        return new(request, response => UseWhenRead(response, 0)) { Forward = false };
    }

    private ProviderStep UseWhenRead(NativeResponse response, int round)
    {
        var root = response.ReadObject();
        var answer = root.Member("file") is { ValueKind: JsonValueKind.Object } file ? file : root;
        return answer.Text("state") switch
        {
            "FAILED" => new Refusal(
                new(ProviderErrorKind.InvalidRequest, GeminiErrors.Find(answer)?.Text ?? "The provider could not read the file.") { Param = param }),
            null or "ACTIVE" => use(answer.Text("uri") ?? throw new JsonException("The file's URI is missing.")),
            _ when round == MaxRounds => new Refusal(new(ProviderErrorKind.ByStatus, "The provider is still reading the uploaded file. Try again later.")),
            _ => AskAgain(answer.Text("name"), round + 1),
        };
    }

    private Exchange AskAgain(string? name, int round)
    {
        const string Collection = "files/";
        if (name is null || !name.StartsWith(Collection, StringComparison.Ordinal)) throw new JsonException("The file's name is missing.");
        var target = new Uri(baseUrl, $"../{Version}/{Collection}{NativeRequest.Segment(name[Collection.Length..])}");
        return new(new(HttpMethod.Get, target.AbsoluteUri), response => UseWhenRead(response, round)) { Forward = false, Delay = Pause };
    }
}
