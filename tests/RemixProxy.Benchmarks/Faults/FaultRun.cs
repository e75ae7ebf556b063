using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net.Http.Json;
using RemixProxy.Benchmarks.Load;
using RemixProxy.TestKit.Redis;

namespace RemixProxy.Benchmarks.Faults;

/// <summary>
/// Two replicas on one Redis under load, while one provider call in five fails, Redis is killed twice and one replica once. Afterwards everything that callers
/// were answered is compared with what the provider saw.
/// </summary>
internal sealed class FaultRun : IAsyncDisposable
{
    private const double FlatRatio = 1.3;

    /// <summary>A shorter run says nothing about memory.</summary>
    private const int LeastSeconds = 60;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly FaultOptions _options;
    private readonly CancellationToken _stopped;
    private readonly RedisServer _redis;
    private readonly ServerProcess _provider;
    private readonly ServerProcess[] _replicas;
    private readonly Laws _laws = new();
    private readonly FaultClient _client;
    private readonly ConcurrentDictionary<int, Wish> _wishes = new();
    private readonly ConcurrentQueue<Wish> _unpolled = new();
    private readonly ConcurrentDictionary<int, Wish> _accepted = new();
    private readonly ConcurrentDictionary<int, Wish> _completed = new();
    private readonly List<string> _events = [];
    private Tally? _tally;
    private string _redisVersion = "";
    private long _started;
    private int _lastWish = -1;
    private int _acceptedCount;
    private int _completedCount;

    private FaultRun(FaultOptions options, RedisServer redis, ServerProcess provider, ServerProcess[] replicas, CancellationToken stopped)
    {
        (_options, _redis, _provider, _replicas, _stopped) = (options, redis, provider, replicas, stopped);
        _client = new(replicas, _laws);
    }

    private TimeSpan Length => TimeSpan.FromSeconds(_options.Seconds);

    private TimeSpan Elapsed => Stopwatch.GetElapsedTime(_started);

    private bool IsOver => Elapsed >= Length || _stopped.IsCancellationRequested;

    /// <summary>Runs it and prints the tables.</summary>
    /// <returns>The exit code: 1 where a law was broken.</returns>
    public static async Task<int> RunAsync(FaultOptions options)
    {
        using var stop = new CancellationTokenSource();
        Console.CancelKeyPress += (_, key) =>
        {
            // The processes are stopped in order, and the folder of Redis is removed.
            key.Cancel = true;
            stop.Cancel();
        };
        await using var run = await StartAsync(options, stop.Token);
        try
        {
            await run.LoadAsync();
            await run.JudgeAsync();
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return 130;
        }

        run.Print();
        return run._laws.Hold ? 0 : 1;
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        foreach (var server in _replicas.Append(_provider)) await server.DisposeAsync();
        await _redis.DisposeAsync();
    }

    private static async Task<FaultRun> StartAsync(FaultOptions options, CancellationToken stopped)
    {
        var redis = await RedisServer.StartAsync(RedisVersion.Eight, "--appendonly", "yes");
        var provider = new ServerProcess("RemixProxy.Benchmarks", [FaultyProvider.Door], []);
        ServerProcess[] replicas = [];
        try
        {
            await provider.StartAsync();
            replicas = [.. Enumerable.Range(0, 2).Select(_ => new ServerProcess("RemixProxy.Host", [], Settings(provider.Address, redis)))];
            foreach (var replica in replicas) await replica.StartAsync();
            return new(options, redis, provider, replicas, stopped);
        }
        catch
        {
            foreach (var server in replicas.Append(provider)) await server.DisposeAsync();
            await redis.DisposeAsync();
            throw;
        }
    }

    private static Dictionary<string, string> Settings(Uri provider, RedisServer redis)
    {
        var settings = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["ASPNETCORE_URLS"] = "http://127.0.0.1:0",
            ["Logging__LogLevel__Default"] = "Warning",
            ["Logging__Console__FormatterOptions__SingleLine"] = "true",
            ["RemixProxy__Redis__ConnectionString"] = redis.ConnectionString,
            // All of this shares a machine. What takes long for want of a core must not look like a Redis that is away.
            ["RemixProxy__Redis__Timeout"] = "00:00:02",
            ["RemixProxy__Models__film__0"] = "alpha/sora-2",
            ["RemixProxy__Models__film__1"] = "beta/sora-2",
        };
        foreach (var account in new[] { "alpha", "beta" })
        {
            var key = $"RemixProxy__Providers__{account}__";
            settings[key + "Type"] = "openai";
            settings[key + "BaseUrl"] = $"{provider}{account}/v1";
            settings[key + "ApiKey"] = "none";
            settings[key + "PollInterval"] = "00:00:02";
            settings[key + "Timeout"] = FaultyProvider.Timeout.ToString();
        }

        for (var caller = 0; caller < Wish.Callers; caller++)
        {
            settings[$"RemixProxy__Clients__{caller}__Name"] = $"caller-{caller}";
            settings[$"RemixProxy__Clients__{caller}__Keys__0"] = FaultClient.KeyOf(caller);
        }

        return settings;
    }

    private async Task LoadAsync()
    {
        var server = (await _redis.CommandAsync("INFO", "server")).Split("\r\n");
        _redisVersion = server.First(l => l.StartsWith("redis_version:", StringComparison.Ordinal)).Split(':')[1];
        _started = Stopwatch.GetTimestamp();
        await Task.WhenAll(
        [
            FailAsync(), SampleAsync(),
            .. Enumerable.Range(0, _options.Submits).Select(_ => Task.Run(SubmitAsync)),
            .. Enumerable.Range(0, _options.Pollers).Select(_ => Task.Run(PollAsync)),
            .. Enumerable.Range(0, _options.Downloads).Select(_ => Task.Run(DownloadAsync)),
        ]);
        _stopped.ThrowIfCancellationRequested();
        Say("the last answers are there");
    }

    private async Task FailAsync()
    {
        foreach (var (share, what, fail) in new (double, string, Func<Task>)[]
        {
            (0.25, "Redis killed", _redis.KillAsync), (0.27, "Redis started", _redis.RestartAsync),
            (0.45, "a replica killed", _replicas[1].KillAsync), (0.48, "it started again", _replicas[1].StartAsync),
            (0.70, "Redis killed", _redis.KillAsync), (0.72, "Redis started", _redis.RestartAsync),
        })
        {
            await WaitAsync(Length * share - Elapsed);
            if (IsOver) return;
            await fail();
            _events.Add(string.Create(CultureInfo.InvariantCulture, $"{what} after {Elapsed.TotalSeconds:F0} s"));
            Say(_events[^1]);
        }
    }

    private async Task SampleAsync()
    {
        while (!IsOver)
        {
            foreach (var replica in _replicas) replica.Sample();
            await WaitAsync(TimeSpan.FromSeconds(1));
        }
    }

    private async Task SubmitAsync()
    {
        while (!IsOver)
        {
            var wish = new Wish(Interlocked.Increment(ref _lastWish));
            _wishes[wish.Number] = wish;
            await Task.WhenAll(Enumerable.Range(0, wish.Manner == Manner.KeyedTwice ? 2 : 1).Select(_ => AskForAsync(wish)));
            if (wish.Id is null) continue;
            _accepted[Interlocked.Increment(ref _acceptedCount) - 1] = wish;
            _unpolled.Enqueue(wish);
        }
    }

    private async Task AskForAsync(Wish wish)
    {
        var tries = wish.Manner switch { Manner.Once => 1, Manner.Sdk => 3, _ => 8 };
        for (var i = 0; i < tries; i++)
        {
            var (_, again) = await _client.SubmitAsync(wish, i);
            if (again is not { } wait) return;
            await Task.Delay(wait, _stopped);
        }
    }

    private async Task PollAsync()
    {
        while (!IsOver)
        {
            // Each video is followed to its end; who has none to follow looks at any.
            if (!_unpolled.TryDequeue(out var wish) && !TryPick(_accepted, _acceptedCount, out wish))
            {
                await WaitAsync(TimeSpan.FromSeconds(1));
                continue;
            }

            var wasEnded = wish.IsEnded;
            do
            {
                var reply = await _client.RetrieveAsync(wish);
                await WaitAsync(reply.PollAfter);
            }
            while (!wish.IsEnded && !IsOver);
            if (!wasEnded && wish.Seen.Status == "completed") _completed[Interlocked.Increment(ref _completedCount) - 1] = wish;
        }
    }

    private async Task DownloadAsync()
    {
        while (!IsOver)
        {
            if (TryPick(_completed, _completedCount, out var wish)) await _client.DownloadAsync(wish, isPart: Random.Shared.Next(3) == 0);
            await WaitAsync(TimeSpan.FromSeconds(1));
        }
    }

    private static bool TryPick(ConcurrentDictionary<int, Wish> wishes, int count, [NotNullWhen(true)] out Wish? wish)
    {
        wish = null;
        return count > 0 && wishes.TryGetValue(Random.Shared.Next(count), out wish);
    }

    private async Task JudgeAsync()
    {
        using var http = new HttpClient();
        (await http.PostAsync(new Uri(_provider.Address, "calm"), null, _stopped)).EnsureSuccessStatusCode();
        // What was under way when its caller went comes to its end.
        await Task.Delay(FaultyProvider.Timeout, _stopped);
        var tally = (await http.GetFromJsonAsync<Tally>(new Uri(_provider.Address, "tally"), _stopped))!;
        _tally = tally;
        JudgeSubmits(tally);
        await JudgeVideosAsync();
        foreach (var replica in _replicas) await JudgeListsAsync(replica, tally);
        JudgeProcesses();
    }

    private void JudgeSubmits(Tally tally)
    {
        var arrivals = tally.Arrivals.ToLookup(a => a.Wish);
        foreach (var wish in _wishes.Values)
        {
            var taken = arrivals[wish.Number].Count(a => a.IsTaken);
            _laws.See(Laws.Once, taken <= 1 && !arrivals[wish.Number].SkipWhile(a => !a.IsTaken).Skip(1).Any(),
                () => $"wish {wish.Number} ({wish.Manner}): {string.Join(", ", arrivals[wish.Number])}; answered {string.Join(", ", wish.Answers)}");
            var made = arrivals[wish.Number].Any(a => a.Made is not null);
            _laws.See(Laws.Certain, !made || !wish.Answers.All(a => a.SaysNothingCreated),
                () => $"wish {wish.Number} ({wish.Manner}) was made; answered {string.Join(", ", wish.Answers)}");
            _laws.See(Laws.Own, wish.Id is null || arrivals[wish.Number].Any(a => a.Made is { } id && wish.Id.StartsWith(id + ":", StringComparison.Ordinal)),
                () => $"wish {wish.Number}: {wish.Id} is not what was made of it");
        }
    }

    private async Task JudgeVideosAsync()
    {
        var started = Stopwatch.GetTimestamp();
        await Parallel.ForEachAsync(_accepted.Values, new ParallelOptions { MaxDegreeOfParallelism = 32, CancellationToken = _stopped }, async (wish, _) =>
        {
            FaultClient.Reply reply;
            do
            {
                reply = await _client.RetrieveAsync(wish);
                if (!wish.IsEnded || reply.Status != 200) await Task.Delay(reply.PollAfter / 4, _stopped);
            }
            while ((!wish.IsEnded || reply.Status != 200) && Stopwatch.GetElapsedTime(started) < Patience);
            var fate = Wish.EndsFailed(wish.Number) ? Wish.FailureCode : null;
            _laws.See(Laws.Kept, wish.IsEnded && reply.Status == 200 && reply.Json?["error"]?["code"]?.GetValue<string>() == fate,
                () => $"{wish.Id} of caller {wish.Caller}: {reply.Status} {reply.Text}; answered {string.Join(", ", wish.Answers)}");
            if (wish.Seen.Status == "completed") await _client.DownloadAsync(wish, isPart: false);
        });
        Say($"{_accepted.Count} videos looked at");
    }

    private async Task JudgeListsAsync(ServerProcess replica, Tally tally)
    {
        var made = tally.Arrivals.Where(a => a.Made is not null).ToDictionary(a => a.Made!, a => a.Wish, StringComparer.Ordinal);
        for (var caller = 0; caller < Wish.Callers; caller++)
        {
            var list = await _client.ListAsync(caller, replica);
            foreach (var wish in _accepted.Values.Where(w => w.Caller == caller))
            {
                _laws.See(Laws.Kept, list?.ContainsKey(wish.Id!) == true,
                    () => $"{wish.Id} is not in the list of caller {caller}; answered {string.Join(", ", wish.Answers)}");
            }

            foreach (var (id, prompt) in list ?? [])
            {
                var isOwn = made.TryGetValue(id[..id.IndexOf(':')], out var wish) && wish % Wish.Callers == caller && Wish.NumberOf(prompt) == wish;
                _laws.See(Laws.Apart, isOwn, () => $"{id} ({prompt}) is in the list of caller {caller}");
            }
        }
    }

    private void JudgeProcesses()
    {
        // A new process grows for its first minute, whatever it does: what was killed has no second quarter to compare with.
        foreach (var life in _replicas.Where(r => r.Lives.Count == 1).SelectMany(r => r.Lives).Where(_ => _options.Seconds >= LeastSeconds))
        {
            var (second, last) = (Quarter(life, 1), Quarter(life, 3));
            _laws.See(Laws.Flat, last <= second * FlatRatio, () => $"{Mega(second)} became {Mega(last)}");
        }

        foreach (var replica in _replicas) _laws.See(Laws.Quiet, replica.Errors.IsEmpty, () => string.Join('\n', replica.Errors.Take(5)));
    }

    private void Print()
    {
        Console.WriteLine($"""
            {Machine.Description}, Redis {_redisVersion}
            {_options.Pollers:N0} pollers, {_options.Submits:N0} submits under way, {_options.Downloads:N0} downloads, {_options.Seconds} s
            {string.Join("; ", _events)}
            the provider saw {_tally!.Calls:N0} calls and let {_tally.Faults:N0} fail ({100.0 * _tally.Faults / _tally.Calls:F1} % of them)

            | call | answered | p50 | p99 | answers |
            |---|---|---|---|---|
            """);
        foreach (var (kind, times) in _client.Times.OrderBy(t => t.Key, StringComparer.Ordinal))
        {
            var figure = Figure.Of([.. times], Elapsed, 0, null);
            var answers = _client.Counts.Where(c => c.Key.Kind == kind).OrderByDescending(c => c.Value).Select(c => $"{c.Key.Answer}: {c.Value:N0}");
            Console.WriteLine($"| {kind} | {figure.Count:N0} | {figure.P50:N0} ms | {figure.P99:N0} ms | {string.Join("; ", answers)} |");
        }

        Console.WriteLine("""

            | replica | in memory at the start | at most | at the end | median of the second quarter | of the last |
            |---|---|---|---|---|---|
            """);
        foreach (var (name, life) in _replicas.SelectMany((r, i) => r.Lives.Select((l, j) => ($"{i + 1}{(j > 0 ? ", started again" : "")}", l))))
        {
            if (life.Count == 0) continue;
            string[] figures = [Mega(life[0]), Mega(life.Max()), Mega(life[^1]), Mega(Quarter(life, 1)), Mega(Quarter(life, 3))];
            Console.WriteLine($"| {name} | {string.Join(" | ", figures)} |");
        }

        var doubtful = _wishes.Values.Where(w => w.Id is null).ToLookup(w => (w.Answers[^1].Status, w.Answers[^1].Code));
        Console.WriteLine($"""

            | {_wishes.Count:N0} wishes ended as | how many |
            |---|---|
            | a video | {_accepted.Count:N0} |
            """);
        foreach (var end in doubtful.OrderByDescending(d => d.Count()))
            Console.WriteLine($"| {(end.Key.Status == 0 ? "no answer: the connection broke" : $"{end.Key.Status} `{end.Key.Code}`")} | {end.Count():N0} |");
        _laws.Print();
    }

    private static double Quarter(List<long> life, int quarter) =>
        life.Count < 4 ? double.NaN : Figure.Median(life.Skip(life.Count * quarter / 4).Take(life.Count / 4).Select(b => (double)b));

    private static string Mega(double bytes) => $"{bytes / (1 << 20):F0} MiB";

    private static void Say(string line) => Console.Error.WriteLine(line);

    private async Task WaitAsync(TimeSpan time)
    {
        if (time > TimeSpan.Zero) await Task.Delay(time, _stopped).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
