using System.Collections.Concurrent;
using Microsoft.AspNetCore.Http;
using RemixProxy.FunctionalTests.Kit;
using RemixProxy.Redis;
using RemixProxy.Sandbox;
using RemixProxy.TestKit.Redis;

namespace RemixProxy.FunctionalTests.Redis;

/// <summary>
/// Host processes that share a Redis 8 and a provider: one for each case, with a relay of its own between it and Redis, that dies or falls asleep in the middle
/// of a submit; and one that lives, against which the clients repeat.
/// Leases end in real time, so the cases run side by side, from the start.
/// </summary>
public sealed class KilledProcesses : IAsyncLifetime
{
    private static readonly (string Name, string Value) Retry = ("X-Stainless-Retry-Count", "1");

    // To Redis: nothing is sent yet, the first byte may leave, the provider took it.
    private static readonly Func<RedisCommand, bool> Sending = c => c.Runs(RedisScripts.Move) && c.Argument(3) == "1";
    private static readonly Func<RedisCommand, bool> Accepted = c => c.Runs(RedisScripts.Move) && c.Argument(3) == "2";
    private static readonly Func<RedisCommand, bool> Admitted = c => c.Runs(RedisScripts.Admit);
    private static readonly Func<RedisCommand, bool> Stored = c => c.Runs(RedisScripts.Enlist);

    private readonly ConcurrentQueue<(string Process, Func<HttpRequest, bool> Which, HeldRequests Requests)> _held = new();
    private readonly List<Task> _cases = [];
    private RedisServer _redis = null!;
    private SandboxServer _provider = null!;
    private HostProcess _living = null!;

    public Task AfterTheClaim { get; private set; } = null!;

    public Task AfterTheClaimWithoutKey { get; private set; } = null!;

    public Task AfterSendingWasWritten { get; private set; } = null!;

    public Task DuringTheSend { get; private set; } = null!;

    public Task AfterTheAnswer { get; private set; } = null!;

    public Task AfterTheAnswerOfAProviderThatFinds { get; private set; } = null!;

    public Task AfterTheVideoWasStored { get; private set; } = null!;

    public Task AfterTheEndWasWritten { get; private set; } = null!;

    public Task Asleep { get; private set; } = null!;

    public Task Stopped { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        _redis = await RedisServer.StartAsync(RedisVersion.Eight);
        _provider = await SandboxServer.StartAsync(new() { Intercept = InterceptAsync });
        _living = await StartAsync("living", _redis.ConnectionString);
        AfterTheClaim = Begin(AfterTheClaimAsync);
        AfterTheClaimWithoutKey = Begin(AfterTheClaimWithoutKeyAsync);
        AfterSendingWasWritten = Begin(AfterSendingWasWrittenAsync);
        DuringTheSend = Begin(DuringTheSendAsync);
        AfterTheAnswer = Begin(AfterTheAnswerAsync);
        AfterTheAnswerOfAProviderThatFinds = Begin(AfterTheAnswerOfAProviderThatFindsAsync);
        AfterTheVideoWasStored = Begin(AfterTheVideoWasStoredAsync);
        AfterTheEndWasWritten = Begin(AfterTheEndWasWrittenAsync);
        Asleep = Begin(AsleepAsync);
        Stopped = Begin(StoppedAsync);
    }

    public async ValueTask DisposeAsync()
    {
        // Cases whose test did not run. No test has to see their failure.
        await Task.WhenAll(_cases).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _living.DisposeAsync();
        await _provider.DisposeAsync();
        await _redis.DisposeAsync();
    }

    private async Task AfterTheClaimAsync()
    {
        await using var first = await FirstAsync("claimed");
        var moment = first.Relay.HoldBefore(Sending);
        var lost = CreateAsync(first.Host, "claimed", ("Idempotency-Key", "claimed"));
        await first.DieAsync(moment.Reached, lost);

        var repeats = await Task.WhenAll(
            CreateAsync(_living, "claimed", ("Idempotency-Key", "claimed")), CreateAsync(_living, "claimed", ("Idempotency-Key", "claimed")));
        AssertOneVideo(repeats, replayed: 1);
        Assert.Equal(1, Arrivals("claimed"));
        (await CreateAsync(_living, "another", ("Idempotency-Key", "claimed"))).AssertError(422, "idempotency_key_reused");
    }

    private async Task AfterTheClaimWithoutKeyAsync()
    {
        await using var first = await FirstAsync("asking");
        var source = await FinishedAsync();
        // Remixes whose source is asked for a fresh URL: recorded, and nothing that costs money sent.
        var asking = Hold(first, r => r.Method == "GET");
        var admitted = first.Relay.Watch(Admitted, times: 3);
        Task<Reply>[] lost = [.. new[] { "asking-1", "asking-2", "asking-3" }.Select(prompt => RemixAsync(first.Host, source, prompt))];
        await first.DieAsync(Task.WhenAll(admitted.Reached, asking.Arrived()), lost);

        var (plain, retry, pair) = (
            RemixAsync(_living, source, "asking-1"), RemixAsync(_living, source, "asking-2", Retry), Task.WhenAll(
                RemixAsync(_living, source, "asking-3", Retry), RemixAsync(_living, source, "asking-3", Retry)));
        Assert.False((await plain).IsReplayed);
        Assert.EndsWith(":runway", (await plain).Id, StringComparison.Ordinal);
        Assert.False((await retry).IsReplayed);
        Assert.EndsWith(":runway", (await retry).Id, StringComparison.Ordinal);
        AssertOneVideo(await pair, replayed: 1);
        Assert.Equal((1, 1, 1), (Arrivals("asking-1"), Arrivals("asking-2"), Arrivals("asking-3")));
    }

    private async Task AfterSendingWasWrittenAsync()
    {
        await using var first = await FirstAsync("written");
        var moment = first.Relay.HoldAfter(Sending);
        await first.DieAsync(moment.Reached, CreateAsync(first.Host, "written", ("Idempotency-Key", "written")));

        await AssertUnknownAsync("written");
        Assert.Equal(0, Arrivals("written"));
    }

    private async Task DuringTheSendAsync()
    {
        await using var first = await FirstAsync("on-its-way");
        string[] prompts = ["on-its-way-1", "on-its-way-2", "on-its-way-3", "on-its-way-4"];
        var gate = Hold(first, IsSubmit);
        Task<Reply>[] lost = [.. prompts.Select(p => CreateAsync(first.Host, p, p == prompts[0] ? [("Idempotency-Key", p)] : []))];
        await first.DieAsync(gate.Arrived(prompts.Length), lost);

        Reply[] repeats = await Task.WhenAll(
            CreateAsync(_living, prompts[0], ("Idempotency-Key", prompts[0])), CreateAsync(_living, prompts[1], Retry),
            DeadAsync(first, prompts[2]), CreateAsync(_living, prompts[3], Retry), CreateAsync(_living, prompts[3], Retry));
        Assert.All(repeats, AssertUnknown);
        // The key keeps it, and so does the record for whoever asks without.
        foreach (var prompt in prompts) AssertUnknown(await CreateAsync(_living, prompt));
        Assert.All(prompts, p => Assert.Equal(1, Arrivals(p)));
        // Who wants another video says so.
        Assert.Equal(200, (await CreateAsync(_living, prompts[0], ("Cache-Control", "no-cache"))).Status);
    }

    private async Task AfterTheAnswerAsync()
    {
        await using var first = await FirstAsync("answered");
        string[] prompts = ["answered-1", "answered-2", "answered-3"];
        var moment = first.Relay.HoldBefore(Stored, prompts.Length);
        // The relay stops everything at the first answer, so all have to be on their way by then.
        var gate = Hold(first, IsSubmit);
        Task<Reply>[] lost = [.. prompts.Select(p => CreateAsync(first.Host, p, p == prompts[0] ? [("Idempotency-Key", p)] : []))];
        await gate.Arrived(prompts.Length);
        gate.Open();
        await first.DieAsync(moment.Reached, lost);

        var repeats = await Task.WhenAll(
            CreateAsync(_living, prompts[0], ("Idempotency-Key", prompts[0])), CreateAsync(_living, prompts[1], Retry), DeadAsync(first, prompts[2]));
        Assert.All(repeats, AssertUnknown);
        Assert.All(prompts, p => Assert.Equal(1, Arrivals(p)));
    }

    private async Task AfterTheAnswerOfAProviderThatFindsAsync()
    {
        await using var first = await FirstAsync("found");
        var moment = first.Relay.HoldBefore(Stored);
        await first.DieAsync(moment.Reached, FindableAsync(first.Host, "found"));

        var repeats = await Task.WhenAll(FindableAsync(_living, "found"), FindableAsync(_living, "found", Retry));
        AssertOneVideo(repeats, replayed: 2);
        Assert.EndsWith(":kling", repeats[0].Id, StringComparison.Ordinal);
        Assert.Equal((1, 1), (Arrivals("found"), _provider.SubmitsOf("kling")));
        Assert.Equal([repeats[0].Id], await ListAsync("found"));

        static Task<Reply> FindableAsync(HostProcess host, string prompt, params (string Name, string Value)[] headers) =>
            SendAsync(host, "POST", "v1/videos", new { model = "kling/kling-3.0", prompt }, [("Idempotency-Key", prompt), .. headers]);
    }

    private async Task AfterTheVideoWasStoredAsync()
    {
        await using var first = await FirstAsync("stored");
        var moment = first.Relay.HoldBefore(Accepted);
        await first.DieAsync(moment.Reached, CreateAsync(first.Host, "stored", ("Idempotency-Key", "stored")));

        await AssertUnknownAsync("stored");
        Assert.Equal(1, Arrivals("stored"));
        var video = Assert.Single(await ListAsync("stored"));
        Assert.Equal(200, (await SendAsync(_living, "GET", "v1/videos/" + video, null)).Status);
    }

    private async Task AfterTheEndWasWrittenAsync()
    {
        await using var first = await FirstAsync("ended");
        var moment = first.Relay.HoldAfter(Accepted);
        await first.DieAsync(moment.Reached, CreateAsync(first.Host, "ended", ("Idempotency-Key", "ended")));

        var video = Assert.Single(await ListAsync("ended"));
        var repeats = await Task.WhenAll(
            CreateAsync(_living, "ended", ("Idempotency-Key", "ended")), CreateAsync(_living, "ended", Retry), CreateAsync(_living, "ended", Retry),
                DeadAsync(first, "ended"));
        AssertOneVideo(repeats, replayed: repeats.Length);
        Assert.Equal(video, repeats[0].Id);
        Assert.Equal(1, Arrivals("ended"));
    }

    private async Task AsleepAsync()
    {
        await using var first = await FirstAsync("asleep");
        var source = await FinishedAsync();
        var (asking, sending) = (Hold(first, r => r.Method == "GET"), Hold(first, IsSubmit));
        var claimed = RemixAsync(first.Host, source, "asleep-1", ("Idempotency-Key", "asleep-1"));
        var sent = CreateAsync(first.Host, "asleep-2", ("Idempotency-Key", "asleep-2"));
        await Task.WhenAll(asking.Arrived(), sending.Arrived());
        await first.Host.PauseAsync();

        var (heir, unknown) = (
            RemixAsync(_living, source, "asleep-1", ("Idempotency-Key", "asleep-1")), CreateAsync(_living, "asleep-2", ("Idempotency-Key", "asleep-2")));
        AssertUnknown(await unknown);
        Assert.Equal((200, false), ((await heir).Status, (await heir).IsReplayed));
        asking.Open();
        sending.Open();
        await first.Host.ResumeAsync();

        // Another replica has taken its place. The process learns of that and sends nothing.
        (await claimed).AssertError(409, "submission_in_progress");
        Assert.Equal(1, Arrivals("asleep-1"));
        // What it had sent is answered late: a video for its caller, for the list, and for whoever asks again.
        var late = (await sent).Id;
        var again = await CreateAsync(_living, "asleep-2", ("Idempotency-Key", "asleep-2"));
        Assert.Equal((late, true), (again.Id, again.IsReplayed));
        Assert.Equal([late], await ListAsync("asleep-2"));
        Assert.Equal(1, Arrivals("asleep-2"));
    }

    private async Task StoppedAsync()
    {
        await using var first = await FirstAsync("stopped");
        var gate = Hold(first, IsSubmit);
        var submit = CreateAsync(first.Host, "stopped", ("Idempotency-Key", "stopped"));
        await gate.Arrived();
        await first.Host.TerminateAsync();
        var beats = first.Relay.Watch(c => c.Runs(RedisScripts.Renew), times: 5);
        var waiting = CreateAsync(_living, "stopped", ("Idempotency-Key", "stopped"));
        // Longer than a dead holder's silence. A living holder keeps what it sends until it has ended.
        await beats.Reached;
        Assert.False(waiting.IsCompleted);
        gate.Open();

        Assert.Equal(((await submit).Id, true), ((await waiting).Id, (await waiting).IsReplayed));
        Assert.Equal(0, await first.Host.ExitAsync());

        // It comes again and remembers nothing by itself.
        await using var next = await StartAsync("stopped", _redis.ConnectionString);
        var repeats = await Task.WhenAll(CreateAsync(next, "stopped", ("Idempotency-Key", "stopped")), CreateAsync(next, "stopped", Retry));
        AssertOneVideo([.. repeats, await submit], replayed: 2);
        Assert.Equal([(await submit).Id], await ListAsync("stopped"));
        Assert.Equal(1, Arrivals("stopped"));
    }

    private static bool IsSubmit(HttpRequest request) => Upstream.IsSubmit(request.Method, request.Path);

    private static void AssertUnknown(Reply reply)
    {
        reply.AssertError(424, "submission_unknown");
        Assert.Equal("false", reply.Header("x-should-retry"));
    }

    private static void AssertOneVideo(IReadOnlyCollection<Reply> replies, int replayed)
    {
        Assert.Single(replies.Select(r => r.Id).Distinct(StringComparer.Ordinal));
        Assert.Equal(replayed, replies.Count(r => r.IsReplayed));
    }

    private static Task<Reply> CreateAsync(HostProcess host, string prompt, params (string Name, string Value)[] headers) =>
        SendAsync(host, "POST", "v1/videos", new { model = "openai/sora-2", prompt }, headers);

    private static Task<Reply> RemixAsync(HostProcess host, string source, string prompt, params (string Name, string Value)[] headers) =>
        SendAsync(host, "POST", $"v1/videos/{source}/remix", new { prompt }, headers);

    private static async Task<Reply> SendAsync(HostProcess host, string method, string path, object? json, params (string Name, string Value)[] headers)
    {
        using var request = Calls.Request(method, path, json, headers);
        using var response = await host.Http.SendAsync(request);
        return await Reply.ReadAsync(response);
    }

    private Task Begin(Func<Task> @case)
    {
        var running = @case();
        _cases.Add(running);
        return running;
    }

    /// <summary>How often a submit with that prompt reached the provider, from whichever process.</summary>
    private int Arrivals(string prompt) =>
        _provider.Requests.Count(r => Upstream.IsSubmit(r.Method, r.PathAndQuery) && r.BodyText.Contains($"\"{prompt}\"", StringComparison.Ordinal));

    private async Task<string[]> ListAsync(string prompt)
    {
        var list = await SendAsync(_living, "GET", "v1/videos?limit=100", null);
        return [.. list.Ok()["data"]!.AsArray().Where(v => v!["prompt"]!.GetValue<string>() == prompt).Select(v => v!["id"]!.GetValue<string>())];
    }

    // By the same request in every way: none of them may be sent.
    private async Task AssertUnknownAsync(string prompt)
    {
        var repeats = await Task.WhenAll(
            CreateAsync(_living, prompt, ("Idempotency-Key", prompt)), CreateAsync(
                _living, prompt, ("Idempotency-Key", prompt)), CreateAsync(_living, prompt, Retry), CreateAsync(_living, prompt, Retry));
        Assert.All(repeats, AssertUnknown);
        AssertUnknown(await CreateAsync(_living, prompt));
    }

    /// <summary>A source of the case's own: what another case asks for must not spare it the asking.</summary>
    private async Task<string> FinishedAsync()
    {
        var source = (await SendAsync(_living, "POST", "v1/videos", new { model = "runway/gen4.5", prompt = "source" })).Id;
        while ((await SendAsync(_living, "GET", "v1/videos/" + source, null)).Ok()["status"]!.GetValue<string>() != "completed")
            await Task.Delay(TimeSpan.FromMilliseconds(250), TimeProvider.System, CancellationToken.None);
        return source;
    }

    private Task InterceptAsync(HttpContext http, RequestDelegate simulator)
    {
        var held = _held.FirstOrDefault(h => http.Request.Headers.Authorization == "Bearer " + h.Process && h.Which(http.Request)).Requests;
        return held is null ? simulator(http) : held.HoldAsync(http, simulator);
    }

    /// <summary>Holds what a process sends to the provider.</summary>
    private HeldRequests Hold(FirstProcess first, Func<HttpRequest, bool> which)
    {
        var held = new HeldRequests();
        _held.Enqueue((first.Name, which, held));
        return held;
    }

    private async Task<FirstProcess> FirstAsync(string name)
    {
        var relay = RedisRelay.To(_redis);
        try
        {
            return new(name, relay, await StartAsync(name, relay.ConnectionString));
        }
        catch
        {
            await relay.DisposeAsync();
            throw;
        }
    }

    private Task<HostProcess> StartAsync(string name, string redis)
    {
        var setup = new HostProcess.Setup
        {
            Environment =
            {
                ["RemixProxy__Redis__ConnectionString"] = redis,
                // So that neither a held command nor a busy machine looks like a Redis that is away.
                ["RemixProxy__Redis__Timeout"] = "00:00:10",
            },
        };
        foreach (var type in new[] { "openai", "runway", "kling" })
        {
            setup.Environment[$"RemixProxy__Providers__{type}__BaseUrl"] = _provider.BaseUrl(type, type);
            // By which the provider knows the processes apart.
            setup.Environment[$"RemixProxy__Providers__{type}__ApiKey"] = name;
            // So that each remix asks for its source, however lately another did.
            setup.Environment[$"RemixProxy__Providers__{type}__PollInterval"] = "00:00:00.001";
        }

        return HostProcess.StartAsync(setup);
    }

    // Asks as a person does, by the same request and nothing else, once the first process has been silent for long enough to be dead; before, that is a new
    // wish.
    private async Task<Reply> DeadAsync(FirstProcess first, string prompt)
    {
        foreach (var admit in first.Relay.Commands(Admitted))
        {
            var record = admit.Argument(1) + admit.Argument(2);
            while (DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() - long.Parse(
                await _redis.CommandAsync("HGET", record, "r")) <= RedisSubmissions.Silence.TotalMilliseconds)
                await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, CancellationToken.None);
        }

        return await CreateAsync(_living, prompt);
    }

    /// <summary>The process of a case.</summary>
    private sealed record FirstProcess(string Name, RedisRelay Relay, HostProcess Host) : IAsyncDisposable
    {
        /// <summary>Kills it at a moment; its callers have no answer.</summary>
        public async Task DieAsync(Task moment, params Task<Reply>[] lost)
        {
            await await Task.WhenAny(
                [moment, .. lost.Select(l => l.ContinueWith(r => Assert.Fail("Answered too soon: " + r.Result.Text), TaskScheduler.Default))]);
            await Host.KillAsync();
            foreach (var task in lost) await Assert.ThrowsAnyAsync<HttpRequestException>(() => task);
        }

        public async ValueTask DisposeAsync()
        {
            await Host.DisposeAsync();
            await Relay.DisposeAsync();
        }
    }

    /// <summary>Requests that wait at the provider until they may go on, or the proxy hangs up.</summary>
    private sealed class HeldRequests
    {
        private readonly SemaphoreSlim _arrivals = new(0);
        private readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public async Task Arrived(int count = 1)
        {
            for (var i = 0; i < count; i++) Assert.True(await _arrivals.WaitAsync(TimeSpan.FromSeconds(60)));
        }

        public void Open() => _opened.TrySetResult();

        public async Task HoldAsync(HttpContext http, RequestDelegate simulator)
        {
            _arrivals.Release();
            await _opened.Task.WaitAsync(http.RequestAborted);
            await simulator(http);
        }
    }
}
