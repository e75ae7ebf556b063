using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using RemixProxy.Adapters;
using RemixProxy.Contract;

namespace RemixProxy.Providers.Kit;

/// <summary>
/// Reads native JSON tolerantly. A value that is missing, null, undecodable or of another kind counts as absent (<see cref="JsonValueKind.Undefined"/> or
/// null), and does not keep other values from being read.
/// </summary>
public static class NativeJson
{
    private const int LongestWord = 64;
    private const long LastSecond = 253_402_300_799;
    private const decimal NoSecondsAbove = 100_000_000_000;

    /// <summary>Reads a response as a JSON object.</summary>
    /// <exception cref="JsonException">The response is no JSON object.</exception>
    public static JsonElement ReadObject(this NativeResponse response)
    {
        var root = JsonElement.Parse(response.Body.Span);
        return root.ValueKind == JsonValueKind.Object ? root : throw new JsonException("A JSON object was expected.");
    }

    /// <summary>Reads a response as any JSON value, e.g. an error; absent where the response is no JSON.</summary>
    public static JsonElement ReadAny(this NativeResponse response)
    {
        try
        {
            return JsonElement.Parse(response.Body.Span);
        }
        catch (JsonException)
        {
            // The body is some gateway's page, or empty.
            return default;
        }
    }

    /// <summary>A member of an object, by its ASCII name.</summary>
    public static JsonElement Member(this JsonElement value, string name)
    {
        if (value.ValueKind != JsonValueKind.Object) return default;
        var member = default(JsonElement);
        // TryGetProperty would throw if any other member's name can't be decoded. The last of several counts.
        foreach (var property in value.EnumerateObject())
            if (Ascii.Equals(JsonMarshal.GetRawUtf8PropertyName(property), name)) member = property.Value;
        return member.ValueKind == JsonValueKind.Null ? default : member;
    }

    /// <summary>A nested member, by its path, e.g. <c>error.code</c>.</summary>
    public static JsonElement At(this JsonElement value, string path) => path.Split('.').Aggregate(value, Member);

    /// <summary>A text that isn't empty, or the digits of a number as written.</summary>
    public static string? Text(this JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Number) return value.GetRawText();
        if (value.ValueKind != JsonValueKind.String) return null;
        try
        {
            return value.GetString() is { Length: > 0 } text ? text : null;
        }
        catch (InvalidOperationException)
        {
            // The text has half a surrogate pair, as from a prompt cut in the middle of an emoji. The parser accepts that.
            return null;
        }
    }

    /// <summary>The text of a member.</summary>
    public static string? Text(this JsonElement value, string name) => value.Member(name).Text();

    /// <summary>The text of a member behind a prefix, made in one piece, because the text may be a whole clip.</summary>
    internal static string? TextBehind(this JsonElement value, string prefix, string name)
    {
        var member = value.Member(name);
        if (member.ValueKind != JsonValueKind.String) return null;
        var raw = JsonMarshal.GetRawUtf8Value(member)[1..^1];
        if (raw.IsEmpty || raw.Contains((byte)'\\') || !Ascii.IsValid(raw)) return member.Text() is { } text ? prefix + text : null;
        return string.Create(prefix.Length + raw.Length, raw, (chars, ascii) =>
        {
            prefix.CopyTo(chars);
            Encoding.ASCII.GetChars(ascii, chars[prefix.Length..]);
        });
    }

    /// <summary>
    /// The text of a member where it is an identifier: a letter, then letters, digits, <c>_</c>, <c>-</c> and <c>.</c>, 64 characters at most.
    /// </summary>
    public static string? Word(this JsonElement value, string name) =>
        value.Text(name) is { Length: <= LongestWord } word && char.IsAsciiLetter(word[0])
            && word.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.')
            ? word
            : null;

    /// <summary>The number of a member, also where it is written as text.</summary>
    public static decimal? Number(this JsonElement value, string name) => Parse(value.Text(name));

    /// <summary>The length that a member gives in seconds, as a number or as text, also with its unit: <c>8s</c>. Zero and less count as absent.</summary>
    public static string? Seconds(this JsonElement value, string name) =>
        Parse(value.Text(name)?.TrimEnd('s', ' ')) is > 0 and var seconds ? Durations.Text(seconds) : null;

    /// <summary>The percentage that a member gives as a number or as text, also with its sign: <c>37%</c>.</summary>
    /// <param name="value">The object.</param>
    /// <param name="name">The member.</param>
    /// <param name="whole">The number that means all of it: 1 where the provider gives fractions.</param>
    public static double? Percent(this JsonElement value, string name, double whole = 100) =>
        (double?)Parse(value.Text(name)?.TrimEnd('%', ' ')) / whole * 100;

    /// <summary>The time that a member gives as text, e.g. in ISO 8601.</summary>
    /// <param name="value">The object.</param>
    /// <param name="name">The member.</param>
    /// <param name="zone">The offset from UTC of a time that names none.</param>
    public static DateTimeOffset? Time(this JsonElement value, string name, TimeSpan zone = default)
    {
        var text = value.Text(name);
        if (!DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)) return null;
        var namesNone = zone != default && DateTime.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out var plain)
            && plain.Kind == DateTimeKind.Unspecified;
        return namesNone && time.UtcTicks > zone.Ticks ? time - zone : time;
    }

    /// <summary>The Unix time of a member, in seconds; values above 100,000,000,000 are read as milliseconds. Zero and less count as absent.</summary>
    public static DateTimeOffset? UnixTime(this JsonElement value, string name)
    {
        if (value.Number(name) is not (> 0 and var number)) return null;
        var seconds = number > NoSecondsAbove ? number / 1000 : number;
        return seconds <= LastSecond ? DateTimeOffset.FromUnixTimeMilliseconds((long)(seconds * 1000)) : null;
    }

    /// <summary>An absolute http or https URL. <see cref="Uri.OriginalString"/> has the URL as the provider wrote it.</summary>
    public static Uri? WebUrl(this JsonElement value) =>
        WebAddress.TryRead(value.Text(), out var url) && (url.Scheme == Uri.UriSchemeHttps || url.Scheme == Uri.UriSchemeHttp) ? url : null;

    /// <summary>The items of an array member. Any other value counts as an array of one, and an absent member as an empty array.</summary>
    public static IReadOnlyList<JsonElement> Items(this JsonElement value, string name) => value.Member(name) switch
    {
        { ValueKind: JsonValueKind.Undefined } => [],
        { ValueKind: JsonValueKind.Array } array => [.. array.EnumerateArray()],
        var single => [single],
    };

    /// <summary>The items of an array; of any other value none.</summary>
    internal static IEnumerable<JsonElement> Items(this JsonElement value) => value.ValueKind == JsonValueKind.Array ? value.EnumerateArray() : [];

    private static decimal? Parse(string? text) =>
        decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;
}
