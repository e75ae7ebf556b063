using RemixProxy.Contract;

namespace RemixProxy.Adapters;

/// <summary>
/// A field of a submit's body that a model takes beside those that every submit may have: prompt, model, size, seconds, aspect_ratio, resolution,
/// input_reference and video.
/// </summary>
/// <param name="Name">As callers write it.</param>
/// <param name="Kind">What its value must be.</param>
public sealed record ModelField(string Name, FieldKind Kind)
{
    /// <summary>The submits that take it.</summary>
    /// <value>All four.</value>
    public VideoOperation Operations { get; init; } = VideoOperation.Submit;

    /// <summary>The words that a text may be; empty: any.</summary>
    public IReadOnlyList<string> Words { get; init; } = [];

    /// <summary>A text.</summary>
    public static ModelField Text(string name, VideoOperation operations = VideoOperation.Submit) => Of(name, FieldKind.Text, operations);

    /// <summary>One of certain words.</summary>
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

    /// <summary>Any JSON; the adapter judges it.</summary>
    public static ModelField Any(string name, VideoOperation operations = VideoOperation.Submit) => Of(name, FieldKind.Any, operations);

    private static ModelField Of(string name, FieldKind kind, VideoOperation operations) => new(name, kind) { Operations = operations };
}

/// <summary>What a field's value must be. In a form everything is text: there a number, a boolean, an object and an array may be written as one.</summary>
public enum FieldKind
{
    /// <summary>Any JSON.</summary>
    Any,

    /// <summary>A text.</summary>
    Text,

    /// <summary>A whole number of 64 bits.</summary>
    Integer,

    /// <summary>True or false.</summary>
    Boolean,

    /// <summary>An object.</summary>
    Object,

    /// <summary>An array.</summary>
    Array,
}
