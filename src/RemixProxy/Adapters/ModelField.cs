using RemixProxy.Contract;

namespace RemixProxy.Adapters;

/// <summary>
/// A field that a model takes beside those of every submit: prompt, model, size, seconds, aspect_ratio, resolution, input_reference and video.
/// </summary>
/// <param name="Name">The name in the unified request.</param>
/// <param name="Kind">The kind of value that the field takes.</param>
public sealed record ModelField(string Name, FieldKind Kind)
{
    /// <summary>The operations that take the field.</summary>
    /// <value>All four: <see cref="VideoOperation.Submit"/>.</value>
    public VideoOperation Operations { get; init; } = VideoOperation.Submit;

    /// <summary>The allowed words of a text, in this letter case; empty: any text.</summary>
    public IReadOnlyList<string> Words { get; init; } = [];

    /// <summary>A text.</summary>
    public static ModelField Text(string name, VideoOperation operations = VideoOperation.Submit) => Of(name, FieldKind.Text, operations);

    /// <summary>A text that must be one of the given words.</summary>
    public static ModelField Word(string name, VideoOperation operations, params IReadOnlyList<string> words) =>
        Of(name, FieldKind.Text, operations) with { Words = words };

    /// <summary>A whole number.</summary>
    public static ModelField Integer(string name, VideoOperation operations = VideoOperation.Submit) => Of(name, FieldKind.Integer, operations);

    /// <summary>True or false.</summary>
    public static ModelField Boolean(string name, VideoOperation operations = VideoOperation.Submit) => Of(name, FieldKind.Boolean, operations);

    /// <summary>A JSON object.</summary>
    public static ModelField Object(string name, VideoOperation operations = VideoOperation.Submit) => Of(name, FieldKind.Object, operations);

    /// <summary>A JSON array.</summary>
    public static ModelField Array(string name, VideoOperation operations = VideoOperation.Submit) => Of(name, FieldKind.Array, operations);

    /// <summary>Any JSON value; the adapter checks it.</summary>
    public static ModelField Any(string name, VideoOperation operations = VideoOperation.Submit) => Of(name, FieldKind.Any, operations);

    private static ModelField Of(string name, FieldKind kind, VideoOperation operations) => new(name, kind) { Operations = operations };
}

/// <summary>The kind of value that a field takes. In a form every value is text, so numbers, booleans, objects and arrays may be written as text.</summary>
public enum FieldKind
{
    /// <summary>Any JSON value.</summary>
    Any,

    /// <summary>A text.</summary>
    Text,

    /// <summary>A whole number of 64 bits.</summary>
    Integer,

    /// <summary>True or false.</summary>
    Boolean,

    /// <summary>A JSON object.</summary>
    Object,

    /// <summary>A JSON array.</summary>
    Array,
}
