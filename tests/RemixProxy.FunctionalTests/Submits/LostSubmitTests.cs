using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using RemixProxy.FunctionalTests.Kit;

namespace RemixProxy.FunctionalTests.Submits;

/// <summary>
/// Submits whose answers are lost, at a provider that finds jobs by the key that their submit carried: the caller gets the video, and it is paid once. Where
/// none is found the outcome stays unknown, because the submit may still arrive.
/// </summary>
public class LostSubmitTests
{
    private const string Model = "kling/kling-3.0";

    private static readonly Dictionary<string, Func<HttpContext, RequestDelegate, Task>> Lost = new(StringComparer.Ordinal)
    {
        ["lost"] = Upstream.LosesItsAnswer,
        ["a server error"] = Instead(Upstream.Answers(500)),
        ["a server error in a 200"] = Instead(Upstream.Answers(200, """{"code":5000,"message":"Internal error"}""")),
        ["a gateway's page"] = Instead(Upstream.Answers(200, "<html>It works!</html>", "text/html")),
        ["no id"] = Instead(Upstream.Answers(200, """{"code":0,"data":{}}""")),
        ["half a body"] = Instead(Upstream.BreaksOff),
        ["a duplicate"] = Instead(Upstream.Answers(400, """{"code":1201,"message":"external_task_id x already exists"}""")),
    };

    public static TheoryData<string> Faults => [.. Lost.Keys];

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task A_video_that_was_made_is_the_caller_s_whatever_became_of_the_answer(string fault)
    {
        var upstream = new Upstream { Finds = true };
        await using var app = await ProxyApp.StartAsync(new() { Sandbox = upstream.Sandbox });
        upstream.OnSubmit("kling", Lost[fault]);

        var reply = await app.CreateAsync(Model, "A boat");

        Assert.Equal((200, false), (reply.Status, reply.IsReplayed));
        Assert.Equal((1, 1), (app.Sandbox.SubmitsOf("kling"), app.SubmitsSeen("kling")));
        Assert.Contains(app.Log, line => line.Contains("the provider was asked for the job: it is " + reply.Id, StringComparison.Ordinal));
        Assert.Equal([reply.Id], await app.ListAsync());
        upstream.Heal();
        Assert.Equal("completed", (await app.FinishAsync(reply.Id))["status"]!.GetValue<string>());
        AssertMp4(await app.BytesAsync($"v1/videos/{reply.Id}/content"));
    }

    [Fact]
    public async Task A_remix_is_found_too()
    {
        var upstream = new Upstream { Finds = true };
        await using var app = await ProxyApp.StartAsync(new() { Sandbox = upstream.Sandbox });
        var source = (await app.CreateFinishedAsync(Model))["id"]!.GetValue<string>();
        upstream.OnSubmit("kling", Upstream.LosesItsAnswer);
        var remix = (await app.CallAsync("POST", $"v1/videos/{source}/remix", new { prompt = "make it snow" })).Ok();
        Assert.Equal((source, "kling-3.0-omni"), (remix["remixed_from_video_id"]!.GetValue<string>(), remix["model"]!.GetValue<string>()));
        Assert.Equal(2, app.Sandbox.SubmitsOf("kling"));
    }

    [Fact]
    public async Task What_is_not_found_stays_unknown_and_is_never_sent_again_but_found_when_it_arrives_late()
    {
        var upstream = new Upstream { Finds = true };
        await using var app = await ProxyApp.StartAsync(new()
        {
            Sandbox = upstream.Sandbox, Settings = new() { ["RemixProxy:Models:list:0"] = Model, ["RemixProxy:Models:list:1"] = "luma/ray-3.2" },
        });
        upstream.OnSubmit("kling", Upstream.Drops);
        (await InTimeAsync(app, app.CreateAsync("list", "A boat"))).AssertError(424, "submission_unknown");
        Assert.Equal((4, 1, 0), (Looks(app), app.SubmitsSeen("kling"), app.SubmitsSeen("luma")));
        upstream.Heal();
        var again = await InTimeAsync(app, app.CreateAsync("list", "A boat"));
        again.AssertError(424, "submission_unknown");
        Assert.Equal((true, 8, 1), (again.IsReplayed, Looks(app), app.SubmitsSeen("kling")));

        await ArriveAsync(app);
        var found = await app.CreateAsync("list", "A boat");

        Assert.Equal((200, true, 9), (found.Status, found.IsReplayed, Looks(app)));
        Assert.Equal((1, 0), (app.Sandbox.SubmitsOf("kling"), app.SubmitsSeen("luma")));
        // From now on it is known.
        Assert.Equal([found.Id], await app.ListAsync());
        Assert.Equal(found.Id, (await app.CreateAsync("list", "A boat", ("X-Stainless-Retry-Count", "1"))).Id);
        Assert.Equal(9, Looks(app));
    }

    [Fact]
    public async Task Repeats_at_once_find_one_video()
    {
        var upstream = new Upstream { Finds = true };
        await using var app = await ProxyApp.StartAsync(new() { Sandbox = upstream.Sandbox });
        upstream.OnSubmit("kling", Upstream.Drops);
        (string, string) key = ("Idempotency-Key", "mine");
        (await InTimeAsync(app, app.CreateAsync(Model, "A boat", key))).AssertError(424, "submission_unknown");
        upstream.Heal();
        await ArriveAsync(app);

        var repeats = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => app.CreateAsync(Model, "A boat", key)));

        Assert.Single(repeats.Select(r => r.Id).Distinct());
        Assert.Equal([repeats[0].Id], await app.ListAsync());
        Assert.Equal(1, app.Sandbox.SubmitsOf("kling"));
    }

    [Fact]
    public async Task A_provider_that_hangs_past_the_deadline_is_asked_by_the_repeat()
    {
        var upstream = new Upstream { Finds = true };
        await using var app = await ProxyApp.StartAsync(new()
        {
            Sandbox = upstream.Sandbox, Settings = new() { ["RemixProxy:Providers:kling:Timeout"] = "00:05:00" },
        });
        var (made, gate) = (new TaskCompletionSource(), new Gate());
        upstream.OnSubmit("kling", async (http, simulator) =>
        {
            var body = http.Response.Body;
            http.Response.Body = new MemoryStream();
            await simulator(http);
            http.Response.Body = body;
            made.SetResult();
            await gate.HoldAsync(http, _ => Task.CompletedTask);
        });
        var hanging = app.CreateAsync(Model, "A boat");
        await made.Task;
        await gate.Arrived;
        app.Time.Advance(TimeSpan.FromSeconds(55));
        (await hanging).AssertError(424, "submission_unknown");
        Assert.Equal(0, Looks(app));
        upstream.Heal();

        var found = await app.CreateAsync(Model, "A boat");

        // It ended meanwhile.
        Assert.Equal((200, true, "completed"), (found.Status, found.IsReplayed, found.Json["status"]!.GetValue<string>()));
        Assert.Equal((1, 1), (app.Sandbox.SubmitsOf("kling"), app.SubmitsSeen("kling")));
    }

    [Theory]
    [InlineData(401)]
    [InlineData(400)]
    public async Task A_look_that_is_refused_is_not_tried_again(int status)
    {
        var upstream = new Upstream { Finds = true };
        await using var app = await ProxyApp.StartAsync(new() { Sandbox = upstream.Sandbox });
        upstream.On("kling", _ => true, async (http, simulator) =>
        {
            if (Upstream.IsLook(http.Request.QueryString.Value!)) await Upstream.Answers(status)(http, simulator);
            else await Upstream.LosesItsAnswer(http, simulator);
        });
        (await app.CreateAsync(Model, "A boat")).AssertError(424, "submission_unknown");
        Assert.Equal((1, 1), (Looks(app), app.SubmitsSeen("kling")));
    }

    [Fact]
    public async Task Nobody_is_asked_for_what_certainly_created_nothing()
    {
        var upstream = new Upstream { Finds = true };
        await using var app = await ProxyApp.StartAsync(new() { Sandbox = upstream.Sandbox });
        upstream.OnSubmit("kling", Upstream.Answers(400, """{"code":1201,"message":"settings.duration is invalid"}"""));
        (await app.CreateAsync(Model, "A boat")).AssertError(400, "invalid_value");
        Assert.Equal(0, Looks(app));
    }

    [Theory]
    [InlineData("""{"code":0,"data":{"id":"1","status":"submitted"}}""")]
    [InlineData("""{"code":0,"data":{"id":"1","status":"submitted","external_id":"another"}}""")]
    public async Task An_accepted_submit_whose_key_is_not_echoed_is_a_video_and_noted(string answer)
    {
        var upstream = new Upstream();
        await using var app = await ProxyApp.StartAsync(new() { Sandbox = upstream.Sandbox });
        upstream.OnSubmit("kling", Upstream.Answers(200, answer));
        Assert.Equal("1:kling", (await app.CreateAsync(Model, "A boat")).Id);
        Assert.Contains(app.Log, line => line.Contains("accepted 1:kling without the key of the submit", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_echoed_key_is_not_noted()
    {
        await using var app = await ProxyApp.StartAsync();
        await app.CreateAsync(Model, "A boat");
        Assert.DoesNotContain(app.Log, line => line.Contains("without the key of the submit", StringComparison.Ordinal));
    }

    // The job is made, and this is answered instead.
    private static Func<HttpContext, RequestDelegate, Task> Instead(Func<HttpContext, RequestDelegate, Task> answer) => async (http, simulator) =>
    {
        var body = http.Response.Body;
        http.Response.Body = new MemoryStream();
        await simulator(http);
        http.Response.Body = body;
        http.Response.Headers.Clear();
        await answer(http, simulator);
    };

    /// <summary>The newest submit arrives at the provider after all, by another way than through the proxy.</summary>
    private static async Task ArriveAsync(ProxyApp app)
    {
        var lost = app.Sandbox.Requests.Last(r => Upstream.IsSubmit(r.Method, r.PathAndQuery));
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(app.Sandbox.Address, lost.PathAndQuery))
        {
            Content = new StringContent(lost.BodyText, System.Text.Encoding.UTF8, "application/json"),
        };
        request.Headers.Authorization = new("Bearer", "secret-kling");
        using var response = await http.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.True(response.IsSuccessStatusCode);
        Assert.NotNull(JsonNode.Parse(lost.BodyText)!["options"]!["external_task_id"]);
    }

    /// <summary>Moves the clock until a call has its answer.</summary>
    private static async Task<Reply> InTimeAsync(ProxyApp app, Task<Reply> call)
    {
        for (var i = 0; i < 2000 && !call.IsCompleted; i++)
        {
            await Task.WhenAny(call, Task.Delay(10, TestContext.Current.CancellationToken));
            if (Looks(app) > 0) app.Time.Advance(TimeSpan.FromMilliseconds(250));
        }

        return await call;
    }

    private static int Looks(ProxyApp app) => app.Sandbox.Requests.Count(r => Upstream.IsLook(r.PathAndQuery));

    private static void AssertMp4(byte[] bytes) => Assert.Equal("ftyp"u8.ToArray(), bytes[4..8]);
}
