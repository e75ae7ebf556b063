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
    private const string Source = "video";

    public static OpenApiRequestBody Of(VideoOperation operation)
    {
        var hasSource = operation is VideoOperation.Edit or VideoOperation.Extend;
        var encoding = new Dictionary<string, OpenApiEncoding>(StringComparer.Ordinal);
        foreach (var image in new[] { FieldNames.FirstFrame, FieldNames.LastFrame, FieldNames.ReferenceImages })
            encoding[image] = new() { ContentType = "image/jpeg, image/png, image/webp" };
        encoding[FieldNames.ReferenceVideos] = new() { ContentType = "video/*" };
        encoding[FieldNames.ReferenceAudio] = new() { ContentType = "audio/*" };
        if (hasSource) encoding[Source] = new() { ContentType = "video/*" };
        return new()
        {
            Required = true,
            Description = "JSON or a form alike. Fields are read by meaning: the README lists the names of other servers that are read as these. "
                + "Other fields go to the provider where its adapter knows them; what is left is told in `extra_fields.adjustments`.",
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
        properties[FieldNames.Resolution] = new OpenApiSchema
        {
            Type = JsonSchemaType.String, Description = "The size in words, with `aspect_ratio`; beside `size` they win.", Examples = ["720p"],
        };
        properties[FieldNames.AspectRatio] = new OpenApiSchema { Type = JsonSchemaType.String, Description = "See `resolution`.", Examples = ["16:9"] };
        properties[FieldNames.Audio] = new OpenApiSchema { Type = JsonSchemaType.Boolean, Description = "Sound on or off; see `audio` in `/v1/models`." };
        properties[FieldNames.Seed] = new OpenApiSchema { Type = JsonSchemaType.Integer, Description = "Makes a result repeatable where the model can." };
        properties[FieldNames.NegativePrompt] = new OpenApiSchema { Type = JsonSchemaType.String, Description = "What the video must not show." };
        properties[FieldNames.Outputs] = new OpenApiSchema
        {
            Type = JsonSchemaType.Integer, Minimum = "1", Description = "How many videos; more than one only where a job makes several.",
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
        foreach (var (name, description, isList) in Media())
        {
            var one = new OpenApiSchema
            {
                Description = description,
                AnyOf =
                [
                    MediaUrl(name),
                    new OpenApiSchema
                    {
                        Type = JsonSchemaType.Object,
                        Properties = new Dictionary<string, IOpenApiSchema>(StringComparer.Ordinal)
                        {
                            [UrlOf(name)] = MediaUrl(name), ["url"] = MediaUrl(name), ["file_id"] = FileId(),
                        },
                        MinProperties = 1,
                        MaxProperties = 1,
                        AdditionalPropertiesAllowed = false,
                    },
                ],
            };
            yield return (name, isList ? new() { Type = JsonSchemaType.Array, Items = one, Description = description } : one);
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
        foreach (var (name, description, isList) in Media())
        {
            var file = File(description);
            yield return (name, isList ? new() { Type = JsonSchemaType.Array, Items = file, Description = description } : file);
            if (isList) continue;
            yield return ($"{name}[{UrlOf(name)}]", MediaUrl(name));
            yield return (name + "[file_id]", FileId());
        }

        if (operation is VideoOperation.Edit or VideoOperation.Extend)
        {
            yield return (Source, File("The video to work on, as a file; or name one in `video[id]`."));
            yield return (Source + "[id]", SourceId());
        }
    }

    private static IEnumerable<(string Name, string Description, bool IsList)> Media() =>
    [
        (FieldNames.FirstFrame, "The image to start from.", false),
        (FieldNames.LastFrame, "The image to end with.", false),
        (FieldNames.ReferenceImages, "Images to refer to.", true),
        (FieldNames.ReferenceVideos, "Videos to refer to.", true),
        (FieldNames.ReferenceAudio, "Sounds to refer to.", true),
    ];

    private static string UrlOf(string name) => name switch
    {
        FieldNames.ReferenceVideos => "video_url",
        FieldNames.ReferenceAudio => "audio_url",
        _ => "image_url",
    };

    private static OpenApiSchema File(string description) => new() { Type = JsonSchemaType.String, Format = "binary", Description = description };

    private static OpenApiSchema MediaUrl(string name) => new()
    {
        Type = JsonSchemaType.String, Format = "uri",
        Description = "A public https address, or a data URL in base64" + (UrlOf(name) == "image_url" ? ", of a JPEG, PNG or WebP." : "."),
    };

    private static OpenApiSchema FileId() =>
        new() { Type = JsonSchemaType.String, Description = "A file of an OpenAI-compatible server's own; 400 elsewhere." };

    private static OpenApiSchema SourceId() => new() { Type = JsonSchemaType.String, Description = "The id of a completed video." };
}
