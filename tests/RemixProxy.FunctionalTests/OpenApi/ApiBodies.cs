using System.Globalization;
using Microsoft.OpenApi;
using RemixProxy.Contract;
using RemixProxy.Operations.Submit;

namespace RemixProxy.FunctionalTests.OpenApi;

/// <summary>
/// The bodies of submits. They are open: other fields go to the provider if its adapter knows them, and are reported in <c>adjustments</c> if not.
/// </summary>
internal static class ApiBodies
{
    private const string Json = "application/json";
    private const string Form = "multipart/form-data";
    private const string Reference = "input_reference";
    private const string Source = "video";

    public static OpenApiRequestBody Of(VideoOperation operation)
    {
        var hasSource = operation is VideoOperation.Edit or VideoOperation.Extend;
        var encoding = new Dictionary<string, OpenApiEncoding>(StringComparer.Ordinal);
        if (operation == VideoOperation.Create) encoding[Reference] = new() { ContentType = "image/jpeg, image/png, image/webp" };
        if (hasSource) encoding[Source] = new() { ContentType = "video/*" };
        return new()
        {
            Required = true,
            Description = "JSON or a form alike. Fields that this list doesn't have go to the provider where its adapter knows them; the others are told in `extra_fields.adjustments`.",
            Content = new Dictionary<string, IOpenApiMediaType>(StringComparer.Ordinal)
            {
                [Json] = new OpenApiMediaType
                {
                    Schema = Body(
                operation, hasSource ? [.. Required(operation), Source] : Required(operation), InJson(operation))
                },
                [Form] = new OpenApiMediaType { Schema = Body(operation, Required(operation), InForm(operation)), Encoding = encoding },
            },
        };
    }

    private static string[] Required(VideoOperation operation) => operation == VideoOperation.Extend ? ["prompt", "seconds"] : ["prompt"];

    private static OpenApiSchema Body(VideoOperation operation, string[] required, IEnumerable<(string Name, OpenApiSchema Schema)> more)
    {
        var properties = new Dictionary<string, IOpenApiSchema>(StringComparer.Ordinal)
        {
            ["prompt"] = new OpenApiSchema
            {
                Type = JsonSchemaType.String, MinLength = 1, MaxLength = SubmitIntent.MaxPrompt,
                Description = "What the video shows, or what changes; more than white space."
            },
            ["model"] = new OpenApiSchema
            {
                Type = JsonSchemaType.String, MaxLength = SubmitIntent.MaxModel, Description = ModelOf(operation),
                Examples = ["sora-2", "runway/gen4.5"]
            },
            ["seconds"] = new OpenApiSchema
            {
                Type = JsonSchemaType.String | JsonSchemaType.Number,
                ExclusiveMinimum = "0",
                Maximum = SubmitIntent.MaxSeconds.ToString(CultureInfo.InvariantCulture),
                Description = SecondsOf(operation) + " A number or its text; fitted to what the model makes.",
            },
            ["size"] = new OpenApiSchema
            {
                Type = JsonSchemaType.String, Pattern = "^[0-9]{1,5}[xX][0-9]{1,5}$",
                Description = SizeOf(operation) + " Pixels, width x height, 1 to 16384 each; fitted to what the model makes.", Examples = ["1280x720"]
            },
        };
        foreach (var (name, schema) in more) properties[name] = schema;
        return new() { Type = JsonSchemaType.Object, Required = new HashSet<string>(required, StringComparer.Ordinal), Properties = properties };
    }

    private static string ModelOf(VideoOperation operation) => operation switch
    {
        VideoOperation.Create => "`provider/model`, an alias, or a model that a provider declares; by default the operator's `DefaultModel`.",
        VideoOperation.Edit or VideoOperation.Extend =>
            "By default the one that does this at the source's provider; with a file the operator's `DefaultModel` names the provider.",
        _ => "By default the one that edits at the source's provider. `provider/model` of another provider remixes there.",
    };

    private static string SecondsOf(VideoOperation operation) => operation switch
    {
        VideoOperation.Create => "Length in seconds, by default 4.",
        VideoOperation.Extend => "Seconds to add.",
        _ => "Length in seconds, by default the source's.",
    };

    private static string SizeOf(VideoOperation operation) => operation == VideoOperation.Create ? "By default 720x1280." : "By default the source's.";

    private static IEnumerable<(string Name, OpenApiSchema Schema)> InJson(VideoOperation operation)
    {
        if (operation == VideoOperation.Create)
        {
            yield return (Reference, new()
            {
                Type = JsonSchemaType.Object,
                Description = "The image to start from: one of the two.",
                Properties = new Dictionary<string, IOpenApiSchema>(StringComparer.Ordinal) { ["image_url"] = ImageUrl(), ["file_id"] = FileId() },
                MinProperties = 1,
                MaxProperties = 1,
                AdditionalPropertiesAllowed = false,
            });
        }

        if (operation is VideoOperation.Edit or VideoOperation.Extend)
        {
            yield return (Source, new()
            {
                Type = JsonSchemaType.Object,
                Description = "The video to work on.",
                Properties = new Dictionary<string, IOpenApiSchema>(StringComparer.Ordinal) { ["id"] = SourceId() },
                Required = new HashSet<string>(StringComparer.Ordinal) { "id" },
                AdditionalPropertiesAllowed = false,
            });
        }
    }

    private static IEnumerable<(string Name, OpenApiSchema Schema)> InForm(VideoOperation operation)
    {
        if (operation == VideoOperation.Create)
        {
            yield return (Reference, File("The image to start from, as a file."));
            yield return (Reference + "[image_url]", ImageUrl());
            yield return (Reference + "[file_id]", FileId());
        }

        if (operation is VideoOperation.Edit or VideoOperation.Extend)
        {
            yield return (Source, File("The video to work on, as a file; or name one in `video[id]`."));
            yield return (Source + "[id]", SourceId());
        }
    }

    private static OpenApiSchema File(string description) => new() { Type = JsonSchemaType.String, Format = "binary", Description = description };

    private static OpenApiSchema ImageUrl() =>
        new() { Type = JsonSchemaType.String, Format = "uri", Description = "A public https address, or a data URL in base64, of a JPEG, PNG or WebP." };

    private static OpenApiSchema FileId() =>
        new() { Type = JsonSchemaType.String, Description = "A file of an OpenAI-compatible server's own; 400 elsewhere." };

    private static OpenApiSchema SourceId() => new() { Type = JsonSchemaType.String, Description = "The id of a completed video." };
}
