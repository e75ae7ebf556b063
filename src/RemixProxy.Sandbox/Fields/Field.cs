using System.Text.Json.Nodes;

namespace RemixProxy.Sandbox.Fields;

/// <summary>The words in which a simulator writes down what its vendor accepts.</summary>
internal static class Field
{
    public static FieldRule Any() => new AnyRule();

    /// <summary>A string of so many UTF-16 code units.</summary>
    public static FieldRule Text(int max = int.MaxValue, int min = 1) => new TextRule(min, max, "");

    public static FieldRule Prefixed(string prefix, int max = int.MaxValue) => new TextRule(1, max, prefix);

    public static FieldRule Word(params string[] words) => new WordRule(words);

    /// <summary>Seconds as text with their unit.</summary>
    public static FieldRule Seconds(double min, double max) => new SecondsRule(min, max);

    public static FieldRule Whole(long min, long max) => new WholeRule(min, max);

    public static FieldRule OneOf(params long[] numbers) => new WholeRule(numbers.Min(), numbers.Max(), numbers);

    public static FieldRule Number(double min = double.MinValue, double max = double.MaxValue) => new NumberRule(min, max);

    public static FieldRule Flag(bool? only = null) => new FlagRule(only);

    /// <summary>An object that is not looked into.</summary>
    public static FieldRule Object() => new ObjectRule(null);

    public static FieldRule Object(FieldList fields) => new ObjectRule(fields);

    public static FieldRule Object(params (string Name, FieldRule Rule)[] fields) => new ObjectRule(new(fields));

    public static FieldRule List(FieldRule item, int max = int.MaxValue) => new ListRule(item, max);

    public static FieldRule Either(params FieldRule[] options) => new EitherRule(options);

    /// <summary>An object with another closed list for each word in the field <paramref name="name"/>.</summary>
    public static FieldRule Variant(string name, params (string Word, FieldList Fields)[] options) =>
        Variant(name, [.. options.Select(option => (option.Word, Object(option.Fields)))]);

    /// <summary>The same where a further word decides.</summary>
    public static FieldRule Variant(string name, params (string Word, FieldRule Rule)[] options) =>
        new VariantRule(name, options.ToDictionary(option => option.Word, option => option.Rule.Knowing(name), StringComparer.Ordinal));

    /// <summary>A form's file of one of these types (none named: any), or a value in its place.</summary>
    public static FieldRule FileOr(FieldRule otherwise, params string[] contentTypes) => new FileRule(contentTypes, otherwise);

    public static FieldRule Image(MediaForms forms, int maxBytes = int.MaxValue) => new MediaRule("image/", forms, maxBytes);

    public static FieldRule Video(MediaForms forms, int maxBytes = int.MaxValue) => new MediaRule("video/", forms, maxBytes);

    /// <summary>A field that is refused where a condition holds.</summary>
    public static FieldCondition Refuse(string name, string message, Func<JsonObject, bool> when) => new(name, FieldFault.Value, message, when);

    /// <summary>A field that is needed where a condition holds.</summary>
    public static FieldCondition Need(string name, Func<JsonObject, bool> when) =>
        new(name, FieldFault.Missing, "This field is required.", body => !body.Has(name) && when(body));

    public static FieldCondition ExactlyOne(params string[] names) =>
        new("", FieldFault.Value, $"Expected exactly one of {string.Join(", ", names)}.", body => names.Count(body.Has) != 1);
}
