using RemixProxy.Limits;
using RemixProxy.Pipeline;

namespace RemixProxy.Tests.Pipeline;

/// <summary>How long it takes until a client may send again, as OpenAI writes it.</summary>
public class RateLimitHeadersTests
{
    [Theory]
    [InlineData(0, "0ms")]
    [InlineData(17.2, "18ms")]
    [InlineData(999, "999ms")]
    [InlineData(1000, "1s")]
    [InlineData(8640, "8.64s")]
    [InlineData(60_000, "1m0s")]
    [InlineData(372_500, "6m12.5s")]
    public void Times_are_written_as_OpenAI_does(double milliseconds, string text) =>
        Assert.Equal(text, RateLimitHeaders.Text(TimeSpan.FromMilliseconds(milliseconds)));

    [Fact]
    public void A_bucket_is_full_again_when_as_many_have_come_as_are_missing()
    {
        var left = new RequestAllowance(IsGranted: true, PerMinute: 120, Remaining: 90);
        Assert.Equal((TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(15)), (left.Next, left.Reset));
    }
}
