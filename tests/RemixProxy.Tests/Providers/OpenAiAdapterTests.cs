using RemixProxy.Contract;
using RemixProxy.Providers.OpenAi;

namespace RemixProxy.Tests.Providers;

/// <summary>What golden files don't show of the adapter.</summary>
public class OpenAiAdapterTests
{
    private static readonly OpenAiAdapter Provider = new();

    [Theory]
    [InlineData("video", "videos/video_7a1/content")]
    [InlineData("thumbnail", "videos/video_7a1/content?variant=thumbnail")]
    [InlineData("spritesheet", "videos/video_7a1/content?variant=spritesheet")]
    public void A_variant_is_named_unless_it_is_the_video(string variant, string target)
    {
        var request = Provider.Content("video_7a1", new("videos/video_7a1/content"), variant);

        Assert.Contains(variant, Provider.Profile.Variants);
        Assert.Equal(HttpMethod.Get, request.Method);
        Assert.Equal(target, request.Target);
        Assert.True(request.Authenticated);
    }

    [Fact]
    public void The_longest_id_is_still_a_unified_id()
    {
        var id = new VideoId(new string('+', Provider.Profile.MaxIdLength), new string('p', 32)).ToString();

        Assert.True(VideoId.IsAcceptable(id), $"{id.Length} characters");
    }
}
