using RemixProxy.FunctionalTests.Kit;

namespace RemixProxy.FunctionalTests.Submits;

/// <summary>Bounds of the process: beyond them nothing is sent.</summary>
public class LimitTests
{
    [Fact]
    public async Task Beyond_MaxConcurrentSubmits_a_submit_is_429_and_not_sent()
    {
        var (upstream, gate) = (new Upstream(), new Gate());
        await using var app = await ProxyApp.StartAsync(new() { Settings = { ["RemixProxy:Limits:MaxConcurrentSubmits"] = "1" }, Sandbox = upstream.Sandbox });
        upstream.OnSubmit("openai", gate.HoldAsync);
        var first = app.CreateAsync("openai/sora-2", "one");
        await gate.Arrived;
        var second = await app.CreateAsync("luma/ray-3.2", "two");
        second.AssertError(429, "rate_limit_exceeded");
        Assert.Equal(("1", null), (second.Header("Retry-After"), second.Header("x-should-retry")));
        gate.Open();
        _ = (await first).Id;
        Assert.Equal(1, app.SubmitsSeen());
        _ = (await app.CreateAsync("luma/ray-3.2", "three")).Id;
    }

    [Fact]
    public async Task Beyond_MaxBufferedBytes_a_submit_is_503_and_not_sent_and_the_room_is_given_back()
    {
        var (upstream, gate) = (new Upstream(), new Gate());
        await using var app = await ProxyApp.StartAsync(new() { Settings = { ["RemixProxy:Limits:MaxBufferedBytes"] = "3000" }, Sandbox = upstream.Sandbox });
        (await app.CreateAsync("openai/sora-2", new('x', 4000))).AssertError(503, "provider_unavailable");

        upstream.OnSubmit("openai", gate.HoldAsync);
        var first = app.CreateAsync("openai/sora-2", new('x', 2000));
        await gate.Arrived;
        (await app.CreateAsync("luma/ray-3.2", new('x', 2000))).AssertError(503, "provider_unavailable");
        gate.Open();
        _ = (await first).Id;
        Assert.Equal(1, app.SubmitsSeen());
        _ = (await app.CreateAsync("luma/ray-3.2", new('x', 2000))).Id;
    }
}
