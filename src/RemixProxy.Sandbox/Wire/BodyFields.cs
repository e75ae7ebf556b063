using System.Text.Json;
using System.Text.Json.Nodes;

namespace RemixProxy.Sandbox.Wire;

/// <summary>Reads a JSON object as strictly as the vendors do: everything read is checked, and what was never read is unknown.</summary>
internal sealed class BodyFields
{
    private readonly JsonObject _object;
    private readonly string _path;
    private readonly List<FieldProblem> _problems;
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);

    private BodyFields(JsonObject source, string path, List<FieldProblem> problems)
    {
        _object = source;
        _path = path;
        _problems = problems;
    }

    /// <summary>Everything found wrong so far, of nested objects too.</summary>
    public IReadOnlyList<FieldProblem> Problems => _problems;

    public static BodyFields Of(JsonObject source) => new(source, "", []);

    /// <summary>A body that isn't a JSON object reads as an empty one with a problem.</summary>
    public static BodyFields Parse(ReadOnlySpan<byte> body)
    {
        JsonNode? node = null;
        try
        {
            node = JsonNode.Parse(body, documentOptions: new() { AllowDuplicateProperties = false });
        }
        catch (JsonException)
        {
        }

        return node is JsonObject parsed ? Of(parsed) : new([], "", [new("", FieldFault.Type, "The body is not a JSON object.")]);
    }

    public bool Has(string name) => _object.ContainsKey(name);

    /// <summary>A field whose content the caller checks.</summary>
    public JsonNode? Any(string name, bool required = false)
    {
        _known.Add(name);
        if (_object.TryGetPropertyValue(name, out var value) && value is not null)
            return value;
        if (required)
            Report(name, FieldFault.Missing, "This field is required.");
        return null;
    }

    public string? Text(string name, bool required = false, int maxLength = int.MaxValue)
    {
        if (Any(name, required) is not { } value)
            return null;
        if (value.GetValueKind() != JsonValueKind.String)
            return Report<string>(name, FieldFault.Type, $"Expected a string, received {value.GetValueKind()}.");
        string text = value.GetValue<string>();
        if ((required && text.Length == 0) || text.Length > maxLength)
            return Report<string>(name, FieldFault.Value, Invariant($"Expected 1 to {maxLength} characters, received {text.Length}."));
        return text;
    }

    public string? Choice(string name, IReadOnlyCollection<string> allowed, bool required = false)
    {
        if (Text(name, required) is not { } text)
            return null;
        return allowed.Contains(text) ? text : Report<string>(name, FieldFault.Value, $"Expected one of {string.Join(", ", allowed)}; received {text}.");
    }

    public long? Integer(string name, long min, long max, bool required = false)
    {
        if (Any(name, required) is not { } value)
            return null;
        if (value.GetValueKind() != JsonValueKind.Number || !value.AsValue().TryGetValue(out long number))
            return Report<long?>(name, FieldFault.Type, $"Expected an integer, received {value.ToJsonString()}.");
        return number >= min && number <= max ? number : Report<long?>(name, FieldFault.Value, Invariant($"Expected {min} to {max}, received {number}."));
    }

    public bool? Flag(string name)
    {
        if (Any(name) is not { } value)
            return null;
        return value.GetValueKind() switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            _ => Report<bool?>(name, FieldFault.Type, $"Expected a boolean, received {value.GetValueKind()}."),
        };
    }

    /// <summary>A nested object; its problems are counted here. The caller still closes it with <see cref="RejectUnknown"/>.</summary>
    public BodyFields? Object(string name, bool required = false)
    {
        if (Any(name, required) is not { } value)
            return null;
        return value is JsonObject nested
            ? new(nested, PathOf(name), _problems)
            : Report<BodyFields>(name, FieldFault.Type, $"Expected an object, received {value.GetValueKind()}.");
    }

    /// <summary>An array of objects.</summary>
    public IReadOnlyList<BodyFields> Objects(string name, int maxCount)
    {
        if (Any(name) is not { } value)
            return [];
        if (value is not JsonArray array || array.Any(item => item is not JsonObject))
            return Report<IReadOnlyList<BodyFields>>(name, FieldFault.Type, "Expected an array of objects.") ?? [];
        if (array.Count > maxCount)
            Report(name, FieldFault.Value, Invariant($"Expected at most {maxCount} items, received {array.Count}."));
        return [.. array.Select((item, index) => new BodyFields((JsonObject)item!, Invariant($"{PathOf(name)}.{index}"), _problems))];
    }

    /// <summary>Names fields that are allowed without a look at their content.</summary>
    public void Allow(params ReadOnlySpan<string> names)
    {
        foreach (string name in names)
            _known.Add(name);
    }

    /// <summary>Reports every field that nobody asked for.</summary>
    public void RejectUnknown()
    {
        foreach (var (name, _) in _object)
        {
            if (!_known.Contains(name))
                Report(name, FieldFault.Unknown, $"Unknown field {name}.");
        }
    }

    public void Report(string name, FieldFault fault, string message) => _problems.Add(new(PathOf(name), fault, message));

    private T? Report<T>(string name, FieldFault fault, string message)
    {
        Report(name, fault, message);
        return default;
    }

    private string PathOf(string name) => _path.Length == 0 ? name : name.Length == 0 ? _path : $"{_path}.{name}";
}
