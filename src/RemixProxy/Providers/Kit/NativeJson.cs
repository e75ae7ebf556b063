using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using RemixProxy.Adapters;

namespace RemixProxy.Providers.Kit;

/// <summary>
/// Reads native JSON tolerantly: what is missing, null, undecodable or of another kind than asked for is absent (<see cref="JsonValueKind.Undefined"/>, null)
/// and hides nothing else.
/// </summary>
public static class NativeJson
{
    private const int LongestWord = 64;
    private const long LastSecond = 253_402_300_799;
    private const decimal NoSecondsAbove = 100_000_000_000;

    /// <summary>The object that a response is.</summary>
    /// <exception cref="JsonException">It is none.</exception>
    public static JsonElement ReadObject(this NativeResponse response)
    {
        var root = JsonElement.Parse(response.Body.Span);
        return root.ValueKind == JsonValueKind.Object ? root : throw new JsonException("A JSON object was expected.");
    }

    /// <summary>Whatever JSON a response is, e.g. of an error; absent where it is none.</summary>
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
        // TryGetProperty would throw over any other name that can't be decoded.
        var member = value.EnumerateObject().LastOrDefault(m => Ascii.Equals(JsonMarshal.GetRawUtf8PropertyName(m), name)).Value;
        return member.ValueKind == JsonValueKind.Null ? default : member;
    }

    /// <summary>A member of a member, e.g. <c>error.code</c>.</summary>
    public static JsonElement At(this JsonElement value, string path) => path.Split('.').Aggregate(value, Member);

    /// <summary>A text that isn't empty, or a number as it stands.</summary>
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

    /// <summary>The text of a member, where it is a word that programs can compare.</summary>
    public static string? Word(this JsonElement value, string name) =>
        value.Text(name) is { Length: <= LongestWord } word && char.IsAsciiLetter(word[0])
            && word.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.')
            ? word
            : null;

    /// <summary>The number of a member, also as text.</summary>
    public static decimal? Number(this JsonElement value, string name) =>
        decimal.TryParse(value.Text(name), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;

    /// <summary>The ISO 8601 time of a member.</summary>
    public static DateTimeOffset? Time(this JsonElement value, string name) =>
        DateTimeOffset.TryParse(value.Text(name), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;

    /// <summary>The Unix seconds of a member, or milliseconds where seconds would lie thousands of years ahead; zero counts as absent.</summary>
    public static DateTimeOffset? UnixTime(this JsonElement value, string name)
    {
        if (value.Number(name) is not (> 0 and var number)) return null;
        var seconds = number > NoSecondsAbove ? number / 1000 : number;
        return seconds <= LastSecond ? DateTimeOffset.FromUnixTimeMilliseconds((long)(seconds * 1000)) : null;
    }

    /// <summary>An absolute address on the web; its <see cref="Uri.OriginalString"/> is what the provider wrote.</summary>
    public static Uri? WebUrl(this JsonElement value) =>
        Uri.TryCreate(value.Text(), UriKind.Absolute, out var url) && (url.Scheme == Uri.UriSchemeHttps || url.Scheme == Uri.UriSchemeHttp) ? url : null;

    /// <summary>The items of a member that is an array; a value that stands alone counts as an array of one.</summary>
    public static IReadOnlyList<JsonElement> Items(this JsonElement value, string name) => value.Member(name) switch
    {
        { ValueKind: JsonValueKind.Undefined } => [],
        { ValueKind: JsonValueKind.Array } array => [.. array.EnumerateArray()],
        var single => [single],
    };
}
