using System.Globalization;
using System.Text.Json;

namespace RemixProxy.Providers.OpenAi;

/// <summary>Reads values that may be of another JSON type than documented. What can't be read counts as absent.</summary>
internal static class OpenAiJson
{
    private const long LastSecond = 253_402_300_799;
    private const decimal NoSecondsAbove = 100_000_000_000;

    /// <summary>A member of an object.</summary>
    public static JsonElement Member(this JsonElement value, string name) =>
        value.ValueKind == JsonValueKind.Object && value.TryGetProperty(name, out var member) ? member : default;

    /// <summary>A text that isn't empty, or a number as it stands.</summary>
    public static string? AsText(this JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Number) return value.GetRawText();
        if (value.ValueKind != JsonValueKind.String) return null;
        try
        {
            return value.GetString() is { Length: > 0 } text ? text : null;
        }
        catch (InvalidOperationException)
        {
            // Half a surrogate pair, as from a prompt cut in the middle of an emoji.
            return null;
        }
    }

    /// <summary>A number, also as text.</summary>
    public static decimal? AsNumber(this JsonElement value) =>
        decimal.TryParse(value.AsText(), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;

    /// <summary>Unix seconds, or milliseconds where seconds would lie thousands of years ahead; zero counts as absent.</summary>
    public static DateTimeOffset? AsMoment(this JsonElement value)
    {
        if (value.AsNumber() is not (> 0 and var number)) return null;
        var seconds = number > NoSecondsAbove ? number / 1000 : number;
        return seconds <= LastSecond ? DateTimeOffset.FromUnixTimeMilliseconds((long)(seconds * 1000)) : null;
    }
}
