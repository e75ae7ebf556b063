using RemixProxy.Adapters;

namespace RemixProxy.Tests.Adapters;

/// <summary>The pixels that a ratio and a tier stand for.</summary>
public class StandardSizeTests
{
    [Theory]
    [InlineData("16:9", "360p", "640x360")]
    [InlineData("16:9", "480p", "854x480")]
    [InlineData("16:9", "540p", "960x540")]
    [InlineData("16:9", "720p", "1280x720")]
    [InlineData("16:9", "768P", "1366x768")]
    [InlineData("16:9", "1080p", "1920x1080")]
    [InlineData("16:9", "2K", "2560x1440")]
    [InlineData("16:9", "4k", "3840x2160")]
    [InlineData("9:16", "4k", "2160x3840")]
    [InlineData("1:1", "720p", "720x720")]
    [InlineData("21:9", "1080p", "2520x1080")]
    public void Short_side_is_the_tiers(string aspect, string resolution, string size) =>
        Assert.Equal(size, Assert.Single(SizeOption.Standard([aspect], [resolution])).Pixels.ToString());

    [Fact]
    public void What_a_provider_makes_otherwise_stands_in_place_also_turned()
    {
        var sizes = SizeOption.Standard(["4:3", "3:4", "16:9"], ["480p", "720p"], new SizeOption("4:3", "480p", new(752, 560)));

        Assert.Equal(["752x560", "960x720", "560x752", "720x960", "854x480", "1280x720"], sizes.Select(s => s.Pixels.ToString()));
        Assert.Equal(("3:4", "480p"), (sizes[2].Aspect, sizes[2].Resolution));
    }

    [Theory]
    [InlineData("wide", "720p")]
    [InlineData("16:9", "hd")]
    public void What_is_neither_ratio_nor_tier_fails(string aspect, string resolution) =>
        Assert.Throws<FormatException>(() => SizeOption.Standard([aspect], [resolution]));
}
