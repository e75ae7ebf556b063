using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace RemixProxy.Sandbox.Fields;

/// <summary>Any value but null.</summary>
internal sealed record AnyRule : FieldRule
{
    public override void Check(JsonNode value, FieldCheck at)
    {
    }
}

/// <summary>A string.</summary>
internal sealed record TextRule(int Min, int Max, string Prefix) : FieldRule
{
    public override void Check(JsonNode value, FieldCheck at)
    {
        if (value.GetValueKind() != JsonValueKind.String)
            at.Report(FieldFault.Type, $"Expected a string, received {value.GetValueKind()}.");
        else if (value.GetValue<string>() is var text && (text.Length < Min || text.Length > Max))
            at.Report(FieldFault.Value, Invariant($"Expected {Min} to {Max} characters, received {text.Length}."));
        else if (!text.StartsWith(Prefix, StringComparison.Ordinal))
            at.Report(FieldFault.Value, $"Expected {Prefix}…, received {text}.");
    }
}

/// <summary>One of certain strings.</summary>
internal sealed record WordRule(IReadOnlyList<string> Words) : FieldRule
{
    public override void Check(JsonNode value, FieldCheck at)
    {
        if (value.GetValueKind() != JsonValueKind.String)
            at.Report(FieldFault.Type, $"Expected a string, received {value.GetValueKind()}.");
        else if (!Words.Contains(value.GetValue<string>()))
            at.Report(FieldFault.Value, $"Expected one of {string.Join(", ", Words)}; received {value.GetValue<string>()}.");
    }
}

/// <summary>A number of seconds with its unit, such as <c>8s</c> or <c>4.5s</c>.</summary>
internal sealed record SecondsRule(double Min, double Max) : FieldRule
{
    public override void Check(JsonNode value, FieldCheck at)
    {
        if (value.GetValueKind() != JsonValueKind.String)
            at.Report(FieldFault.Type, $"Expected a string with a unit, received {value.ToJsonString()}.");
        else if (Read(value.GetValue<string>()) is not { } seconds || seconds < Min || seconds > Max)
            at.Report(FieldFault.Value, Invariant($"Expected \"{Min}s\" to \"{Max}s\", received {value.GetValue<string>()}."));
    }

    public static double? Read(string? text) =>
        text is [.. var number, 's'] && double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double seconds)
            ? seconds
            : null;
}

/// <summary>A whole number in a range, or one of certain whole numbers.</summary>
internal sealed record WholeRule(long Min, long Max, IReadOnlyList<long>? Only = null) : FieldRule
{
    private string Allowed => Only is { } only ? $"one of {string.Join(", ", only)}" : Invariant($"{Min} to {Max}");

    public override void Check(JsonNode value, FieldCheck at)
    {
        if (value.GetValueKind() != JsonValueKind.Number || !value.AsValue().TryGetValue(out long number))
            at.Report(FieldFault.Type, $"Expected an integer, received {value.ToJsonString()}.");
        else if (Only is { } only ? !only.Contains(number) : number < Min || number > Max)
            at.Report(FieldFault.Value, Invariant($"Expected {Allowed}, received {number}."));
    }
}

/// <summary>A number in a range.</summary>
internal sealed record NumberRule(double Min, double Max) : FieldRule
{
    public override void Check(JsonNode value, FieldCheck at)
    {
        if (value.GetValueKind() != JsonValueKind.Number)
            at.Report(FieldFault.Type, $"Expected a number, received {value.ToJsonString()}.");
        else if (value.GetValue<double>() is var number && !(number >= Min && number <= Max))
            at.Report(FieldFault.Value, Invariant($"Expected {Min} to {Max}, received {number}."));
    }
}

/// <summary>A boolean, or only one of the two.</summary>
internal sealed record FlagRule(bool? Only) : FieldRule
{
    public override void Check(JsonNode value, FieldCheck at)
    {
        if (value.GetValueKind() is not (JsonValueKind.True or JsonValueKind.False))
            at.Report(FieldFault.Type, $"Expected a boolean, received {value.GetValueKind()}.");
        else if (Only is { } only && value.GetValue<bool>() != only)
            at.Report(FieldFault.Value, $"Expected {(only ? "true" : "false")} for this model.");
    }
}

/// <summary>An object with a closed list of fields.</summary>
/// <param name="Fields">The list; <see langword="null"/>: the object is not looked into.</param>
internal sealed record ObjectRule(FieldList? Fields) : FieldRule
{
    public override void Check(JsonNode value, FieldCheck at)
    {
        if (value is JsonObject body)
            Fields?.Check(body, at);
        else
            at.Report(FieldFault.Type, $"Expected an object, received {value.GetValueKind()}.");
    }

    public override FieldRule Knowing(string name) => this with { Fields = Fields?.With((name, Field.Any())) };
}

/// <summary>An object whose other fields follow from one word in it, as a model or a type.</summary>
internal sealed record VariantRule(string Name, IReadOnlyDictionary<string, FieldRule> Options) : FieldRule
{
    public override void Check(JsonNode value, FieldCheck at)
    {
        if (value is not JsonObject body)
            at.Report(FieldFault.Type, $"Expected an object, received {value.GetValueKind()}.");
        else if (body[Name] is not { } word)
            at.Below(Name).Report(FieldFault.Missing, "This field is required.");
        else if (word.GetValueKind() != JsonValueKind.String)
            at.Below(Name).Report(FieldFault.Type, $"Expected a string, received {word.GetValueKind()}.");
        else if (!Options.TryGetValue(word.GetValue<string>(), out var option))
            at.Below(Name).Report(FieldFault.Value, $"Expected one of {string.Join(", ", Options.Keys)}; received {word.GetValue<string>()}.");
        else
            option.Check(value, at);
    }

    public override FieldRule Knowing(string name) =>
        this with { Options = Options.ToDictionary(option => option.Key, option => option.Value.Knowing(name), StringComparer.Ordinal) };
}

/// <summary>An array of values of one rule.</summary>
internal sealed record ListRule(FieldRule Item, int MaxCount) : FieldRule
{
    public override void Check(JsonNode value, FieldCheck at)
    {
        if (value is not JsonArray items)
        {
            at.Report(FieldFault.Type, $"Expected an array, received {value.GetValueKind()}.");
            return;
        }

        if (items.Count > MaxCount)
            at.Report(FieldFault.Value, Invariant($"Expected at most {MaxCount} items, received {items.Count}."));
        for (int index = 0; index < items.Count; index++)
        {
            var place = at.Below(index.ToString(CultureInfo.InvariantCulture));
            if (items[index] is { } item)
                Item.Check(item, place);
            else
                place.Report(FieldFault.Type, "Expected a value, received null.");
        }
    }
}

/// <summary>A value that fits one of several rules.</summary>
internal sealed record EitherRule(IReadOnlyList<FieldRule> Options) : FieldRule
{
    public override void Check(JsonNode value, FieldCheck at)
    {
        FieldCheck? nearest = null;
        foreach (var option in Options)
        {
            var trial = at.Trial();
            option.Check(value, trial);
            if (trial.Problems.Count == 0)
            {
                at.TakeOver(trial);
                return;
            }

            // The value is meant as this one if its type is right.
            if (!trial.HasFault(FieldFault.Type))
                nearest ??= trial;
        }

        if (nearest is not null)
            at.TakeOver(nearest);
        else
            at.Report(FieldFault.Type, $"Received {value.GetValueKind()}, which is none of the types allowed here.");
    }
}

/// <summary>A form's file, or a value in its place.</summary>
internal sealed record FileRule(IReadOnlyList<string> ContentTypes, FieldRule Otherwise) : FieldRule
{
    public override void Check(JsonNode value, FieldCheck at) => Otherwise.Check(value, at);

    public override void CheckFile(IFormFile file, FieldCheck at)
    {
        if (ContentTypes.Count > 0 && !ContentTypes.Contains(file.ContentType))
            at.Report(FieldFault.Value, $"Unsupported mimetype {file.ContentType}.");
    }
}

/// <summary>A string that names or holds an image or a clip.</summary>
/// <param name="Kind">How its media type begins, for example <c>video/</c>.</param>
/// <param name="Forms">The ways in which it may be given.</param>
/// <param name="MaxBytes">How many bytes a data URI or base64 may hold, decoded.</param>
internal sealed record MediaRule(string Kind, MediaForms Forms, int MaxBytes) : FieldRule
{
    public override void Check(JsonNode value, FieldCheck at)
    {
        if (value.GetValueKind() == JsonValueKind.String)
            at.LookAt(this, value.GetValue<string>());
        else
            at.Report(FieldFault.Type, $"Expected a string, received {value.GetValueKind()}.");
    }
}
