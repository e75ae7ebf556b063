using RemixProxy.Cache;

namespace RemixProxy.Tests.Cache;

/// <summary>The text of <c>Cache-Status</c>.</summary>
public class CacheStatusTests
{
    [Fact]
    public void It_is_one_member_with_parameters()
    {
        Assert.Equal("RemixProxy; hit; detail=in_flight", new CacheStatus { Hit = true, Detail = "in_flight" }.ToString());
        Assert.Equal("RemixProxy; fwd=uri-miss; stored; key=\"0af\"", new CacheStatus { Forward = "uri-miss", Stored = true, Key = "0af" }.ToString());
        Assert.Equal("RemixProxy; fwd=uri-miss; collapsed; key=\"0af\"; detail=in_flight",
            new CacheStatus { Forward = "uri-miss", Collapsed = true, Key = "0af", Detail = "in_flight" }.ToString());
        Assert.Equal("RemixProxy; fwd=bypass; detail=off", new CacheOutcome.Bypassed("off").Status.ToString());
        Assert.Equal("RemixProxy; detail=replayed", CacheStatus.Replayed.ToString());
    }
}
