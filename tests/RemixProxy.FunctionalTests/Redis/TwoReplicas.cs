using Microsoft.Extensions.DependencyInjection;
using RemixProxy.FunctionalTests.Kit;
using RemixProxy.Redis;
using RemixProxy.TestKit;
using RemixProxy.TestKit.Redis;

namespace RemixProxy.FunctionalTests.Redis;

/// <summary>Two proxies that share a Redis, a provider and a clock; the first has a relay between it and Redis.</summary>
internal sealed class TwoReplicas : IAsyncDisposable
{
    public const string Model = "openai/sora-2";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    // Of real time.
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(20);

    /// <summary>
    /// Longer than by default: it passes while the clock is moved, and a busy machine must not look like a fault. Three of them open the breaker before the
    /// first beat.
    /// </summary>
    public static readonly TimeSpan Budget = TimeSpan.FromMilliseconds(250);

    private int _passed;

    private TwoReplicas(ManualTimeProvider time, RedisServer redis)
    {
        Time = time;
        Redis = redis;
        Relay = RedisRelay.To(redis, time);
    }

    public ManualTimeProvider Time { get; }

    /// <summary>The server; a test that replaces it puts the other one here.</summary>
    public RedisServer Redis { get; set; }

    public RedisRelay Relay { get; }

    /// <summary>Stands before the provider.</summary>
    public Upstream Upstream { get; } = new();

    public ProxyApp First { get; private set; } = null!;

    public ProxyApp Second { get; private set; } = null!;

    /// <summary>The submits that reached the provider.</summary>
    public int Submits => First.SubmitsSeen();

    /// <summary>Settings of the replicas that change while they run.</summary>
    public (ChangeableSettings First, ChangeableSettings Second) Changeable { get; } = (new(), new());

    public static Task<TwoReplicas> StartAsync(RedisVersion version = RedisVersion.Eight, params string[] settings) => StartWithAsync([], version, settings);

    /// <summary>Starts both with settings of the application.</summary>
    public static async Task<TwoReplicas> StartWithAsync(
        Dictionary<string, string?> application, RedisVersion version = RedisVersion.Eight, params string[] settings)
    {
        var time = new ManualTimeProvider();
        var redis = await RedisServer.StartAsync(version, settings);
        var replicas = new TwoReplicas(time, redis);
        try
        {
            replicas.First = await replicas.StartAsync(application, replicas.Changeable.First, replicas.Relay.ConnectionString, null);
            replicas.Second = await replicas.StartAsync(
                application, replicas.Changeable.Second, redis.ConnectionString, replicas.First.Sandbox.BaseUrl("openai", "openai"));
            return replicas;
        }
        catch
        {
            await replicas.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        // What still waits for the clock lets go, so that the hosts need not wait for it.
        var stopped = Task.WhenAll(new[] { First, Second }.OfType<ProxyApp>().Select(app => app.DisposeAsync().AsTask()));
        while (await Task.WhenAny(stopped, Task.Delay(Moment, TimeProvider.System)) != stopped) Time.Advance(Budget);
        await stopped;
        await Relay.DisposeAsync();
        await Redis.DisposeAsync();
    }

    /// <summary>Creates a video at the first replica, and waits until Redis knows all of it.</summary>
    public async Task<Reply> CreateAsync(string prompt, params (string Name, string Value)[] headers)
    {
        var answered = Relay.Watch(c => c.Runs(RedisScripts.Move) && c.Argument(7) == "1");
        var reply = await First.CreateAsync(Model, prompt, headers);
        await answered.Reached;
        return reply;
    }

    /// <summary>
    /// Lets the clock run until something has happened that waits for it. What only needs a moment has it first: a budget must not pass while a busy machine
    /// answers.
    /// </summary>
    public async Task<T> RunAsync<T>(Task<T> happening)
    {
        await Task.WhenAny(happening, Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System));
        for (var waited = TimeSpan.Zero; waited < Patience && !happening.IsCompleted; waited += Moment)
        {
            Time.Advance(3 * Moment);
            await Task.WhenAny(happening, Task.Delay(Moment, TimeProvider.System));
        }

        return await happening.WaitAsync(TimeSpan.Zero);
    }

    /// <summary>Lets the clock run for what a command is under way, each time that one is, until something has happened.</summary>
    public async Task<T> RunSlowlyAsync<T>(Task<T> happening)
    {
        for (var waited = TimeSpan.Zero; waited < Patience && !happening.IsCompleted; waited += TimeSpan.FromMilliseconds(2))
        {
            if (Relay.Delays is var delays && delays > _passed && Relay.IsDelaying)
            {
                _passed = delays;
                Time.Advance(Relay.Latency);
            }

            await Task.WhenAny(happening, Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System));
        }

        return await happening.WaitAsync(TimeSpan.Zero);
    }

    /// <summary>Lets a call of the first replica end while Redis does not answer, and counts how often it asked: each time costs a budget.</summary>
    public async Task<(Reply Reply, int Budgets)> SpendAsync(Func<Task<Reply>> begin)
    {
        var asked = Asked;
        return (await RunAsync(begin()), Asked - asked);
    }

    /// <summary>
    /// The commands by which the first replica has asked; not those by which clients make and keep connections (also a <c>GET</c>, of a key of their own), nor
    /// the look at each beat.
    /// </summary>
    public int Asked =>
        Relay.Commands(c => !c.Runs(RedisScripts.Look) && !c.Words.Any(w => w.StartsWith("__Booksleeve", StringComparison.Ordinal))
            && (c.Is("EVAL") || c.Is("EVALSHA") || c.Is("GET") || c.Is("HMGET") || c.Is("SET") || c.Is("ZRANGEBYLEX") || c.Is("ZREVRANGEBYLEX"))).Count;

    /// <summary>Lets the clock run until both replicas have found Redis again and have told it everything that it missed.</summary>
    public async Task HealAsync()
    {
        for (var waited = TimeSpan.Zero; !(IsTold(First) && IsTold(Second)); waited += Moment)
        {
            Assert.True(waited < Patience, "Redis was not found again.");
            Time.Advance(5 * Moment);
            // Gives work that has fallen due the time to run.
            await Task.Delay(Moment, TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Both replicas list these videos and no other.</summary>
    public async Task AssertListedAsync(params string[] ids)
    {
        foreach (var app in new[] { First, Second }) Assert.Equal(ids.Order(StringComparer.Ordinal), (await app.ListAsync()).Order(StringComparer.Ordinal));
    }

    /// <summary>What a replica warned of, without the time of day: the fault, and nothing for each request.</summary>
    public static string[] Warnings(ProxyApp app) =>
        [.. app.Log.Where(l => l.StartsWith("Warning", StringComparison.Ordinal) || l.StartsWith("Error", StringComparison.Ordinal)
            || l.StartsWith("Critical", StringComparison.Ordinal))];

    private Task<ProxyApp> StartAsync(Dictionary<string, string?> application, ChangeableSettings changeable, string redis, string? provider)
    {
        var settings = new Dictionary<string, string?>(application, StringComparer.Ordinal)
        {
            ["RemixProxy:Redis:ConnectionString"] = redis, ["RemixProxy:Redis:Timeout"] = Budget.ToString(),
        };
        if (provider is not null) settings["RemixProxy:Providers:openai:BaseUrl"] = provider;
        return ProxyApp.StartAsync(new() { Settings = settings, Changeable = changeable, Time = Time, Sandbox = Upstream.Sandbox });
    }

    private bool IsTold(ProxyApp app)
    {
        var redis = app.Services.GetRequiredService<RedisDatabase>();
        var isSettled = redis.LostAt is not { } lost || Time.GetElapsedTime(lost) > RedisSubmissions.Silence;
        return app.Services.GetRequiredService<RedisBacklog>().Count == 0 && redis is { IsNew: false, Dependency.IsInDoubt: false } && isSettled;
    }
}
