using System.ComponentModel.DataAnnotations;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Reflection;
using Microsoft.Extensions.Configuration;
using RemixProxy.Contract;

namespace RemixProxy.Configuration;

/// <summary>
/// Reads one configuration section key by key and collects its errors, so that one message can name every wrong key.
/// Bounds are the attributes of the options' properties. A derived reader sees every key with its kind and bounds: a test makes the schema for editors so.
/// </summary>
/// <param name="section">The section.</param>
/// <param name="errors">Takes the errors.</param>
/// <param name="options">The options that the section fills; null for a dictionary.</param>
internal class SectionReader(
    IConfigurationSection section, List<string> errors, [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicProperties)] Type? options)
{
    private const string OfKeys = "a section of keys";

    [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicProperties)]
    private readonly Type? _options = options;

    private readonly HashSet<string> _known = new(StringComparer.OrdinalIgnoreCase);

    private delegate bool TryParse<T>(string text, out T value);

    public virtual string? Text(string key)
    {
        _known.Add(key);
        if (section.GetSection(key).GetChildren().Any()) Wrong(key, "one value");
        return section[key] is { Length: > 0 } text ? text : null;
    }

    /// <summary>A text that may be absent, but not empty: whoever names the key relies on it.</summary>
    /// <param name="key">The key.</param>
    /// <param name="otherwise">What to do instead of giving it a value, after "must be".</param>
    public string? Filled(string key, string otherwise)
    {
        if (section[key] is not { } text || !string.IsNullOrWhiteSpace(text)) return Text(key);
        _known.Add(key);
        Wrong(key, $"given a value, or {otherwise}: it is set, but empty");
        return null;
    }

    /// <summary>A text of the characters that its <see cref="PlainTextAttribute"/> allows.</summary>
    public string? Plain(string key) => Plain(key, BoundOf<PlainTextAttribute>(key).Marks);

    public virtual bool? Flag(string key) => Value<bool>(key, bool.TryParse, "true or false");

    /// <summary>A whole number within its <see cref="RangeAttribute"/>.</summary>
    public long? Count(string key)
    {
        var range = BoundOf<RangeAttribute>(key);
        return Count(key, Whole(range.Minimum), Whole(range.Maximum));
    }

    /// <summary>Whole numbers within their <see cref="RangeAttribute"/>: a list, or one text with commas between them.</summary>
    public IReadOnlyList<int>? Counts(string key)
    {
        var range = BoundOf<RangeAttribute>(key);
        return Counts(key, (int)range.Minimum, (int)range.Maximum);
    }

    /// <summary>A number within its <see cref="RangeAttribute"/>.</summary>
    public double? Number(string key)
    {
        var range = BoundOf<RangeAttribute>(key);
        return Number(key, (double)range.Minimum, (double)range.Maximum);
    }

    /// <summary>One of an enumeration's names, in any case.</summary>
    public virtual T? Word<T>(string key)
        where T : struct, Enum =>
        Value(
            key,
            (string t, out T v) => Enum.TryParse(t, ignoreCase: true, out v) && Enum.GetNames<T>().Contains(t, StringComparer.OrdinalIgnoreCase),
            $"one of {string.Join(", ", Enum.GetNames<T>())}");

    /// <summary>A duration within its <see cref="DurationRangeAttribute"/>.</summary>
    public TimeSpan? Duration(string key)
    {
        var range = BoundOf<DurationRangeAttribute>(key);
        return Duration(key, range.Least, range.Longest);
    }

    public virtual Uri? Address(string key) => Value(
        key,
        (string t, out Uri v) =>
            Uri.TryCreate(t, UriKind.Absolute, out v!) && v.Scheme is "http" or "https" && v.UserInfo.Length == 0 && v.Query.Length == 0
                && v.Fragment.Length == 0 && Origin.HostOf(v) is not null,
        "an absolute http or https URL without user, query or fragment",
        default(Uri));

    /// <summary>The URL of a proxy, which may have a user and a password.</summary>
    public virtual string? Proxy(string key) => Value(
        key, (string t, out string v) => OutboundProxy.TryParse(v = t, out _), OutboundProxy.AddressForm, default(string));

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

    /// <summary>A list of origins, as browsers send them.</summary>
    public virtual IReadOnlyList<string>? Origins(string key)
    {
        var origins = List(key);
        if (origins?.All(o => o == "*" || Origin.TryRead(o, out _)) == false) Wrong(key, "origins as browsers send them, scheme://host or scheme://host:port");
        return origins;
    }

    /// <summary>The URL of a server that RemixProxy asks.</summary>
    public Uri? Server(string key)
    {
        var url = Address(key);
        if (url is not null && MachineAddress.IsHost(Origin.HostOf(url)!)) Wrong(key, NoMachineAddress(Origin.HostOf(url)!));
        return url;
    }

    /// <summary>A list of hosts, each with a port or without.</summary>
    public virtual IReadOnlyList<string>? Hosts(string key)
    {
        var entry = section.GetSection(key);
        if (entry.Value is { Length: > 0 } one) CheckHost(key, one);
        // An entry without a text is one that somebody meant to fill.
        foreach (var item in entry.GetChildren().Where(c => !c.GetChildren().Any())) CheckHost($"{key}:{item.Key}", item.Value ?? "");
        return List(key);
    }

    private void CheckHost(string key, string text)
    {
        if (!Origin.TryReadHost(text, out var host, out _)) Wrong(key, "host or host:port, without scheme, path or wildcard, as cdn.example or 10.0.0.7:9000");
        else if (MachineAddress.IsHost(host)) Wrong(key, NoMachineAddress(host));
    }

    private static string NoMachineAddress(string host) =>
        $"another host: {host} is link-local or a cloud's metadata service, which would hand out this machine's credentials";

    /// <summary>A section, and the options that it fills; null for a dictionary.</summary>
    public virtual SectionReader Section(string key, [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicProperties)] Type? options = null)
    {
        _known.Add(key);
        return new(section.GetSection(key), errors, options);
    }

    /// <summary>The names of the entries below <paramref name="key"/>.</summary>
    public virtual IEnumerable<string> Names(string key)
    {
        _known.Add(key);
        if (section[key] is { Length: > 0 }) Wrong(key, OfKeys);
        return section.GetSection(key).GetChildren().Select(c => c.Key);
    }

    /// <summary>The entries of a list of sections, in the order of their numbers.</summary>
    public virtual IEnumerable<SectionReader> Items(
        string key, [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicProperties)] Type options)
    {
        var items = Section(key);
        foreach (var name in Names(key)) yield return items.Section(name, options);
    }

    public void Wrong(string key, string expected) => errors.Add($"{section.Path}:{key} must be {expected}.");

    /// <summary>Reports keys that were not read, and a value in place of the section, so that a mistyped limit doesn't silently stay at its default.</summary>
    public virtual void RejectUnknown()
    {
        if (section.Value is { Length: > 0 }) errors.Add($"{section.Path} must be {OfKeys}.");
        errors.AddRange(section.GetChildren().Where(c => !_known.Contains(c.Key)).Select(c => $"{c.Path} is not a known key."));
    }

    protected virtual string? Plain(string key, string marks)
    {
        if (Text(key) is not { } text) return null;
        if (text.All(c => char.IsAsciiLetterOrDigit(c) || marks.Contains(c))) return text;
        Wrong(key, $"letters, digits and {string.Join(' ', marks.AsEnumerable())}");
        return null;
    }

    protected virtual long? Count(string key, long min, long max) =>
        Value(key, (string t, out long v) => long.TryParse(t, NumberStyles.None, CultureInfo.InvariantCulture, out v) && v >= min && v <= max,
            Invariant($"a whole number from {min} to {max}"));

    protected virtual IReadOnlyList<int>? Counts(string key, int min, int max)
    {
        if (List(key) is not { } texts) return null;
        var numbers = new List<int>();
        foreach (var text in texts.SelectMany(t => t.Split(',', StringSplitOptions.TrimEntries)))
        {
            if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max) numbers.Add(number);
            else Wrong(key, Invariant($"whole numbers from {min} to {max}, in a list or with commas between them"));
        }

        return numbers;
    }

    protected virtual double? Number(string key, double min, double max) =>
        Value(key, (string t, out double v) => double.TryParse(t, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out v) && v >= min && v <= max,
            Invariant($"a number from {min} to {max}"));

    protected virtual TimeSpan? Duration(string key, TimeSpan min, TimeSpan max) => Value(
        key,
        // .NET would read a number alone as days, which nobody means.
        (string t, out TimeSpan v) => TimeSpan.TryParseExact(t, ["c", "g"], CultureInfo.InvariantCulture, out v) && t.Contains(':') && v >= min && v <= max,
        $"a duration such as 00:00:06, from {min:c} to {max:c}");

    // The attribute knows int and double only. The double of the greatest long is converted back to that long.
    private static long Whole(object bound) => bound is int number ? number : long.CreateSaturating((double)bound);

    private T BoundOf<T>(string key)
        where T : Attribute =>
        _options?.GetProperty(key)?.GetCustomAttribute<T>() ?? throw new InvalidOperationException($"{_options?.Name}.{key} has no {typeof(T).Name}.");

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
