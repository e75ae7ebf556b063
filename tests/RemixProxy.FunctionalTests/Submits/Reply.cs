using System.Text.Json.Nodes;

namespace RemixProxy.FunctionalTests.Submits;

/// <summary>An answer of the proxy, read whole.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Headers">Headers, also those of the body.</param>
/// <param name="Text">The body.</param>
internal sealed record Reply(int Status, IReadOnlyDictionary<string, string> Headers, string Text)
{
    public JsonObject Json => JsonNode.Parse(Text)!.AsObject();

    /// <summary>The id of the video.</summary>
    public string Id
    {
        get
        {
            Assert.True(Status == 200, $"{Status}: {Text}");
            return Json["id"]!.GetValue<string>();
        }
    }

    /// <summary>The code of the error.</summary>
    public string? Code => Json["error"]?["code"]?.GetValue<string>();

    public string? Param => Json["error"]?["param"]?.GetValue<string>();

    public bool IsReplayed => Header("Idempotent-Replayed") == "true";

    public string? Header(string name) => Headers.GetValueOrDefault(name);

    /// <summary>Asserts an error: its status and code here, its form always.</summary>
    public void AssertError(int status, string code)
    {
        Assert.True(status == Status && code == Code, $"{status} {code} was expected, this came: {Status} {Text}");
        ErrorForm.Check(this);
    }
}
