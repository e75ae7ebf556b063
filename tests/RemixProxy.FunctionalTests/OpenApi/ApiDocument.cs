using Microsoft.OpenApi;
using RemixProxy.Contract;
using RemixProxy.Pipeline;
using RemixProxy.Providers;
using Yarp.ReverseProxy.Configuration;

namespace RemixProxy.FunctionalTests.OpenApi;

/// <summary>The description of everything that callers see, from the routes' table, the types and the errors.</summary>
internal static class ApiDocument
{
    private const string Name = "v1";

    /// <summary>The document as <c>docs/openapi.json</c> has it.</summary>
    public static async Task<string> JsonAsync() => await Describe().SerializeAsJsonAsync(OpenApiSpecVersion.OpenApi3_1) + "\n";

    /// <summary>A route's path as the document has it, which knows no parameter with slashes.</summary>
    public static string PathOf(RouteConfig route) => route.Match.Path!.Replace("{**", "{", StringComparison.Ordinal);

    private static OpenApiDocument Describe()
    {
        var document = new OpenApiDocument();
        document.Info = new()
        {
            Title = "RemixProxy",
            Version = Name,
            Description =
                "The OpenAI Videos API on providers that are alive. Change the base URL, keep the code. " +
                "A call that costs money (create, remix, edit, extend) is sent to its provider once: a repeat gets the first one's video. " +
                "A request that is no operation is answered with 404 or 405 `unsupported_operation`, in the form of every error. " +
                "The host serves all of it below `/openai/v1` and `/openai` too, and ignores `api-version`. " +
                "Every error tells in `x-should-retry: false` that a repeat can't mend it.",
        };
        // Relative to where the document was found, so it is right behind any host, path or gateway.
        document.Servers = [new() { Url = "/" }];
        document.Components = new();
        document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>(StringComparer.Ordinal)
        {
            ["bearer"] = new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.Http,
                Scheme = "bearer",
                Description = "A key of a configured client. While no clients are configured any key is accepted, or none, and only connections from this machine are served.",
            },
        };
        document.Security = [[], new() { [new("bearer", document)] = [] }];
        document.Tags = new HashSet<OpenApiTag>
        {
            new() { Name = "Videos", Description = "Make videos, follow them, fetch their bytes." },
            new() { Name = "Models", Description = "What requests may name." },
            new() { Name = "Operations", Description = "For probes and scrapers. They answer everybody." },
        };
        document.Paths = [];
        var operations = new ApiOperations(document);
        foreach (var route in RemixProxyConfigProvider.Operations)
        {
            var (operation, path) = (Enum.Parse<VideoOperation>(route.Metadata![ProxyNames.Operation]), PathOf(route));
            foreach (var method in route.Match.Methods!) Add(document, path, new(method), operations.Describe(operation, method, path));
        }

        foreach (var (path, operation) in operations.OfHost()) Add(document, path, HttpMethod.Get, operation);
        // By name, so that the text doesn't depend on who asked for one first.
        document.Components.Schemas = document.Components.Schemas!.OrderBy(s => s.Key, StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal);
        document.RegisterComponents();
        return document;
    }

    private static void Add(OpenApiDocument document, string path, HttpMethod method, OpenApiOperation operation)
    {
        if (!document.Paths.TryGetValue(path, out var item)) document.Paths[path] = item = new OpenApiPathItem();
        var operations = ((OpenApiPathItem)item).Operations ??= [];
        operations[method] = operation;
    }
}
