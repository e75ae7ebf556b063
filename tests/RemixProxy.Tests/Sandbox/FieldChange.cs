using System.Globalization;
using System.Text.Json.Nodes;
using RemixProxy.Sandbox.Fields;

namespace RemixProxy.Tests.Sandbox;

/// <summary>A good body with one field changed, added or left out.</summary>
/// <param name="Path">The field, dotted.</param>
/// <param name="Value">Its value; null: left out.</param>
/// <param name="IsGood">Whether the list allows it.</param>
internal sealed record FieldChange(string Path, JsonNode? Value, bool IsGood)
{
    /// <summary>An address that nobody takes.</summary>
    public const string BadAddress = "ftp://example.com/?";

    /// <summary>All changes that a rule speaks of: of each field in the body, and of each simple field that is not in it.</summary>
    public static IEnumerable<FieldChange> Of(FieldRule rule, JsonNode body, string path = "") => rule switch
    {
        ObjectRule { Fields: { } fields } => Of(fields, body, path),
        VariantRule variant => Of(variant.Options[body[variant.Name]!.GetValue<string>()], body, path),
        ListRule list => [Bad(path, "x"), .. Of(list.Item, body[0]!, path + ".0")],
        // What is wrong for one of them may be good for another; only true is for none.
        EitherRule either =>
        [
            .. either.Options.Any(o => o is FlagRule) ? Array.Empty<FieldChange>() : [Bad(path, true)],
            .. either.Options.Where(o => IsSimple(o) || IsMeant(o, body)).SelectMany(o => Of(o, body, path)).Where(c => c.IsGood || c.Path != path),
        ],
        FileRule file => Of(file.Otherwise, body, path),
        _ => [.. Good(rule).Select(value => new FieldChange(path, value, true)), .. Wrong(rule).Select(value => Bad(path, value))],
    };

    public JsonObject In(JsonObject body)
    {
        var copy = (JsonObject)body.DeepClone();
        var steps = Path.Split('.');
        var owner = steps[..^1].Aggregate((JsonNode)copy, Step);
        if (owner is JsonArray items) items[int.Parse(steps[^1], CultureInfo.InvariantCulture)] = Value?.DeepClone();
        else if (Value is null) ((JsonObject)owner).Remove(steps[^1]);
        else owner[steps[^1]] = Value.DeepClone();
        return copy;
    }

    public override string ToString() => $"{Path} = {Value?.ToJsonString() ?? "(left out)"}";

    private static IEnumerable<FieldChange> Of(FieldList fields, JsonNode body, string path)
    {
        var prefix = path.Length == 0 ? "" : path + ".";
        yield return Bad(prefix + "unlisted", 1);
        foreach (var (name, rule) in fields.Fields)
        {
            if (rule.IsRequired) yield return new(prefix + name, null, false);
            if (body[name] is not null || IsSimple(rule))
            {
                foreach (var change in Of(rule, body[name] ?? new JsonObject(), prefix + name)) yield return change;
            }
        }
    }

    private static IEnumerable<JsonNode> Good(FieldRule rule) => rule switch
    {
        TextRule text => [text.Prefix + "x"],
        WordRule word => [word.Words[0], word.Words[^1]],
        SecondsRule seconds => [FormattableString.Invariant($"{seconds.Min}s"), FormattableString.Invariant($"{seconds.Max - 0.5}s")],
        WholeRule { Only: { } only } => [only[0], only[^1]],
        WholeRule whole => [whole.Min, whole.Max],
        NumberRule number => [number.Min],
        FlagRule flag => flag.Only is { } only ? [only] : [true, false],
        MediaRule { Forms: var forms } when forms.HasFlag(MediaForms.Url) => ["https://example.com/a"],
        MediaRule { Forms: MediaForms.Base64 } => ["AAAA"],
        _ => [],
    };

    private static IEnumerable<JsonNode> Wrong(FieldRule rule) => rule switch
    {
        TextRule { Max: < 100_000 } text => [5, "", new string('x', text.Max + 1)],
        TextRule => [5],
        WordRule => [5, "none of them", new JsonArray()],
        SecondsRule seconds =>
            [seconds.Min, "8", FormattableString.Invariant($"{seconds.Max + 1}s"), FormattableString.Invariant($"{seconds.Min - 1}s")],
        WholeRule whole => ["5", 4.5, true, whole.Max + 1, whole.Min - 1],
        NumberRule number => ["5", number.Min - 1],
        FlagRule flag => flag.Only is { } only ? [!only, "true"] : [1, "true"],
        MediaRule => [5, BadAddress],
        ObjectRule => ["x", new JsonArray()],
        _ => [],
    };

    private static FieldChange Bad(string path, JsonNode value) => new(path, value, false);

    private static bool IsSimple(FieldRule rule) => rule switch
    {
        EitherRule either => either.Options.All(IsSimple),
        FileRule file => IsSimple(file.Otherwise),
        _ => rule is not (ListRule or VariantRule or ObjectRule { Fields: not null }),
    };

    private static bool IsMeant(FieldRule rule, JsonNode body) => rule is ListRule ? body is JsonArray : body is JsonObject;

    private static JsonNode Step(JsonNode node, string step) =>
        (node is JsonArray items ? items[int.Parse(step, CultureInfo.InvariantCulture)] : node[step])!;
}
