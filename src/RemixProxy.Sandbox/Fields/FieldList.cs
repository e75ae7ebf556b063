using System.Text.Json.Nodes;

namespace RemixProxy.Sandbox.Fields;

/// <summary>The fields that an object may have. The list is closed: any other field is refused.</summary>
internal sealed class FieldList
{
    private readonly FieldCondition[] _conditions;

    public FieldList(params (string Name, FieldRule Rule)[] fields)
        : this(fields, [])
    {
    }

    private FieldList((string Name, FieldRule Rule)[] fields, FieldCondition[] conditions)
    {
        Fields = new OrderedDictionary<string, FieldRule>(fields.Select(field => KeyValuePair.Create(field.Name, field.Rule)), StringComparer.Ordinal);
        _conditions = conditions;
    }

    /// <summary>The rules by name, in the order in which they are checked.</summary>
    public IReadOnlyDictionary<string, FieldRule> Fields { get; }

    /// <summary>The list with further fields; one of the same name replaces the earlier.</summary>
    public FieldList With(params (string Name, FieldRule Rule)[] fields) =>
        new([.. Fields.Where(own => !fields.Any(field => field.Name == own.Key)).Select(own => (own.Key, own.Value)), .. fields], _conditions);

    /// <summary>The list with combinations that are refused.</summary>
    public FieldList But(params FieldCondition[] conditions) =>
        new([.. Fields.Select(own => (own.Key, own.Value))], [.. _conditions, .. conditions]);

    public void Check(JsonObject body, FieldCheck at)
    {
        foreach (var (name, rule) in Fields)
        {
            if (at.Files?.GetFile(name) is { } file)
                rule.CheckFile(file, at.Below(name));
            else if (body[name] is { } value)
                rule.Check(value, at.Below(name));
            else if (!at.TakesNulls && body.ContainsKey(name))
                at.Below(name).Report(FieldFault.Type, "Expected a value, received null.");
            else if (rule.IsRequired)
                at.Below(name).Report(FieldFault.Missing, "This field is required.");
        }

        foreach (string name in body.Select(field => field.Key).Concat(at.Files?.Select(file => file.Name) ?? []).Where(name => !Fields.ContainsKey(name)))
            at.Below(name).Report(FieldFault.Unknown, $"Unknown field {name}.");
        foreach (var condition in _conditions)
            condition.Check(body, at);
    }
}
