using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace RemixProxy.TestKit.Fuzzing;

/// <summary>A JSON value whose parts can be changed to what no other writer would write: doubled names, half characters, numbers without end.</summary>
internal sealed class JsonPiece
{
    private readonly char _kind;
    private string _raw = "";

    private JsonPiece(char kind) => _kind = kind;

    /// <summary>The members or elements; the name of an element is empty. Names are written as they stand here, in quotes.</summary>
    public List<KeyValuePair<string, JsonPiece>> Items { get; } = [];

    public bool IsObject => _kind == '{';

    public bool IsArray => _kind == '[';

    /// <summary>This and all that stands in it.</summary>
    public IEnumerable<JsonPiece> All => Items.SelectMany(i => i.Value.All).Prepend(this);

    /// <summary>A value that is written as it is, JSON or not.</summary>
    public static JsonPiece Raw(string raw) => new('"') { _raw = raw };

    public static JsonPiece Array(params IEnumerable<JsonPiece> elements)
    {
        var array = new JsonPiece('[');
        array.Items.AddRange(elements.Select(e => KeyValuePair.Create("", e)));
        return array;
    }

    public static JsonPiece Object(string name, JsonPiece value) => new('{') { Items = { KeyValuePair.Create(name, value) } };

    /// <summary>Reads JSON; null where it is none.</summary>
    public static JsonPiece? TryRead(string json)
    {
        try
        {
            return Of(JsonElement.Parse(json));
        }
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            return null;
        }
    }

    public override string ToString()
    {
        var text = new StringBuilder();
        Write(text);
        return text.ToString();
    }

    private static JsonPiece Of(JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                var members = new JsonPiece('{');
                members.Items.AddRange(value.EnumerateObject().Select(
                    m => KeyValuePair.Create(Encoding.UTF8.GetString(JsonMarshal.GetRawUtf8PropertyName(m)), Of(m.Value))));
                return members;
            case JsonValueKind.Array:
                return Array(value.EnumerateArray().Select(Of));
            default:
                return Raw(value.GetRawText());
        }
    }

    private void Write(StringBuilder text)
    {
        if (_kind == '"')
        {
            text.Append(_raw);
            return;
        }

        text.Append(_kind);
        foreach (var (index, (name, value)) in Items.Index())
        {
            if (index > 0) text.Append(',');
            if (IsObject) text.Append('"').Append(name).Append("\":");
            value.Write(text);
        }

        text.Append(IsObject ? '}' : ']');
    }
}
