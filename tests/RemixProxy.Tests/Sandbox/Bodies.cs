using System.Text;
using System.Text.Json.Nodes;
using RemixProxy.Adapters;

namespace RemixProxy.Tests.Sandbox;

/// <summary>Bodies as they are sent.</summary>
internal static class Bodies
{
    /// <summary>A JSON body, with the name of each file as its bytes.</summary>
    public static JsonObject Whole(NativeBody? native)
    {
        var body = (JsonBody)native!;
        var text = Encoding.UTF8.GetString(body.Utf8.Span);
        // All of it is ASCII, so a file's position in the bytes is that in the text.
        foreach (var (offset, file) in body.Media.Reverse()) text = text.Insert(offset, Convert.ToBase64String(Encoding.ASCII.GetBytes(file.Name)));
        return JsonNode.Parse(text)!.AsObject();
    }
}
