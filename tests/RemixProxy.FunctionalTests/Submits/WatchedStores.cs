using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using RemixProxy.Cache;
using RemixProxy.Contract;
using RemixProxy.FunctionalTests.Kit;
using RemixProxy.Jobs;
using RemixProxy.Jobs.Submissions;
using RemixProxy.Resilience;

namespace RemixProxy.FunctionalTests.Submits;

/// <summary>The stores in memory, with their moments shown and, on wish, held up or broken.</summary>
internal sealed class WatchedStores : IJobStore, ISubmissionStore, ICacheEntryStore
{
    private readonly TaskCompletionSource _waiting = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _moving = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ConcurrentQueue<string?> _keys = new();
    private readonly SemaphoreSlim _arrivals = new(0);
    private int _waiters;
    private MemoryJobStore? _jobs;
    private MemorySubmissionStore? _submissions;
    private MemoryCacheEntryStore? _entries;
    private (string Id, TaskCompletionSource Found)? _finding;

    /// <summary>Ends when a repeat waits for the first.</summary>
    public Task Waiting => _waiting.Task.WaitAsync(TimeSpan.FromSeconds(30));

    /// <summary>Ends when a submission is about to move.</summary>
    public Task Moving => _moving.Task.WaitAsync(TimeSpan.FromSeconds(30));

    /// <summary>What a move waits for.</summary>
    public Task Moves { get; set; } = Task.CompletedTask;

    /// <summary>What adding a job ends in.</summary>
    public Exception? AddFails { get; set; }

    /// <summary>The methods that can't reach the store, by name.</summary>
    public Func<string, bool> Away { get; set; } = _ => false;

    /// <summary>What a certain submission's moves wait for.</summary>
    public Func<Submission, Task> BeforeMove { get; set; } = _ => Task.CompletedTask;

    /// <summary>What happens just before the cache is looked into.</summary>
    public Func<Task> BeforeClaim { get; set; } = () => Task.CompletedTask;

    /// <summary>Whether another replica is always asking the provider already.</summary>
    public bool OthersPoll { get; set; }

    /// <summary>The keys that submits were recorded with.</summary>
    public IReadOnlyCollection<string?> Keys => _keys;

    /// <summary>Ends when so many wait for others.</summary>
    public async Task WaitersAsync(int count)
    {
        while (Volatile.Read(ref _waiters) < count) await _arrivals.WaitAsync(TimeSpan.FromSeconds(30));
    }

    /// <summary>The jobs themselves.</summary>
    public IJobStore Jobs => _jobs!;

    /// <summary>The submissions themselves.</summary>
    public ISubmissionStore Submissions => _submissions!;

    /// <summary>The cache's entries themselves.</summary>
    public ICacheEntryStore Entries => _entries!;

    private T Reach<T>(T store, [CallerMemberName] string method = "") => Away(method) ? throw new DependencyException("redis") : store;

    /// <summary>For <see cref="ProxyApp.Setup.Proxy"/>.</summary>
    public void Install(IReverseProxyBuilder proxy)
    {
        proxy.Services.Replace(ServiceDescriptor.Singleton<IJobStore>(services => Watch(services)));
        proxy.Services.Replace(ServiceDescriptor.Singleton<ISubmissionStore>(services => Watch(services)));
        proxy.Services.Replace(ServiceDescriptor.Singleton<ICacheEntryStore>(services => Watch(services)));
    }

    /// <summary>Ends when a job is looked up for the next time.</summary>
    public Task Finding(string id)
    {
        var found = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _finding = (id, found);
        return found.Task.WaitAsync(TimeSpan.FromSeconds(30));
    }

    public ValueTask<VideoJob?> FindAsync(VideoId id, CancellationToken cancellationToken)
    {
        if (_finding is (var awaited, var found) && id.ToString() == awaited) found.TrySetResult();
        return Reach(Jobs).FindAsync(id, cancellationToken);
    }

    public ValueTask<IReadOnlyList<VideoJob>> FindNativeAsync(string caller, string native, CancellationToken cancellationToken) =>
        Reach(Jobs).FindNativeAsync(caller, native, cancellationToken);

    public ValueTask<VideoJob> AddAsync(VideoJob job, CancellationToken cancellationToken) => AddFails is { } e
        ? throw e
        : Reach(Jobs).AddAsync(job, cancellationToken);

    public ValueTask<VideoJob?> UpdateAsync(VideoId id, Func<VideoJob, VideoJob> change, CancellationToken cancellationToken) =>
        Reach(Jobs).UpdateAsync(id, change, cancellationToken);

    public ValueTask<JobPage?> ListAsync(string caller, VideoId? after, int limit, bool ascending, CancellationToken cancellationToken) =>
        Reach(Jobs).ListAsync(caller, after, limit, ascending, cancellationToken);

    public ValueTask<Admission> AdmitAsync(SubmitTicket ticket, CancellationToken cancellationToken)
    {
        _keys.Enqueue(ticket.Key);
        return Reach(Submissions).AdmitAsync(ticket, cancellationToken);
    }

    public async ValueTask<Submission> MoveAsync(Submission submission, Func<Submission, Submission> change, CancellationToken cancellationToken)
    {
        _moving.TrySetResult();
        await Moves;
        await BeforeMove(submission);
        return await Reach(Submissions).MoveAsync(submission, change, cancellationToken);
    }

    public ValueTask<Submission> WaitAsync(Submission submission, CancellationToken cancellationToken)
    {
        _waiting.TrySetResult();
        Interlocked.Increment(ref _waiters);
        _arrivals.Release();
        return Reach(Submissions).WaitAsync(submission, cancellationToken);
    }

    public async ValueTask<Claim> ClaimAsync(Submission submission, string entry, CancellationToken cancellationToken)
    {
        await BeforeClaim();
        return await Reach(Entries).ClaimAsync(submission, entry, cancellationToken);
    }

    public ValueTask<VideoId?> FindEntryAsync(string caller, string entry, CancellationToken cancellationToken) =>
        Reach(Entries).FindEntryAsync(caller, entry, cancellationToken);

    public ValueTask StoreEntryAsync(string caller, string entry, VideoId video, TimeSpan lifetime, CancellationToken cancellationToken) =>
        Reach(Entries).StoreEntryAsync(caller, entry, video, lifetime, cancellationToken);

    public ValueTask RemoveEntryAsync(string caller, string entry, VideoId video, CancellationToken cancellationToken) =>
        Reach(Entries).RemoveEntryAsync(caller, entry, video, cancellationToken);

    public ValueTask<bool> BeginPollAsync(VideoId id, CancellationToken cancellationToken) => OthersPoll
        ? new(false)
        : Reach(Jobs).BeginPollAsync(id, cancellationToken);

    public ValueTask EndPollAsync(VideoId id, CancellationToken cancellationToken) => Reach(Jobs).EndPollAsync(id, cancellationToken);

    private WatchedStores Watch(IServiceProvider services)
    {
        _jobs = services.GetRequiredService<MemoryJobStore>();
        _submissions = services.GetRequiredService<MemorySubmissionStore>();
        _entries = services.GetRequiredService<MemoryCacheEntryStore>();
        return this;
    }
}
