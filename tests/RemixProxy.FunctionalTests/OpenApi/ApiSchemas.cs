using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Microsoft.OpenApi;
using RemixProxy.Contract;

namespace RemixProxy.FunctionalTests.OpenApi;

/// <summary>
/// The schemas of what is answered, from the types that are written: names, order, kinds and what may be null or absent can't differ from the code. What fields
/// mean is <see cref="ApiFields"/>'.
/// </summary>
internal sealed class ApiSchemas(OpenApiDocument document)
{
    private readonly Dictionary<string, OpenApiSchema> _fields = ApiFields.All();

    /// <summary>A type's schema, kept among the document's components.</summary>
    /// <exception cref="InvalidOperationException">A field has no description.</exception>
    public OpenApiSchemaReference Of(Type type)
    {
        if (document.Components?.Schemas?.ContainsKey(type.Name) != true)
            document.AddComponent(type.Name, ObjectOf(VideoJsonContext.Answer.GetTypeInfo(type)!));
        return new(type.Name, document);
    }

    /// <summary>Every description must have been of some field.</summary>
    /// <exception cref="InvalidOperationException">A field that is described is gone.</exception>
    public void Close()
    {
        if (_fields.Count > 0) throw new InvalidOperationException($"There is no {string.Join(", ", _fields.Keys)}.");
    }

    private OpenApiSchema ObjectOf(JsonTypeInfo type)
    {
        var schema = new OpenApiSchema
        {
            Type = JsonSchemaType.Object,
            Properties = new Dictionary<string, IOpenApiSchema>(StringComparer.Ordinal),
            Required = new HashSet<string>(StringComparer.Ordinal),
            AdditionalPropertiesAllowed = false,
        };
        foreach (var property in type.Properties)
        {
            if (!_fields.Remove($"{type.Type.Name}.{property.Name}", out var field))
                throw new InvalidOperationException($"{type.Type.Name}.{property.Name} has no description.");
            var isAlways = property.AttributeProvider?.GetCustomAttributes(typeof(JsonIgnoreAttribute), inherit: true).Length is null or 0;
            if (isAlways) schema.Required.Add(property.Name);
            schema.Properties[property.Name] = Complete(field, property.PropertyType, isNullable: isAlways && property.IsGetNullable);
        }

        return schema;
    }

    private IOpenApiSchema Complete(OpenApiSchema field, Type declared, bool isNullable)
    {
        var type = Nullable.GetUnderlyingType(declared) ?? declared;
        if (type == typeof(JsonNode)) return field;
        if (KindOf(type) is { } kind)
        {
            field.Type = isNullable ? kind | JsonSchemaType.Null : kind;
            if (type == typeof(long)) field.Format = "int64";
            if (type == typeof(byte[])) field.ContentEncoding = "base64";
            if (type.IsEnum)
                field.Enum = [.. Enum.GetValues(type).Cast<object>().Select(
                    value => JsonSerializer.SerializeToNode(value, VideoJsonContext.Answer.GetTypeInfo(type)!)!)];
            return field;
        }

        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>))
        {
            var item = type.GetGenericArguments()[0];
            field.Type = JsonSchemaType.Array;
            field.Items = KindOf(item) is { } simple ? ItemOf(field, simple) : Of(item);
            return field;
        }

        var reference = Of(type);
        if (isNullable)
        {
            field.AnyOf = [reference, new OpenApiSchema { Type = JsonSchemaType.Null }];
            return field;
        }

        reference.Description = field.Description;
        return reference;
    }

    // A list's words and form are said of the list's field, and are its items'.
    private static OpenApiSchema ItemOf(OpenApiSchema field, JsonSchemaType kind)
    {
        var item = new OpenApiSchema { Type = kind, Enum = field.Enum, Pattern = field.Pattern };
        (field.Enum, field.Pattern) = (null, null);
        return item;
    }

    private static JsonSchemaType? KindOf(Type type) => type switch
    {
        { IsEnum: true } => JsonSchemaType.String,
        _ when type == typeof(string) || type == typeof(byte[]) => JsonSchemaType.String,
        _ when type == typeof(bool) => JsonSchemaType.Boolean,
        _ when type == typeof(int) || type == typeof(long) => JsonSchemaType.Integer,
        _ when type == typeof(double) || type == typeof(decimal) => JsonSchemaType.Number,
        _ => null,
    };
}
