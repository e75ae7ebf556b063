namespace RemixProxy.Host;

/// <summary>
/// Serves <c>docs/openapi.json</c>, the description of everything that callers see. Everybody may read it, because it holds nothing that the repository
/// doesn't. A test makes the file from the code.
/// </summary>
internal static class ApiDocumentEndpoint
{
    public const string Path = "/openapi/v1.json";

    public static void MapApiDocument(this IEndpointRouteBuilder app)
    {
        var json = Read();
        app.MapGet(Path, () => TypedResults.Bytes(json, "application/json"));
    }

    private static byte[] Read()
    {
        using var stream = typeof(ApiDocumentEndpoint).Assembly.GetManifestResourceStream("openapi.json")!;
        var json = new byte[stream.Length];
        stream.ReadExactly(json);
        return json;
    }
}
