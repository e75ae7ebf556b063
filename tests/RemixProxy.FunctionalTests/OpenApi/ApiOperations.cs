using System.Globalization;
using Microsoft.OpenApi;
using RemixProxy.Contract;

namespace RemixProxy.FunctionalTests.OpenApi;

/// <summary>Each operation with its parameters, body and answers.</summary>
internal sealed class ApiOperations(OpenApiDocument document)
{
    private readonly ApiSchemas _schemas = new(document);
    private readonly ApiHeaders _headers = new(document);
    private readonly ApiParameters _parameters = new(document);

    /// <summary>An operation of the Videos API.</summary>
    public OpenApiOperation Describe(VideoOperation operation, string method, string path)
    {
        var isOneModel = operation == VideoOperation.Models && path.EndsWith('}');
        var (id, summary, description) = isOneModel
            ? ("retrieveModel", "Retrieve a model.", "One entry of the list, by its id, or by a model's own name.")
            : Words(operation, method);
        if (method == "HEAD" && operation != VideoOperation.Content)
            (id, description) = (id + "Head", "The status and headers of a GET, without a body, also of errors.");
        var responses = new OpenApiResponses();
        var errors = ApiErrors.Of(operation, document, _schemas, _headers).Where(e => operation != VideoOperation.Models || isOneModel || e.Key != "404");
        foreach (var (status, response) in Good(operation, isOneModel).Concat(errors).OrderBy(r => r.Key, StringComparer.Ordinal)) responses[status] = response;
        return new()
        {
            OperationId = id,
            Summary = summary,
            Description = description,
            Tags = Tag(operation == VideoOperation.Models ? "Models" : "Videos"),
            Parameters = operation == VideoOperation.Character && method == "GET" ? [_parameters.CharacterId()]
                : isOneModel ? [_parameters.Model()] : _parameters.Of(operation),
            RequestBody = VideoOperation.Submit.HasFlag(operation) ? ApiBodies.Of(operation) : null,
            Responses = responses,
        };
    }

    /// <summary>What only the host has.</summary>
    public IEnumerable<(string Path, OpenApiOperation Operation)> OfHost()
    {
        // A request that matches no operation has no path to describe. Its answers are among the components.
        _schemas.Close();
        _ = ApiErrors.Of(VideoOperation.None, document, _schemas, _headers).Count();
        yield return ("/healthz/live", OfHost("live", "Is it alive?", "This process answers.", (200, "It does.", Health("live"))));
        yield return ("/healthz/ready",
        OfHost("ready", "Can it serve?", "Without Redis or the embeddings endpoint it serves as far as it may; without a provider it can't.",
            (200, "It serves. `degraded`: not all that is configured can be reached.", Readiness("ready", "degraded")),
            (503, "It doesn't serve: no provider is enabled, or it is stopping.", Readiness("unavailable"))));
        yield return ("/metrics",
            OfHost("metrics", "Figures for Prometheus.", "The Prometheus text format.",
                (200, "The figures.", ("text/plain", new() { Type = JsonSchemaType.String }))));
    }

    /// <summary>A schema in which members of one object are described more closely.</summary>
    public static OpenApiSchema Narrowed(IOpenApiSchema schema, string member, Dictionary<string, IOpenApiSchema> properties, params string[] required) => new()
    {
        AllOf =
        [
            schema,
            new OpenApiSchema
            {
                Required = new HashSet<string>(StringComparer.Ordinal) { member },
                Properties = new Dictionary<string, IOpenApiSchema>(StringComparer.Ordinal)
                {
                    [member] = new OpenApiSchema { Properties = properties, Required = required.Length > 0
                    ? new HashSet<string>(required, StringComparer.Ordinal) : null },
                },
            },
        ],
    };

    private static (string Id, string Summary, string Description) Words(VideoOperation operation, string method) => (operation, method) switch
    {
        (VideoOperation.Create, _) =>
            ("createVideo", "Create a video.",
            "A new video from a prompt, and perhaps an image. It costs money, and is sent once. The answer comes within 60 seconds; retrieve the video until it is completed."),
        (VideoOperation.List, _) => ("listVideos", "List the caller's videos.", "One list over all providers."),
        (VideoOperation.Retrieve, _) =>
            ("retrieveVideo", "Retrieve a video's state.", "However often it is asked for, the provider is asked once in its interval."),
        (VideoOperation.Delete, _) =>
            ("deleteVideo", "Delete a video.", "It is removed or cancelled at the provider where that can be done, and is 404 from then on."),
        (VideoOperation.Cancel, _) =>
            ("cancelVideo", "Cancel a video.",
            "It is stopped at the provider where that can be done, and then is `failed` with the code `cancelled`. A finished one is answered as it is."),
        (VideoOperation.Content, "HEAD") =>
            ("headVideoContent", "Ask about a video's bytes.", "The status and headers of a download, without a body, also of errors."),
        (VideoOperation.Content, _) => ("downloadVideoContent", "Download a video's bytes.", "Streamed from the provider."),
        (VideoOperation.Remix, _) => ("remixVideo", "Remix a video.", "A new video from an existing one and a new prompt. It costs money, and is sent once."),
        (VideoOperation.Edit, _) =>
            ("editVideo", "Edit a video.", "As remix, with the source in the body: its id, or a file. It costs money, and is sent once."),
        (VideoOperation.Extend, _) => ("extendVideo", "Extend a video.", "A longer video from an existing one. It costs money, and is sent once."),
        (VideoOperation.Models, _) => ("listModels", "List the models.", "What a request's `model` may say, and what each can do."),
        (VideoOperation.Character, "POST") => ("createVideoCharacter", "No provider has characters.", "Part of the OpenAI API; always 400."),
        (VideoOperation.Character, _) => ("retrieveVideoCharacter", "No provider has characters.", "Part of the OpenAI API; always 400."),
        _ => throw new InvalidOperationException($"{operation} has no description."),
    };

    private IEnumerable<KeyValuePair<string, IOpenApiResponse>> Good(VideoOperation operation, bool isOneModel)
    {
        switch (operation)
        {
            case VideoOperation.Create or VideoOperation.Remix or VideoOperation.Edit or VideoOperation.Extend:
                return [Ok("The video, queued, or as far as it is already.", VideoOf(operation, "cache_debug"), _headers.OfSubmit())];
            case VideoOperation.Cancel:
                return [Ok("The video, cancelled, or as it ended before.", VideoOf(operation), _headers.OfAll())];
            case VideoOperation.Retrieve:
                return [Ok("The video.", VideoOf(operation), _headers.OfRetrieve())];
            case VideoOperation.List:
                return [Ok("A page.", _schemas.Of(typeof(VideoList)), _headers.OfAll())];
            case VideoOperation.Delete:
                return [Ok("It is gone.", _schemas.Of(typeof(DeletedVideo)), _headers.OfAll())];
            case VideoOperation.Models when isOneModel:
                return [Ok("The model.", _schemas.Of(typeof(ModelEntry)), _headers.OfAll())];
            case VideoOperation.Models:
                return [Ok("All models.", _schemas.Of(typeof(ModelList)), _headers.OfAll())];
            case VideoOperation.Content:
                return [Bytes(200, "All bytes."), Bytes(206, "The bytes of the range."), Bytes(304, "The caller has them.")];
            default:
                return [];
        }
    }

    private OpenApiSchema VideoOf(VideoOperation operation, params string[] required) =>
        Narrowed(_schemas.Of(typeof(Video)), "extra_fields", new() { ["request_type"] = new OpenApiSchema { Const = operation.RequestType() } }, required);

    private KeyValuePair<string, IOpenApiResponse> Bytes(int status, string description)
    {
        var media = new OpenApiMediaType { Schema = new OpenApiSchema { Type = JsonSchemaType.String, Format = "binary" } };
        return new(status.ToString(CultureInfo.InvariantCulture), new OpenApiResponse
        {
            Description = description,
            Headers = _headers.OfContent(status),
            Content = status == 304
                ? null
                : new Dictionary<string,
                IOpenApiMediaType>(StringComparer.Ordinal)
                { ["video/*"] = media, ["image/*"] = media, ["application/octet-stream"] = media },
        });
    }

    private static KeyValuePair<string, IOpenApiResponse> Ok(string description, IOpenApiSchema schema, Dictionary<string, IOpenApiHeader> headers) =>
        new("200", new OpenApiResponse { Description = description, Headers = headers, Content = Content("application/json", schema) });

    private static Dictionary<string, IOpenApiMediaType> Content(string type, IOpenApiSchema schema) =>
        new(StringComparer.Ordinal) { [type] = new OpenApiMediaType { Schema = schema } };

    private OpenApiOperation OfHost(
        string id, string summary, string description, params (int Status, string Description, (string Type, OpenApiSchema Schema) Body)[] answers)
    {
        var responses = new OpenApiResponses();
        foreach (var (status, text, body) in answers)
            responses[status.ToString(CultureInfo.InvariantCulture)] = new OpenApiResponse { Description = text, Content = Content(body.Type, body.Schema) };
        return new() { OperationId = id, Summary = summary, Description = description, Tags = Tag("Operations"), Security = [], Responses = responses };
    }

    private static (string Type, OpenApiSchema Schema) Health(params string[] words) => ("application/json", Closed(["status"], ("status", Word(words))));

    private static (string Type, OpenApiSchema Schema) Readiness(params string[] words)
    {
        var age = new OpenApiSchema { Type = JsonSchemaType.Number, Description = "For how many seconds it has been so, as far as this process has seen." };
        var state = Closed(["status", "age_seconds"], ("status", Word("up", "down")), ("age_seconds", age));
        var states = Closed([], ("redis", state), ("embedder", state));
        states.Description = "The servers that it needs, as configured.";
        return ("application/json",
            Closed(["status", "dependencies"], ("status", Word(words)),
                ("reason", new() { Type = JsonSchemaType.String, Description = "Why it is no better." }), ("dependencies", states)));
    }

    private static OpenApiSchema Word(params string[] words) => new() { Type = JsonSchemaType.String, Enum = ApiFields.Words(words) };

    private static OpenApiSchema Closed(string[] required, params (string Name, OpenApiSchema Schema)[] properties) => new()
    {
        Type = JsonSchemaType.Object,
        Required = new HashSet<string>(required, StringComparer.Ordinal),
        Properties = properties.ToDictionary(p => p.Name, IOpenApiSchema (p) => p.Schema, StringComparer.Ordinal),
        AdditionalPropertiesAllowed = false,
    };

    private HashSet<OpenApiTagReference> Tag(string name) => [new(name, document)];
}
