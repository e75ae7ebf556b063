using Microsoft.Extensions.DependencyInjection;
using RemixProxy.Contract;
using RemixProxy.FunctionalTests.Cache;
using RemixProxy.FunctionalTests.Kit;
using RemixProxy.FunctionalTests.Redis;
using RemixProxy.Jobs;

namespace RemixProxy.FunctionalTests.Telemetry;

/// <summary><c>remixproxy.jobs</c>: each job counts when it is seen to end, once.</summary>
public class JobMetricsTests
{
    [Theory]
    [InlineData("openai")]
    [InlineData("gemini")]
    [InlineData("luma")]
    [InlineData("runway")]
    public async Task A_job_counts_once_however_often_it_is_asked_for(string provider)
    {
        await using var app = await ProxyApp.StartAsync();
        using var measured = new Instruments(app);
        foreach (var (prompt, status) in new[] { ("x", "completed"), ("FAIL", "failed") })
        {
            var id = (await app.CreateAsync(FinishedVideos.ModelOf(provider), prompt)).Id;
            var video = await app.FinishAsync(id);
            Assert.Equal(status, video["status"]!.GetValue<string>());
            for (var i = 0; i < 3; i++)
            {
                app.Time.Advance(TimeSpan.FromMinutes(30));
                await Task.WhenAll(app.GetAsync("v1/videos/" + id), app.CallAsync("GET", $"v1/videos/{id}/content"), app.GetAsync("v1/videos"));
            }

            if (status == "completed")
                Assert.Equal([video["completed_at"]!.GetValue<long>() - video["created_at"]!.GetValue<long>()], measured.Values("job.duration"));
        }

        Assert.Equal([$"{provider} completed 1", $"{provider} failed 1"], measured.Sums("jobs"));
        // The time of a failure is not known.
        Assert.Equal([$"{provider} 1"], measured.Counts("job.duration"));
        Assert.InRange(measured.Values("job.duration")[0], 1, 300);
    }

    [Fact]
    public async Task One_that_its_provider_answers_at_once_counts_too()
    {
        var upstream = new Upstream();
        await using var app = await ProxyApp.StartAsync(new() { Sandbox = upstream.Sandbox });
        using var measured = new Instruments(app);
        upstream.OnSubmit("openai", Upstream.Answers(200, """{"id":"video_1","status":"completed"}"""));
        Assert.Equal("completed", (await app.CreateAsync("openai/sora-2", "x")).Ok()["status"]!.GetValue<string>());
        Assert.Equal(["openai completed 1"], measured.Sums("jobs"));
    }

    [Fact]
    public async Task One_that_is_never_finished_counts_as_failed_when_its_time_is_up()
    {
        var upstream = new Upstream();
        await using var app = await ProxyApp.StartAsync(new() { Sandbox = upstream.Sandbox });
        using var measured = new Instruments(app);
        upstream.On("openai", _ => true, Upstream.Answers(200, """{"id":"video_1","status":"in_progress"}"""));
        var id = (await app.CreateAsync("openai/sora-2", "x")).Id;
        app.Time.Advance(TimeSpan.FromHours(2));
        Assert.Equal("failed", (await app.GetAsync("v1/videos/" + id))["status"]!.GetValue<string>());
        Assert.Equal(["openai failed 1"], measured.Sums("jobs"));
    }

    [Fact]
    public async Task Two_replicas_that_see_it_end_at_one_time_count_it_once()
    {
        await using var replicas = await TwoReplicas.StartAsync();
        using var first = new Instruments(replicas.First);
        using var second = new Instruments(replicas.Second);
        var id = (await replicas.CreateAsync("x")).Id;
        replicas.Time.Advance(TimeSpan.FromMinutes(1));
        await replicas.HealAsync();
        var gate = new Gate();
        replicas.Upstream.On("openai", r => r.Method == "GET", gate.HoldAsync);
        var slow = replicas.First.CallAsync("GET", "v1/videos/" + id);
        await gate.Arrived;
        replicas.Upstream.Heal();
        // As when it takes longer than others wait for it.
        Assert.True(VideoId.TryParse(id, out var video));
        await replicas.First.Services.GetRequiredService<IJobStore>().EndPollAsync(video.Value, TestContext.Current.CancellationToken);
        var quick = await replicas.RunAsync(replicas.Second.CallAsync("GET", "v1/videos/" + id));
        gate.Open();
        Assert.All([quick, await replicas.RunAsync(slow)], r => Assert.Equal("completed", r.Ok()["status"]!.GetValue<string>()));
        Assert.Equal(2, replicas.First.PollsSeen());
        Assert.Equal((0, 1), (first.Values("jobs").Length, second.Values("jobs").Length));
    }

    [Fact]
    public async Task Of_two_replicas_one_counts_it()
    {
        await using var replicas = await TwoReplicas.StartAsync();
        using var first = new Instruments(replicas.First);
        using var second = new Instruments(replicas.Second);
        for (var i = 1; i <= 5; i++)
        {
            var id = (await replicas.CreateAsync($"wish {i}")).Id;
            replicas.Time.Advance(TimeSpan.FromMinutes(1));
            await replicas.HealAsync();
            var asked = Enumerable.Range(0, 10).Select(n => (n % 2 == 0 ? replicas.First : replicas.Second).CallAsync("GET", "v1/videos/" + id)).ToArray();
            foreach (var reply in await replicas.RunAsync(Task.WhenAll(asked))) _ = reply.Ok();
            Assert.Equal(i, first.Values("jobs").Sum() + second.Values("jobs").Sum());
            Assert.Equal(i, first.Values("job.duration").Length + second.Values("job.duration").Length);
        }

        Assert.Equal(["openai completed"], first.Sums("jobs").Concat(second.Sums("jobs")).Select(s => s[..^2]).Distinct());
    }
}
