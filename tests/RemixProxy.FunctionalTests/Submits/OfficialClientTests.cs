using System.ClientModel;
using Microsoft.AspNetCore.Http;
using RemixProxy.FunctionalTests.Kit;

namespace RemixProxy.FunctionalTests.Submits;

/// <summary>The official client with its default retries: what may have been billed is sent once.</summary>
public class OfficialClientTests
{
    private static readonly Dictionary<string, Func<HttpContext, RequestDelegate, Task>> Faults = new(StringComparer.Ordinal)
    {
        ["500"] = Upstream.Answers(500),
        ["503"] = Upstream.Answers(503),
        ["408"] = Upstream.Answers(408),
        ["drop"] = Upstream.Drops,
        ["lost answer"] = Upstream.LosesItsAnswer,
        ["half a body"] = Upstream.BreaksOff,
        ["garbage"] = Upstream.Answers(200, "<html>"),
    };

    public static TheoryData<string> All => [.. Faults.Keys];

    [Theory]
    [MemberData(nameof(All))]
    public async Task An_ambiguous_failure_reaches_the_provider_once(string fault)
    {
        var upstream = new Upstream();
        await using var app = await ProxyApp.StartAsync(new() { Sandbox = upstream.Sandbox });
        upstream.OnSubmit("openai", Faults[fault]);

        var error = await Assert.ThrowsAsync<ClientResultException>(() => CreateAsync(app));
        Assert.Equal((424, 1), (error.Status, app.SubmitsSeen()));
    }

    [Fact]
    public async Task A_provider_that_hangs_past_the_deadline_got_it_once()
    {
        var (upstream, gate) = (new Upstream(), new Gate());
        await using var app = await ProxyApp.StartAsync(new() { Sandbox = upstream.Sandbox });
        upstream.OnSubmit("openai", gate.HoldAsync);

        var call = CreateAsync(app);
        await gate.Arrived;
        app.Time.Advance(TimeSpan.FromSeconds(55));
        var error = await Assert.ThrowsAsync<ClientResultException>(() => call);
        Assert.Equal((424, 1), (error.Status, app.SubmitsSeen()));
    }

    private static Task<ClientResult> CreateAsync(ProxyApp app) =>
        app.NewVideoClient().CreateVideoAsync(
            BinaryContent.Create(BinaryData.FromString("""{"model":"openai/sora-2","prompt":"A kite"}""")), "application/json");
}
