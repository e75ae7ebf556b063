using System.Reflection;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using RemixProxy.FunctionalTests.Kit;
using RemixProxy.FunctionalTests.Submits;
using RemixProxy.Host;
using static RemixProxy.FunctionalTests.Cache.CacheReplies;

namespace RemixProxy.FunctionalTests.Telemetry;

/// <summary>One line for each submit: who, as what, how long, and what the cache said.</summary>
public class SubmitLogTests
{
    private const string Private = "marker-71c9";

    private readonly Upstream _upstream = new();
    private readonly WatchedStores _store = new();
    private readonly Gate _gate = new();
    private readonly Door _door = new();
    private int _lines;

    [Fact]
    public async Task Served_ones_name_their_video()
    {
        await using var app = await StartAsync();
        _upstream.OnSubmit("openai", (http, simulator) =>
        {
            app.Time.Advance(TimeSpan.FromSeconds(1.5));
            return simulator(http);
        });
        var first = await app.CreateAsync(Model, Private, Exact, ("Idempotency-Key", Private));
        Assert.Equal($"Information create accepted: openai, sora-2, {first.Id}, cache miss, 1500 ms upstream; {first.Header("x-request-id")}", Line(app));
        var hit = await app.CreateAsync(Model, Private, Exact);
        Assert.Equal($"Information create cached: openai, sora-2, {first.Id}, cache direct, 0 ms upstream; {hit.Header("x-request-id")}", Line(app));
        var replay = await app.CreateAsync(Model, Private, Exact, ("Idempotency-Key", Private));
        Assert.Equal($"Information create replayed: openai, sora-2, {first.Id}, cache none, 0 ms upstream; {replay.Header("x-request-id")}", Line(app));
        var off = await app.CreateAsync("luma/ray-3.2", Private);
        Assert.Equal($"Information create accepted: luma, ray-3.2, {off.Id}, cache bypass, 0 ms upstream; {off.Header("x-request-id")}", Line(app));
        _ = await app.FinishAsync(first.Id);
        var remix = await app.CallAsync("POST", $"v1/videos/{first.Id}/remix", new { prompt = Private });
        Assert.StartsWith($"Information remix accepted: openai, sora-2, {remix.Id}, cache bypass, ", Line(app), StringComparison.Ordinal);
        AssertNothingPrivate(app);
    }

    [Fact]
    public async Task Refused_and_unknown_ones_say_why()
    {
        await using var app = await StartAsync();
        await AssertAsync(app, "Information create refused: content_policy_violation, openai, sora-2,", app.CreateAsync(Model, Private + " REFUSE"));
        _upstream.OnSubmit("openai", Upstream.Answers(401));
        await AssertAsync(app, "Warning create refused: provider_auth_failed, openai, sora-2,", app.CreateAsync(Model, Private));
        _upstream.OnSubmit("openai", Upstream.Answers(429));
        await AssertAsync(app, "Warning create refused: rate_limit_exceeded, openai, sora-2,", app.CreateAsync(Model, Private));
        _upstream.OnSubmit("openai", Upstream.LosesItsAnswer);
        await AssertAsync(app, "Warning create unknown: submission_unknown, openai, sora-2,", app.CreateAsync(Model, Private));
        // The caller gets the same answer again.
        await AssertAsync(app, "Warning create unknown: submission_unknown, none, none,", app.CreateAsync(Model, Private));
        AssertNothingPrivate(app);
    }

    [Fact]
    public async Task Those_that_come_to_no_provider_have_a_line_too()
    {
        await using var app = await StartAsync(isMany: false);
        await AssertAsync(app, "Information create refused: invalid_json, none, none,", app.CallAsync("POST", "v1/videos", $"{{\"{Private}"));
        await AssertAsync(app, "Information create refused: invalid_value, none, none,", app.CreateAsync(Model, Private, ("x-remix-cache", Private)));
        await AssertAsync(app, "Information create refused: model_not_found, none, none,", app.CreateAsync(Private, Private));
        await AssertAsync(app, "Information create refused: ", app.CallAsync("POST", "v1/videos", new { model = Model, prompt = Private, seconds = Private }));
        await AssertAsync(
            app, "Information remix refused: provider_not_found, none, none,", app.CallAsync("POST", "v1/videos/none:nobody/remix", new { prompt = Private }));
        await AssertAsync(
            app, "Information edit refused: missing_required_parameter, none, none,", app.CallAsync("POST", "v1/videos/edits", new { model = Private }));
        await AssertAsync(
            app, "Information extend refused: missing_required_parameter, none, none,", app.CallAsync("POST", "v1/videos/extensions", new { model = Private }));
        _store.Away = "AdmitAsync".Equals;
        await AssertAsync(app, "Warning create refused: store_unavailable, none, none,", app.CreateAsync(Model, Private, ("Idempotency-Key", Private)));
        _store.Away = "MoveAsync".Equals;
        await AssertAsync(app, "Warning create refused: store_unavailable, openai, sora-2,", app.CreateAsync(Model, Private, ("Idempotency-Key", Private)));
        _store.Away = _ => false;
        _upstream.OnSubmit("openai", _gate.HoldAsync);
        var first = app.CreateAsync(Model, Private);
        await _gate.Arrived;
        await AssertAsync(
            app, "Warning create refused: rate_limit_exceeded, none, none, cache none, 0 ms upstream, cause none; ", app.CreateAsync("luma/ray-3.2", Private));
        _gate.Open();
        _ = (await first).Id;
        Assert.StartsWith("Information create accepted: ", Line(app), StringComparison.Ordinal);
        AssertNothingPrivate(app);
    }

    [Theory]
    [InlineData("openai/" + Private)]
    [InlineData("luma/" + Private)]
    [InlineData("gemini/" + Private)]
    [InlineData("runway/" + Private)]
    public async Task A_model_that_nobody_declares_is_not_repeated_whatever_becomes_of_it(string model)
    {
        await using var app = await StartAsync();
        var reply = await app.CreateAsync(model, "x", Exact);
        Assert.Contains(", none, ", Line(app), StringComparison.Ordinal);
        if (reply.Status == 200)
        {
            Assert.Equal(reply.Id, (await app.CreateAsync(model, "x", Exact)).Id);
            Assert.StartsWith($"Information create cached: {model.Split('/')[0]}, none, ", Line(app), StringComparison.Ordinal);
        }

        _upstream.OnSubmit(model.Split('/')[0], Upstream.Answers(500));
        Assert.Equal(424, (await app.CreateAsync(model, "y")).Status);
        Assert.StartsWith($"Warning create unknown: submission_unknown, {model.Split('/')[0]}, none, ", Line(app), StringComparison.Ordinal);
        AssertNothingPrivate(app);
    }

    [Theory]
    [InlineData("accepted")]
    [InlineData("replayed")]
    public async Task One_whose_answer_can_t_be_handed_on_has_one_line_all_the_same(string outcome)
    {
        var broken = new BrokenAnswers();
        await using var app = await StartAsync(broken);
        if (outcome == "replayed")
        {
            _ = (await app.CreateAsync(Model, "x", ("Idempotency-Key", "k"))).Id;
            _ = Line(app);
        }

        broken.Next = true;
        Assert.NotEqual(200, (await app.CreateAsync(Model, "x", ("Idempotency-Key", "k"))).Status);
        Assert.StartsWith($"Information create {outcome}: openai, sora-2, ", Line(app), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_defect_of_ours_has_a_line_with_its_code()
    {
        await using var app = await StartAsync();
        _store.BeforeClaim = () => throw new InvalidOperationException("a defect");
        await AssertAsync(app, "Warning create refused: internal_error, openai,", app.CreateAsync(Model, "x", Exact));
        _store.Away = method => method == "AdmitAsync" ? throw new InvalidOperationException("another") : false;
        await AssertAsync(app, "Warning create refused: internal_error, none, none,", app.CreateAsync(Model, "x"));
    }

    [Fact]
    public async Task A_hit_that_can_t_be_bound_is_no_hit_in_the_log()
    {
        await using var app = await StartAsync();
        _ = (await app.CreateAsync(Model, "x", Exact)).Id;
        _ = Line(app);
        _store.Away = "MoveAsync".Equals;
        await AssertAsync(app, "Warning create refused: store_unavailable, openai,", app.CreateAsync(Model, "x", Exact, ("Idempotency-Key", "k")));
    }

    [Fact]
    public async Task A_model_that_the_operator_names_is_no_secret()
    {
        await using var app = await StartAsync();
        _ = (await app.CreateAsync("own", "x")).Id;
        Assert.StartsWith("Information create accepted: openai, wan-2.2, ", Line(app), StringComparison.Ordinal);
        _upstream.OnSubmit("openai", Upstream.Answers(400));
        await AssertAsync(app, "Information create refused: invalid_value, openai, wan-2.2,", app.CreateAsync("own", "x"));
    }

    [Fact]
    public async Task A_repeat_whose_caller_does_not_wait_for_the_first_has_a_line()
    {
        await using var app = await StartAsync();
        using var measured = new Instruments(app);
        _upstream.OnSubmit("openai", _gate.HoldAsync);
        var first = app.CreateAsync(Model, "x", ("Idempotency-Key", "k"));
        await _gate.Arrived;
        using var hangUp = new CancellationTokenSource();
        var request = Calls.Request("POST", "v1/videos", new { model = Model, prompt = "x" }, ("Idempotency-Key", "k"));
        var second = app.SendUntilAsync(request, hangUp.Token);
        await _store.WaitersAsync(1);
        await hangUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        request.Dispose();
        await measured.AnsweredAsync(1);
        Assert.StartsWith("Information create refused: caller_gone, none, none,", Line(app), StringComparison.Ordinal);
        Assert.Equal(["create none 499 1"], measured.Counts("request.duration"));
        _gate.Open();
        _ = (await first).Id;
        Assert.StartsWith("Information create accepted: ", Line(app), StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_that_outlives_its_caller_has_its_line()
    {
        await using var app = await StartAsync();
        using var measured = new Instruments(app);
        _upstream.OnSubmit("openai", _gate.HoldAsync);
        using var hangUp = new CancellationTokenSource();
        var request = Calls.Request("POST", "v1/videos", new { model = Model, prompt = "x" });
        var sent = app.SendUntilAsync(request, hangUp.Token);
        await _gate.Arrived;
        await hangUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sent);
        request.Dispose();
        await _door.Visits[0].Gone;
        _gate.Open();
        await measured.AnsweredAsync(1);
        Assert.StartsWith("Information create accepted: openai, sora-2, ", Line(app), StringComparison.Ordinal);
    }

    [Fact]
    public void Events_keep_their_numbers()
    {
        // Filters and alerts of operators go by them: one may be added, none may change.
        string[] expected =
        [
            "1 ProviderRegistry.Reloaded", "2 ProviderRegistry.ReloadRefused", "3 ProviderRegistry.NeedsRestart",
            "4 ProviderRegistry.KeyInTheClear", "5 StartupCheck.OpenToAll", "10 SubmitLog.Served",
            "11 SubmitLog.NotServed", "12 SubmitOperation.Failed", "13 SubmitSender.TriesNext",
            "14 SubmitSender.UnusableId", "15 AcceptedVideos.NotRemembered", "16 SubmitCircuits.Silent", "17 SubmitCircuits.Answers",
            "18 SubmitSender.Found", "19 SubmitSender.NotEchoed", "20 VideoCallMiddleware.Failed", "21 RequestSigning.NotSigned",
            "22 VideoCallMiddleware.NotAnswered", "23 JobEnds.Failed", "24 StartupCheck.ShortSecret",
            "25 VideoCallMiddleware.CallerGone", "26 UnknownWords.Unknown",
            "30 Dependency.Away", "31 Dependency.Back",
            "32 RedisDatabase.Refuses", "33 RedisDatabase.Accepts",
            "34 RedisBacklog.Lost", "35 RedisSemanticIndex.Chosen", "36 PromptEmbedder.Failed", "37 RedisUpkeep.Failed", "38 RedisDatabase.Lost",
            "39 RedisLimitStore.Lost",
            "40 Announcement.Provider", "41 Announcement.NoProvider", "42 Announcement.Serving", "43 Announcement.Proxy",
        ];
        var events = new[] { typeof(RemixProxyExtensions).Assembly, typeof(HostSetup).Assembly }
            .SelectMany(a => a.GetTypes())
            .SelectMany(
                t => t.GetMethods(BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            .Select(m => (Attribute: m.GetCustomAttribute<LoggerMessageAttribute>(), Of: m.DeclaringType!.DeclaringType ?? m.DeclaringType, m.Name))
            .Where(e => e.Attribute is not null)
            .OrderBy(e => e.Attribute!.EventId)
            .Select(e => $"{e.Attribute!.EventId} {e.Of.Name}.{e.Name}");
        Assert.Equal(expected, events);
    }

    private async Task AssertAsync(ProxyApp app, string start, Task<Reply> call)
    {
        var reply = await call;
        var line = Line(app);
        Assert.StartsWith(start, line, StringComparison.Ordinal);
        Assert.EndsWith("; " + reply.Header("x-request-id"), line, StringComparison.Ordinal);
    }

    /// <summary>The one line since the last.</summary>
    private string Line(ProxyApp app)
    {
        var lines = app.Log.Where(l => l.Contains("[10]", StringComparison.Ordinal) || l.Contains("[11]", StringComparison.Ordinal)).ToArray();
        Assert.True(lines.Length == ++_lines, string.Join('\n', lines));
        // Without the category and the exception that there is none.
        return $"{lines[^1].Split(' ')[0]} {lines[^1][(lines[^1].IndexOf("] ", StringComparison.Ordinal) + 2)..].TrimEnd()}";
    }

    private static void AssertNothingPrivate(ProxyApp app) =>
        Assert.DoesNotContain(app.Log, l => l.Contains(Private, StringComparison.Ordinal) || l.Contains("secret-", StringComparison.Ordinal));

    private Task<ProxyApp> StartAsync(IStartupFilter? filter = null, bool isMany = true) => ProxyApp.StartAsync(new()
    {
        Sandbox = _upstream.Sandbox,
        Settings = { ["RemixProxy:Limits:MaxConcurrentSubmits"] = isMany ? "100" : "1", ["RemixProxy:Models:own:0"] = "openai/wan-2.2" },
        Proxy = proxy =>
        {
            _store.Install(proxy);
            _door.Install(proxy);
            if (filter is not null) proxy.Services.AddSingleton(filter);
        },
    });
}
