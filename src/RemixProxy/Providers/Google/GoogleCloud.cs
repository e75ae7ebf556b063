using RemixProxy.Adapters;
using RemixProxy.Providers.Kit;

namespace RemixProxy.Providers.Google;

/// <summary>What Vertex AI's APIs have in common: the account's place in a path, the bucket with its outputs, and inputs as bytes.</summary>
internal static class GoogleCloud
{
    private const string Scheme = "gs";
    private const string Beginning = Scheme + "://";

    /// <summary>The storage, for profiles.</summary>
    public static ProviderStorage Storage { get; } = new("https://storage.googleapis.com", Scheme);

    /// <summary>How Vertex AI takes an image or a video.</summary>
    public static MediaInput File { get; } = new(
        "input_reference", SourceForms.File, "{provider} takes '{param}' as a file: it fetches nothing from the web.");

    /// <summary>What stands before a path of an account with project and region, with a trailing slash; empty for any other.</summary>
    public static string ParentOf(ProviderAccount? account) => account is { Project: { } project, Region: { } region }
        ? $"projects/{NativeRequest.Segment(project)}/locations/{NativeRequest.Segment(region)}/"
        : "";

    /// <summary>Whether an address is one of a bucket.</summary>
    public static bool IsPlace(string? uri) => uri?.StartsWith(Beginning, StringComparison.Ordinal) == true;

    /// <summary>The output that an object in a bucket is; null where the address is none of a bucket.</summary>
    /// <param name="storage">The base of the storage, with a trailing slash.</param>
    /// <param name="uri">The address, as <c>gs://bucket/folder/object</c>.</param>
    /// <param name="type">The media type, where known.</param>
    public static NativeOutput? Output(Uri? storage, string? uri, string? type)
    {
        if (storage is null || !IsPlace(uri)) return null;
        var slash = uri!.IndexOf('/', Beginning.Length);
        if (slash <= Beginning.Length || slash == uri.Length - 1) return null;
        var (bucket, name) = (uri[Beginning.Length..slash], uri[(slash + 1)..]);
        return new($"{storage}storage/v1/b/{Uri.EscapeDataString(bucket)}/o/{Uri.EscapeDataString(name)}?alt=media") { ContentType = type };
    }
}
