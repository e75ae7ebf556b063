using RemixProxy.Adapters;
using RemixProxy.Contract;
using RemixProxy.Providers.Runway;

namespace RemixProxy.Tests.Providers;

/// <summary>What golden files can't hold: images of megabytes, by their length alone.</summary>
public class RunwayAdapterTests
{
    // The 22 characters "data:image/png;base64," and the base64 must stay below 5 MiB; base64 makes four of three.
    private const int LongestInDataUri = ((5 * 1024 * 1024) - 1 - 22) / 4 * 3;

    [Theory]
    [InlineData(LongestInDataUri, "image_to_video")]
    [InlineData(LongestInDataUri + 1, "uploads")]
    [InlineData(int.MaxValue * 4L, "uploads")]
    public void An_image_that_no_data_uri_holds_is_uploaded(long length, string target)
    {
        var image = new MediaFile("a.png", "image/png", length, _ => throw new InvalidOperationException("An adapter opens no files."));

        var exchange = Assert.IsType<Exchange>(new RunwayAdapter().Submit(Request(new FileSource(image))).First);

        Assert.Equal(target, exchange.Request.Target);
    }

    private static SubmitRequest Request(MediaSource image) => new()
    {
        Operation = VideoOperation.Create, Model = "gen4.5", Prompt = "A paper boat", InputReference = image, BaseUrl = new("https://server.example/v1/"),
        Provider = "runway",
    };
}
