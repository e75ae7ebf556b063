using Microsoft.AspNetCore.Http;
using RemixProxy.FunctionalTests.Kit;

namespace RemixProxy.FunctionalTests.Submits;

/// <summary>Submits that may or may not have been billed: 424, no other target, never sent again.</summary>
public sealed class UnknownOutcomeTests(FaultyProviders providers) : IClassFixture<FaultyProviders>
{
    private static readonly Dictionary<string, Func<HttpContext, RequestDelegate, Task>> Faults = new(StringComparer.Ordinal)
    {
        ["drop"] = Upstream.Drops,
        ["lost answer"] = Upstream.LosesItsAnswer,
        ["half a body"] = Upstream.BreaksOff,
        ["half a refusal"] = (http, simulator) =>
        {
            http.Response.StatusCode = 400;
            return Upstream.BreaksOff(http, simulator);
        },
        ["garbage"] = Upstream.Answers(200, "<html>It works!</html>", "text/html"),
        ["not JSON"] = Upstream.Answers(200, """{"id":"x","""),
        ["no id"] = Upstream.Answers(200),
        ["empty id"] = Upstream.Answers(200, """{"id":"","status":"queued"}"""),
        ["an id that is a dot segment"] = Upstream.Answers(200, """{"id":"..","name":"..","status":"queued"}"""),
        ["an id too long to be asked for"] = Upstream.Answers(200, $$"""{"id":"{{new string('x', 600)}}","status":"queued"}"""),
        ["null"] = Upstream.Answers(200, "null"),
        ["array"] = Upstream.Answers(200, "[]"),
        ["nothing"] = Upstream.Answers(204),
        ["no brotli"] = Upstream.Answers(200, "brotli?", headers: ("Content-Encoding", "br")),
        ["no deflate"] = Upstream.Answers(200, "deflate?", headers: ("Content-Encoding", "Deflate")),
        ["no gzip"] = Upstream.Answers(200, "gzip?", headers: ("Content-Encoding", "gzip")),
        ["endless"] = async (http, _) =>
        {
            var chunk = new byte[1 << 20];
            chunk.AsSpan().Fill((byte)' ');
            for (var i = 0; i < 40; i++) await http.Response.Body.WriteAsync(chunk);
        },
    };

    public static TheoryData<string, string> All => new(FaultyProviders.Types.SelectMany(_ => Faults.Keys, (type, fault) => (type, fault)));

    public static TheoryData<string> Types => [.. FaultyProviders.Types];

    [Theory]
    [MemberData(nameof(All))]
    public async Task An_answer_that_tells_nothing_is_424_and_the_same_request_is_not_sent_again(string type, string fault)
    {
        var app = providers.App;
        providers.Upstream.OnSubmit(type, Faults[fault]);
        var (seen, prompt) = (app.SubmitsSeen(), providers.NewPrompt());

        var first = await app.CreateAsync(type + "-first", prompt);
        first.AssertError(424, "submission_unknown");
        Assert.False(first.IsReplayed);

        providers.Upstream.Heal();
        var second = await app.CreateAsync(type + "-first", prompt);
        second.AssertError(424, "submission_unknown");
        Assert.True(second.IsReplayed);
        Assert.Equal(seen + 1, app.SubmitsSeen());
    }

    [Theory]
    [MemberData(nameof(Types))]
    public async Task A_provider_that_hangs_is_cut_at_the_deadline(string type)
    {
        var app = providers.App;
        var gate = new Gate();
        providers.Upstream.OnSubmit(type, gate.HoldAsync);
        var seen = app.SubmitsSeen();

        var hanging = app.CreateAsync(type + "-first", providers.NewPrompt());
        await gate.Arrived;
        app.Time.Advance(TimeSpan.FromSeconds(55));
        (await hanging).AssertError(424, "submission_unknown");
        Assert.Equal(seen + 1, app.SubmitsSeen());
    }

    [Fact]
    public async Task A_paid_video_can_be_asked_for_whatever_its_provider_calls_it()
    {
        var app = providers.App;
        providers.Upstream.On("openai", _ => true, Upstream.Answers(200, """{"id":"clip #1 (é)?","object":"video","status":"in_progress","progress":40}"""));
        var id = (await app.CreateAsync("openai/sora-2", providers.NewPrompt())).Id;
        app.Time.Advance(TimeSpan.FromSeconds(6));
        Assert.Equal(40, (await app.GetAsync("v1/videos/" + id))["progress"]!.GetValue<int>());
        Assert.Equal("/openai/openai/v1/videos/clip%20%231%20%28%C3%A9%29%3F", app.Sandbox.Requests[^1].PathAndQuery);
        providers.Upstream.Heal();
    }

    [Fact]
    public async Task An_answer_just_before_the_deadline_is_a_video()
    {
        var gate = new Gate();
        providers.Upstream.OnSubmit("openai", gate.HoldAsync);
        var slow = providers.App.CreateAsync("openai/sora-2", providers.NewPrompt());
        await gate.Arrived;
        providers.App.Time.Advance(TimeSpan.FromSeconds(54.9));
        gate.Open();
        Assert.EndsWith(":openai", (await slow).Id, StringComparison.Ordinal);
    }
}
