using System.Globalization;
using Microsoft.Extensions.Configuration;
using RemixProxy.Providers.Kit;

namespace RemixProxy.Configuration;

/// <summary>
/// Reads one configuration section key by key and collects what is wrong with it, so that one message can name every wrong key.
/// Whoever overrides it learns which keys there are, of which kind and within which bounds: so the schema for editors is made.
/// </summary>
internal class SectionReader(IConfigurationSection section, List<string> errors)
{
    private const string OfKeys = "a section of keys";

    private readonly HashSet<string> _known = new(StringComparer.OrdinalIgnoreCase);

    private delegate bool TryParse<T>(string text, out T value);

    public virtual string? Text(string key)
    {
        _known.Add(key);
        if (section.GetSection(key).GetChildren().Any()) Wrong(key, "one value");
        return section[key] is { Length: > 0 } text ? text : null;
    }

    /// <summary>A text of ASCII letters, digits and <paramref name="marks"/>.</summary>
    public virtual string? Plain(string key, string marks)
    {
        if (Text(key) is not { } text) return null;
        if (text.All(c => char.IsAsciiLetterOrDigit(c) || marks.Contains(c))) return text;
        Wrong(key, $"letters, digits and {string.Join(' ', marks.AsEnumerable())}");
        return null;
    }

    public virtual bool? Flag(string key) => Value<bool>(key, bool.TryParse, "true or false");

    public virtual long? Count(string key, long min, long max) =>
        Value(key, (string t, out long v) => long.TryParse(t, NumberStyles.None, CultureInfo.InvariantCulture, out v) && v >= min && v <= max, Invariant($"a whole number from {min} to {max}"));

    public virtual double? Fraction(string key) =>
        Value(key, (string t, out double v) => double.TryParse(t, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out v) && v is >= 0 and <= 1, "a number from 0 to 1");

    /// <summary>One of an enumeration's names, in any case.</summary>
    public virtual T? Word<T>(string key)
        where T : struct, Enum =>
        Value(
            key,
            (string t, out T v) => Enum.TryParse(t, ignoreCase: true, out v) && Enum.GetNames<T>().Contains(t, StringComparer.OrdinalIgnoreCase),
            $"one of {string.Join(", ", Enum.GetNames<T>())}");

    public virtual TimeSpan? Duration(string key, TimeSpan min, TimeSpan max) => Value(
        key,
        // A number alone would be days, which nobody means.
        (string t, out TimeSpan v) => TimeSpan.TryParseExact(t, ["c", "g"], CultureInfo.InvariantCulture, out v) && t.Contains(':') && v >= min && v <= max,
        $"a duration such as 00:00:06, from {min:c} to {max:c}");

    public virtual Uri? Address(string key) => Value(
        key,
        (string t, out Uri v) => Uri.TryCreate(t, UriKind.Absolute, out v!) && v.Scheme is "http" or "https" && v.UserInfo.Length == 0 && v.Query.Length == 0 && v.Fragment.Length == 0,
        "an absolute http or https URL without user, query or fragment",
        default(Uri));

    /// <summary>A list, or one value that stands for a list of one.</summary>
    public virtual IReadOnlyList<string>? List(string key)
    {
        _known.Add(key);
        var entry = section.GetSection(key);
        if (entry.Value is { Length: > 0 } one) return [one];
        if (entry.GetChildren().Any(c => c.GetChildren().Any())) Wrong(key, "one value or a list of them");
        string[] many = [.. entry.GetChildren().Select(c => c.Value).OfType<string>().Where(v => v.Length > 0)];
        return many.Length > 0 ? many : null;
    }

    public virtual SectionReader Section(string key)
    {
        _known.Add(key);
        return new(section.GetSection(key), errors);
    }

    /// <summary>The names of the entries below <paramref name="key"/>.</summary>
    public virtual IEnumerable<string> Names(string key)
    {
        _known.Add(key);
        if (section[key] is { Length: > 0 }) Wrong(key, OfKeys);
        return section.GetSection(key).GetChildren().Select(c => c.Key);
    }

    public void Wrong(string key, string expected) => errors.Add($"{section.Path}:{key} must be {expected}.");

    /// <summary>Reports keys that nobody asked for, and a value in the section's place: a mistyped limit must not be silently the default.</summary>
    public virtual void RejectUnknown()
    {
        if (section.Value is { Length: > 0 }) errors.Add($"{section.Path} must be {OfKeys}.");
        errors.AddRange(section.GetChildren().Where(c => !_known.Contains(c.Key)).Select(c => $"{c.Path} is not a known key."));
    }

    private T? Value<T>(string key, TryParse<T> parse, string expected)
        where T : struct
    {
        if (Text(key) is not { } text) return null;
        if (parse(text, out var value)) return value;
        Wrong(key, expected);
        return null;
    }

    private T? Value<T>(string key, TryParse<T> parse, string expected, T? fallback)
        where T : class
    {
        if (Text(key) is not { } text) return fallback;
        if (parse(text, out var value)) return value;
        Wrong(key, expected);
        return fallback;
    }
}
