using System.ClientModel;
using RemixProxy.FunctionalTests.Kit;

namespace RemixProxy.FunctionalTests.Submits;

/// <summary>A gateway behind a sidecar, both RemixProxy: what the inner one says of a submit reaches the caller, and a wish is paid once.</summary>
public class TwoProxiesTests
{
    private static readonly (string Name, string Value) NoCache = ("Cache-Control", "no-cache");

    [Fact]
    public async Task Doubt_is_carried_through_and_a_new_wish_gets_through_both()
    {
        await using var gateway = await ScriptedApp.StartAsync();
        await using var sidecar = await SidecarAsync(gateway);
        gateway.Says(500, "{}");

        var first = await sidecar.CreateAsync("list", "A boat");
        Assert.Contains("Cache-Control: no-cache", first.Error(424, "submission_unknown"), StringComparison.Ordinal);
        Assert.Equal("false", first.Header("x-should-retry"));
        gateway.Says(200, """{"id":"v1","status":"queued"}""");
        var again = await sidecar.CreateAsync("list", "A boat");
        again.AssertError(424, "submission_unknown");
        Assert.True(again.IsReplayed);
        Assert.Single(gateway.Submits);

        Assert.EndsWith(":gateway", (await sidecar.CreateAsync("list", "A boat", NoCache)).Id, StringComparison.Ordinal);
        Assert.EndsWith(":gateway", (await sidecar.CreateAsync("list", "A boat", ("Idempotency-Key", "mine"))).Id, StringComparison.Ordinal);
        Assert.Equal((3, 0), (gateway.Submits.Count, sidecar.SubmitsSeen("luma")));
    }

    [Fact]
    public async Task The_official_client_s_retries_do_not_pay_twice()
    {
        await using var gateway = await ScriptedApp.StartAsync();
        await using var sidecar = await SidecarAsync(gateway);
        gateway.Says(503, "{}");
        for (var i = 0; i < 2; i++)
        {
            var error = await Assert.ThrowsAsync<ClientResultException>(() => sidecar.NewVideoClient().CreateVideoAsync(
                BinaryContent.Create(BinaryData.FromString("""{"model":"list","prompt":"A kite"}""")), "application/json"));
            Assert.Equal((424, 1), (error.Status, gateway.Submits.Count));
        }
    }

    [Fact]
    public async Task A_video_is_made_followed_and_fetched_through_both()
    {
        await using var gateway = await ProxyApp.StartAsync();
        await using var sidecar = await ProxyApp.StartAsync(new()
        {
            Time = gateway.Time,
            Settings = new(StringComparer.Ordinal)
            {
                ["RemixProxy:Providers:gateway:Type"] = "openai", ["RemixProxy:Providers:gateway:BaseUrl"] = gateway.Http.BaseAddress!.AbsoluteUri,
                ["RemixProxy:Providers:gateway:Enabled"] = "true",
            },
        });
        var video = await sidecar.CreateFinishedAsync("gateway/runway/gen4.5");
        Assert.Equal("completed", video["status"]!.GetValue<string>());
        Assert.NotEmpty(await sidecar.BytesAsync($"v1/videos/{video["id"]}/content"));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("mine")]
    public async Task A_repeat_of_what_the_inner_one_is_still_at_asks_it_again_with_the_same_key(string? key)
    {
        (string, string)[] headers = key is null ? [] : [("Idempotency-Key", key)];
        await using var inner = await ScriptedApp.StartAsync(new(StringComparer.Ordinal)
        {
            ["RemixProxy:Models:list:0"] = "runway/gen4.5", ["RemixProxy:Models:list:1"] = "openai/sora-2", ["RemixProxy:Models:list:2"] = "luma/ray-3.2",
            ["RemixProxy:Providers:runway:BaseUrl"] = "http://127.0.0.1:1",
        });
        inner.Says(409,
            """{"error":{"message":"Still at it.","type":"invalid_request_error","param":null,"code":"submission_in_progress"}}""", ("Retry-After", "7"));
        for (var i = 1; i <= 3; i++)
        {
            var reply = await inner.App.CreateAsync("list", "A boat", headers);
            Assert.Equal("Still at it.", reply.Error(409, "submission_in_progress"));
            Assert.Equal(("7", null, i > 1), (reply.Header("Retry-After"), reply.Header("x-should-retry"), reply.IsReplayed));
            Assert.Equal(i, inner.Submits.Count);
        }

        inner.Says(429, "{}");
        (await inner.App.CreateAsync("list", "A boat", headers)).AssertError(429, "rate_limit_exceeded");
        inner.Says(200, """{"id":"v1","status":"queued"}""");
        var video = await inner.App.CreateAsync("list", "A boat", headers);
        Assert.EndsWith(":openai", video.Id, StringComparison.Ordinal);
        Assert.Single(inner.Submits.Select(s => s.Key).Distinct());
        Assert.Equal((5, 0), (inner.Submits.Count, inner.App.SubmitsSeen("luma")));

        // Now it is a video like any other: a new wish is a new one.
        if (key is not null) Assert.Equal(video.Id, (await inner.App.CreateAsync("list", "A boat", headers)).Id);
        inner.Says(200, """{"id":"v2","status":"queued"}""");
        Assert.Equal("v2:openai", (await inner.App.CreateAsync("list", "A boat", NoCache)).Id);
        Assert.Equal(2, inner.Submits.Select(s => s.Key).Distinct().Count());
    }

    [Fact]
    public async Task Who_shared_such_a_submit_asks_with_its_key_too()
    {
        await using var inner = await ScriptedApp.StartAsync(new(StringComparer.Ordinal) { ["RemixProxy:Cache:Mode"] = "Exact" });
        var gate = new Gate();
        inner.Answer = (_, http) => gate.HoldAsync(http, h =>
            ScriptedApp.JsonAsync(h, 409, """{"error":{"message":"Still at it.","code":"submission_in_progress"}}"""));
        var holder = inner.App.CreateAsync("openai/sora-2", "A boat");
        await gate.Arrived;
        var sharer = inner.App.CreateAsync("openai/sora-2", "A boat");
        while (!sharer.IsCompleted && inner.Submits.Count < 2)
        {
            await Task.Delay(50, TestContext.Current.CancellationToken);
            gate.Open();
        }

        (await holder).AssertError(409, "submission_in_progress");
        (await sharer).AssertError(409, "submission_in_progress");
        inner.Says(200, """{"id":"v1","status":"queued"}""");
        _ = (await inner.App.CreateAsync("openai/sora-2", "A boat")).Id;
        Assert.Single(inner.Submits.Select(s => s.Key).Distinct());
    }

    private static Task<ProxyApp> SidecarAsync(ScriptedApp gateway) => ProxyApp.StartAsync(new()
    {
        Time = gateway.App.Time,
        Settings = new(StringComparer.Ordinal)
        {
            ["RemixProxy:Providers:gateway:Type"] = "openai", ["RemixProxy:Providers:gateway:BaseUrl"] = gateway.App.Http.BaseAddress!.AbsoluteUri,
            ["RemixProxy:Providers:gateway:Enabled"] = "true", ["RemixProxy:Models:list:0"] = "gateway/openai/sora-2",
            ["RemixProxy:Models:list:1"] = "luma/ray-3.2",
        },
    });
}
