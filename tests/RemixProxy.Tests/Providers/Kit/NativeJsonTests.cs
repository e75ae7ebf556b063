using System.Text.Json;
using RemixProxy.Providers.Kit;

namespace RemixProxy.Tests.Providers.Kit;

/// <summary>The spellings of times, lengths and progress that vendors use.</summary>
public class NativeJsonTests
{
    [Theory]
    [InlineData("8", "8")]
    [InlineData("5.10", "5.1")]
    [InlineData("\"8\"", "8")]
    [InlineData("\"5.1\"", "5.1")]
    [InlineData("\"8s\"", "8")]
    [InlineData("\"8.5 s\"", "8.5")]
    [InlineData("0", null)]
    [InlineData("-3", null)]
    [InlineData("\"long\"", null)]
    [InlineData("\"s\"", null)]
    [InlineData("\"\"", null)]
    [InlineData("null", null)]
    [InlineData("[8]", null)]
    [InlineData("1e999", null)]
    public void A_length_is_read(string value, string? seconds) => Assert.Equal(seconds, Of(value).Seconds("x"));

    [Theory]
    [InlineData("37", 100, 37d)]
    [InlineData("\"37\"", 100, 37d)]
    [InlineData("\"37%\"", 100, 37d)]
    [InlineData("\"37 %\"", 100, 37d)]
    [InlineData("0.5", 1, 50d)]
    [InlineData("1", 1, 100d)]
    [InlineData("\"half\"", 1, null)]
    [InlineData("null", 100, null)]
    public void A_progress_is_read(string value, double whole, double? percent) => Assert.Equal(percent, Of(value).Percent("x", whole));

    [Theory]
    [InlineData("\"2026-11-22T09:00:00Z\"", 8, "2026-11-22T09:00:00Z")]
    [InlineData("\"2026-11-22T09:00:00\"", 0, "2026-11-22T09:00:00Z")]
    [InlineData("\"2026-11-22 17:00:00.500\"", 8, "2026-11-22T09:00:00.5Z")]
    [InlineData("\"2026-11-22T17:00:00\"", 8, "2026-11-22T09:00:00Z")]
    [InlineData("\"2026-11-22T11:00:00+02:00\"", 8, "2026-11-22T09:00:00Z")]
    [InlineData("\"0001-01-01T00:00:00\"", 8, "0001-01-01T00:00:00Z")]
    [InlineData("\"soon\"", 8, null)]
    [InlineData("null", 8, null)]
    public void A_time_is_read(string value, int zone, string? time) =>
        Assert.Equal(time is null ? null : DateTimeOffset.Parse(time, System.Globalization.CultureInfo.InvariantCulture),
            Of(value).Time("x", TimeSpan.FromHours(zone)));

    [Theory]
    [InlineData("1795338000", "2026-11-22T09:00:00Z")]
    [InlineData("1795338000000", "2026-11-22T09:00:00Z")]
    [InlineData("\"1795338000500\"", "2026-11-22T09:00:00.5Z")]
    [InlineData("0", null)]
    [InlineData("99999999999999999", null)]
    public void A_unix_time_is_read(string value, string? time) =>
        Assert.Equal(time is null ? null : DateTimeOffset.Parse(time, System.Globalization.CultureInfo.InvariantCulture), Of(value).UnixTime("x"));

    private static JsonElement Of(string value) => JsonElement.Parse($$"""{"x":{{value}}}""");
}
