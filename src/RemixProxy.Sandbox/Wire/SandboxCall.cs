using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using RemixProxy.Sandbox.Jobs;

namespace RemixProxy.Sandbox.Wire;

/// <summary>One call of a simulated API: the account, the body already read, and the time it counts for.</summary>
internal sealed class SandboxCall(HttpRequest request, SandboxAccount account, DateTimeOffset now, byte[] body, IFormCollection? form)
{
    public HttpRequest Request => request;
    public SandboxAccount Account => account;
    public DateTimeOffset Now => now;
    public byte[] Body => body;

    /// <summary>The form of a multipart request.</summary>
    public IFormCollection? Form => form;

    /// <summary>The id in the path; Kestrel leaves %2F alone, everything else is decoded.</summary>
    public string Id => Uri.UnescapeDataString((string?)request.RouteValues["id"] ?? "");

    public bool IsJson => string.Equals(request.ContentType?.Split(';')[0].Trim(), "application/json", StringComparison.OrdinalIgnoreCase);

    /// <summary>
    /// The body as an object: JSON, or a form whose bracket names (<c>video[id]</c>) become objects; <see langword="null"/> where it is neither.
    /// </summary>
    public JsonObject? ReadBody()
    {
        if (form is not null)
            return FieldsOf(form);
        try
        {
            return JsonNode.Parse(body, documentOptions: new() { AllowDuplicateProperties = false }) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    public static byte[] Read(IFormFile file)
    {
        using var content = file.OpenReadStream();
        byte[] bytes = new byte[file.Length];
        content.ReadExactly(bytes);
        return bytes;
    }

    private static JsonObject FieldsOf(IFormCollection form)
    {
        var root = new JsonObject();
        foreach (var (key, values) in form)
        {
            int bracket = key.IndexOf('[', StringComparison.Ordinal);
            if (bracket > 0 && key.EndsWith(']') && root[key[..bracket]] is null or JsonObject)
            {
                if (root[key[..bracket]] is not JsonObject nested)
                    root[key[..bracket]] = nested = [];
                nested[key[(bracket + 1)..^1]] = values.ToString();
            }
            else
            {
                root[key] = values.ToString();
            }
        }

        return root;
    }
}
