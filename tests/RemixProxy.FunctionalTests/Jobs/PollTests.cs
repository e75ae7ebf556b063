using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using RemixProxy.FunctionalTests.Kit;

namespace RemixProxy.FunctionalTests.Jobs;

/// <summary>How often and for whom providers are asked about a job.</summary>
public class PollTests
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private int _polls;

    [Fact]
    public async Task Two_hundred_callers_cost_one_poll_an_interval()
    {
        await using var app = await StartAsync((_, answer) => answer());
        var id = await CreateAsync(app);

        for (var round = 1; round <= 3; round++)
        {
            app.Time.Advance(Interval);
            var videos = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => app.GetAsync("v1/videos/" + id)));

            Assert.All(videos, v => Assert.Equal("in_progress", v["status"]!.GetValue<string>()));
            Assert.Equal(round, _polls);
        }
    }

    [Fact]
    public async Task Provider_that_fails_is_asked_no_more_often_and_the_known_state_is_told_meanwhile()
    {
        await using var app = await StartAsync((context, _) =>
        {
            context.Response.StatusCode = 500;
            return Task.CompletedTask;
        });
        var id = await CreateAsync(app);
        app.Time.Advance(Interval);

        var statuses = await Task.WhenAll(Enumerable.Range(0, 50).Select(async _ =>
        {
            using var response = await app.Http.GetAsync("v1/videos/" + id);
            return (int)response.StatusCode;
        }));

        Assert.Equal(1, _polls);
        Assert.Contains(502, statuses);
        Assert.Empty(statuses.Except([200, 502]));
        Assert.Equal("queued", (await app.GetAsync("v1/videos/" + id))["status"]!.GetValue<string>());
        Assert.Equal(1, _polls);
        app.Time.Advance(Interval);
        await app.Http.GetErrorAsync("v1/videos/" + id, HttpStatusCode.BadGateway, "provider_error");
        Assert.Equal(2, _polls);
    }

    [Fact]
    public async Task Provider_that_hangs_is_given_up_for_all_at_the_providers_timeout()
    {
        var asked = new TaskCompletionSource();
        await using var app = await StartAsync((context, _) =>
        {
            asked.TrySetResult();
            return Task.Delay(Timeout.Infinite, context.RequestAborted);
        });
        var id = await CreateAsync(app);
        app.Time.Advance(Interval);
        var callers = Enumerable.Range(0, 20).Select(_ => app.Http.GetAsync("v1/videos/" + id)).ToArray();
        await asked.Task;

        app.Time.Advance(TimeSpan.FromSeconds(50));

        var responses = await Task.WhenAll(callers);
        Assert.Equal(1, _polls);
        Assert.Contains(responses, r => r.StatusCode == HttpStatusCode.GatewayTimeout);
        Assert.Empty(responses.Select(r => r.StatusCode).Except([HttpStatusCode.OK, HttpStatusCode.GatewayTimeout]));
    }

    [Fact]
    public async Task Caller_that_leaves_does_not_cancel_the_poll_that_others_share()
    {
        var (asked, left, goOn) = (new TaskCompletionSource(), new TaskCompletionSource(), new TaskCompletionSource());
        await using var app = await StartAsync(
            async (_, answer) =>
            {
                asked.SetResult();
                await goOn.Task;
                await answer();
            },
            services => services.AddSingleton<IStartupFilter>(new OnAbort(() => left.TrySetResult())));
        var id = await CreateAsync(app);
        app.Time.Advance(Interval);
        using var patience = new CancellationTokenSource();
        var leaver = app.Http.GetAsync("v1/videos/" + id, patience.Token);
        await asked.Task;
        var stayer = app.GetAsync("v1/videos/" + id);

        await patience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => leaver);
        await left.Task.WaitAsync(TimeSpan.FromSeconds(30));
        goOn.SetResult();

        Assert.Equal("in_progress", (await stayer)["status"]!.GetValue<string>());
        Assert.Equal(1, _polls);
    }

    [Fact]
    public async Task Progress_and_status_never_go_backwards_however_the_provider_jumps()
    {
        var answers = new Queue<string>(
            ["""{"status":"in_progress","progress":60}""", """{"status":"queued","progress":0}""", """{"status":"in_progress","progress":250}""",
                """{"status":"in_progress"}""", """{"status":"completed","progress":3}"""]);
        await using var app = await StartAsync((context, _) => context.Response.WriteAsync(answers.Dequeue()));
        var id = await CreateAsync(app);
        var seen = new List<(string Status, int Progress)>();
        while (answers.Count > 0)
        {
            app.Time.Advance(Interval);
            var video = await app.GetAsync("v1/videos/" + id);
            seen.Add((video["status"]!.GetValue<string>(), video["progress"]!.GetValue<int>()));
        }

        Assert.Equal([("in_progress", 60), ("in_progress", 60), ("in_progress", 99), ("in_progress", 99), ("completed", 100)], seen);
    }

    [Theory]
    [InlineData("A boat", "completed")]
    [InlineData("FAIL", "failed")]
    public async Task Finished_job_is_answered_without_asking_again(string prompt, string status)
    {
        await using var app = await ProxyApp.StartAsync();
        var id = (await app.CreateFinishedAsync("openai/sora-2", prompt))["id"]!.GetValue<string>();
        var before = app.Sandbox.Requests.Count;
        app.Time.Advance(TimeSpan.FromHours(5));

        Assert.Equal(status, (await app.GetAsync("v1/videos/" + id))["status"]!.GetValue<string>());
        Assert.Equal(status, (await app.GetAsync("v1/videos"))["data"]![0]!["status"]!.GetValue<string>());
        Assert.Equal(before, app.Sandbox.Requests.Count);
    }

    [Fact]
    public async Task Job_past_its_timeout_is_failed_only_by_a_poll_that_still_finds_it_unfinished()
    {
        await using var app = await ProxyApp.StartAsync(new() { Settings = new() { ["RemixProxy:Providers:openai:JobTimeout"] = "00:00:30" } });
        var slow = await CreateAsync(app, "SLOW");
        var quick = await CreateAsync(app, "A boat");
        app.Time.Advance(TimeSpan.FromSeconds(31));

        var listed = (await app.GetAsync("v1/videos"))["data"]!.AsArray();
        var expired = await app.GetAsync("v1/videos/" + slow);
        var completed = await app.GetAsync("v1/videos/" + quick);

        Assert.All(listed, v => Assert.Equal("queued", v!["status"]!.GetValue<string>()));
        Assert.Equal(("failed", "expired"), (expired["status"]!.GetValue<string>(), expired["error"]!["code"]!.GetValue<string>()));
        Assert.Equal("completed", completed["status"]!.GetValue<string>());
    }

    [Fact]
    public async Task Provider_that_is_away_is_503_until_it_is_back()
    {
        var away = false;
        await using var app = await StartAsync((context, answer) =>
        {
            if (!away) return answer();
            context.Abort();
            return Task.CompletedTask;
        });
        var id = await CreateAsync(app);
        (away, var path) = (true, "v1/videos/" + id);
        app.Time.Advance(Interval);

        var error = await app.Http.GetErrorAsync(path, HttpStatusCode.ServiceUnavailable, "provider_unavailable");

        Assert.DoesNotContain("127.0.0.1", error.ToJsonString(), StringComparison.Ordinal);
        away = false;
        app.Time.Advance(Interval);
        Assert.Equal("in_progress", (await app.GetAsync(path))["status"]!.GetValue<string>());
    }

    [Fact]
    public async Task Provider_where_nobody_listens_is_503()
    {
        using var closed = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        closed.Start();
        var address = $"http://{closed.LocalEndpoint}";
        closed.Stop();
        await using var app = await ProxyApp.StartAsync(new() { Settings = new() { ["RemixProxy:Providers:openai:BaseUrl"] = address } });

        await app.Http.GetErrorAsync("v1/videos/video_1:openai", HttpStatusCode.ServiceUnavailable, "provider_unavailable");
    }

    private static async Task<string> CreateAsync(ProxyApp app, string prompt = "SLOW") =>
        (await app.PostAsync("v1/videos", new { model = "openai/sora-2", prompt }))["id"]!.GetValue<string>();

    /// <summary>Starts the proxy with a hand on the polls of openai; the delegate's second argument answers one as in progress.</summary>
    private Task<ProxyApp> StartAsync(Func<HttpContext, Func<Task>, Task> poll, Action<IServiceCollection>? services = null) => ProxyApp.StartAsync(new()
    {
        Proxy = proxy => services?.Invoke(proxy.Services),
        Sandbox = new()
        {
            Intercept = (context, next) =>
            {
                if (context.Request.Method != "GET") return next(context);
                Interlocked.Increment(ref _polls);
                return poll(context, () => context.Response.WriteAsync(new JsonObject { ["status"] = "in_progress", ["progress"] = 10 }.ToJsonString()));
            },
        },
    });

    private sealed class OnAbort(Action aborted) : IStartupFilter
    {
        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
        {
            app.Use(async (context, rest) =>
            {
                await using var registration = context.RequestAborted.Register(aborted);
                try
                {
                    await rest(context);
                }
                finally
                {
                    // The call may end before its turn among the listeners comes.
                    if (context.RequestAborted.IsCancellationRequested) aborted();
                }
            });
            next(app);
        };
    }
}
