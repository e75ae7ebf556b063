using System.Collections.Concurrent;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using RemixProxy.Cache;
using RemixProxy.FunctionalTests.Kit;
using RemixProxy.Jobs;
using RemixProxy.Jobs.Submissions;
using RemixProxy.Limits;
using RemixProxy.Redis;

namespace RemixProxy.FunctionalTests.Redis;

/// <summary>The stores of one of several processes that share a Redis, or of one alone, without the process around them.</summary>
internal sealed class Replica : IAsyncDisposable
{
    private readonly ServiceProvider _services;

    private Replica(ServiceProvider services, ConcurrentQueue<string> log)
    {
        _services = services;
        Log = log;
    }

    public IJobStore Jobs => _services.GetRequiredService<IJobStore>();

    public ISubmissionStore Submissions => _services.GetRequiredService<ISubmissionStore>();

    public ICacheEntryStore Entries => _services.GetRequiredService<ICacheEntryStore>();

    public ILimitStore Limits => _services.GetRequiredService<ILimitStore>();

    public RedisDatabase Redis => _services.GetRequiredService<RedisDatabase>();

    public ConcurrentQueue<string> Log { get; }

    public T Get<T>()
        where T : notnull => _services.GetRequiredService<T>();

    public static async Task<Replica> StartAsync(
        string? connectionString, TimeProvider time, string prefix = "remix", params (string Key, string Value)[] settings)
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(
                [new("RemixProxy:Redis:ConnectionString", connectionString), new("RemixProxy:Redis:KeyPrefix", prefix),
                    new("RemixProxy:Redis:Timeout", "00:00:02")])
            .AddInMemoryCollection([new("RemixProxy:Providers:runway:ApiKey", "k"), new("RemixProxy:Providers:luma:ApiKey", "k")])
            .AddInMemoryCollection(settings.Select(s => KeyValuePair.Create(s.Key, (string?)s.Value)))
            .Build();
        var log = new ConcurrentQueue<string>();
        var services = new ServiceCollection().AddLogging(
            l => l.AddProvider(new QueueLoggerProvider(log))).AddSingleton(time).AddSingleton<IConfiguration>(configuration);
        services.AddReverseProxy().AddRemixProxy(configuration);
        var replica = new Replica(services.BuildServiceProvider(), log);
        if (replica.Redis.IsUsed) await replica.Redis.ConnectAsync();
        return replica;
    }

    /// <summary>One beat of what goes on beside the requests.</summary>
    public async Task UpkeepAsync(CancellationToken cancellationToken)
    {
        await Redis.ReviveAsync(cancellationToken);
        await Get<RedisSubmissionStore>().RenewAsync(cancellationToken);
        await Get<RedisLimitStore>().RenewAsync(cancellationToken);
        await Get<RedisSubmissionStore>().WriteBackAsync(cancellationToken);
    }

    public ValueTask DisposeAsync() => _services.DisposeAsync();
}
