using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using RemixProxy.Contract;
using RemixProxy.Pipeline;
using RemixProxy.Providers;

namespace RemixProxy.Host.OpenApi;

/// <summary>The description of everything that callers see, at <c>/openapi/v1.json</c>. YARP's routes are no endpoints that the library could describe: it is given what their table, their types and the errors say.</summary>
internal static class ApiDocument
{
    /// <summary>Where it is served; to everybody, since it holds nothing that the repository doesn't.</summary>
    public const string Path = "/openapi/v1.json";

    private const string Name = "v1";

    public static void AddApiDocument(this IServiceCollection services) => services.AddOpenApi(Name, options =>
    {
        options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
        options.AddDocumentTransformer((document, _, _) =>
        {
            Describe(document);
            return Task.CompletedTask;
        });
    });

    /// <summary>Serves the document, made when it is first asked for: the library's own endpoint would make it anew each time.</summary>
    public static void MapApiDocument(this IEndpointRouteBuilder app)
    {
        var services = app.ServiceProvider;
        var json = new Lazy<Task<string>>(async () => await JsonOf(await services.GetRequiredKeyedService<IOpenApiDocumentProvider>(Name).GetOpenApiDocumentAsync()));
        app.MapGet(Path, async () => TypedResults.Text(await json.Value, "application/json")).ExcludeFromDescription();
    }

    public static Task<string> JsonOf(OpenApiDocument document) => document.SerializeAsJsonAsync(OpenApiSpecVersion.OpenApi3_1);

    /// <summary>Describes the API in a document; what else the library found in the host stays as it is.</summary>
    public static void Describe(OpenApiDocument document)
    {
        document.Info = new()
        {
            Title = "RemixProxy",
            Version = Name,
            Description =
                "The OpenAI Videos API on providers that are alive. Change the base URL, keep the code. " +
                "A call that costs money (create, remix, edit, extend) is sent to its provider once: a repeat gets the first one's video. " +
                "A request that is no operation is answered with 404 or 405 `unsupported_operation`, in the form of every error. " +
                "Every error tells in `x-should-retry: false` that a repeat can't mend it.",
        };
        // Relative to where the document was found, so it is right behind any host, path or gateway.
        document.Servers = [new() { Url = "/" }];
        document.Components ??= new();
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
        var found = document.Paths;
        document.Paths = [];
        var operations = new ApiOperations(document);
        foreach (var route in RemixProxyConfigProvider.Routes)
        {
            var operation = Enum.Parse<VideoOperation>(route.Metadata![ProxyNames.Operation]);
            if (operation == VideoOperation.None) continue;
            foreach (var method in route.Match.Methods!) Add(document, route.Match.Path!, new(method), operations.Describe(operation, method));
        }

        foreach (var (path, operation) in operations.OfHost()) Add(document, path, HttpMethod.Get, operation);
        foreach (var (path, item) in found.Where(p => !document.Paths.ContainsKey(p.Key))) document.Paths[path] = item;
        // As the library orders them, so that the document is the same text whoever made it.
        document.Components.Schemas = document.Components.Schemas!.OrderBy(s => s.Key, StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal);
        document.RegisterComponents();
    }

    private static void Add(OpenApiDocument document, string path, HttpMethod method, OpenApiOperation operation)
    {
        if (!document.Paths.TryGetValue(path, out var item)) document.Paths[path] = item = new OpenApiPathItem();
        var operations = ((OpenApiPathItem)item).Operations ??= [];
        operations[method] = operation;
    }
}
