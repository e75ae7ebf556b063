using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using RemixProxy.Jobs;
using RemixProxy.Routing;

namespace RemixProxy.FunctionalTests.Submits;

/// <summary>The store in memory, with its moments shown and, on wish, held up or broken.</summary>
internal sealed class WatchedJobStore : IJobStore
{
    private readonly TaskCompletionSource _waiting = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _moving = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private IJobStore? _inner;
    private (string Id, TaskCompletionSource Found)? _finding;

    /// <summary>Ends when a repeat waits for the first.</summary>
    public Task Waiting => _waiting.Task.WaitAsync(TimeSpan.FromSeconds(30));

    /// <summary>Ends when a submission is about to move.</summary>
    public Task Moving => _moving.Task.WaitAsync(TimeSpan.FromSeconds(30));

    /// <summary>What a move waits for.</summary>
    public Task Moves { get; set; } = Task.CompletedTask;

    /// <summary>What adding a job ends in.</summary>
    public Exception? AddFails { get; set; }

    private IJobStore Inner => _inner!;

    /// <summary>For <see cref="ProxyApp.Setup.Proxy"/>.</summary>
    public void Install(IReverseProxyBuilder proxy) => proxy.Services.Replace(ServiceDescriptor.Singleton<IJobStore>(services =>
    {
        _inner = ActivatorUtilities.CreateInstance<MemoryJobStore>(services);
        return this;
    }));

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
        return Inner.FindAsync(id, cancellationToken);
    }

    public ValueTask<IReadOnlyList<VideoJob>> FindNativeAsync(string caller, string native, CancellationToken cancellationToken) => Inner.FindNativeAsync(caller, native, cancellationToken);

    public ValueTask<VideoJob> AddAsync(VideoJob job, CancellationToken cancellationToken) => AddFails is { } e ? throw e : Inner.AddAsync(job, cancellationToken);

    public ValueTask<VideoJob?> UpdateAsync(VideoId id, Func<VideoJob, VideoJob> change, CancellationToken cancellationToken) => Inner.UpdateAsync(id, change, cancellationToken);

    public ValueTask<JobPage?> ListAsync(string caller, VideoId? after, int limit, bool ascending, CancellationToken cancellationToken) => Inner.ListAsync(caller, after, limit, ascending, cancellationToken);

    public ValueTask<Admission> AdmitAsync(SubmitTicket ticket, CancellationToken cancellationToken) => Inner.AdmitAsync(ticket, cancellationToken);

    public async ValueTask<Submission> MoveAsync(Submission submission, Func<Submission, Submission> change, CancellationToken cancellationToken)
    {
        _moving.TrySetResult();
        await Moves;
        return await Inner.MoveAsync(submission, change, cancellationToken);
    }

    public ValueTask<Submission> WaitAsync(Submission submission, CancellationToken cancellationToken)
    {
        _waiting.TrySetResult();
        return Inner.WaitAsync(submission, cancellationToken);
    }

    public ValueTask<Claim> ClaimAsync(Submission submission, string entry, CancellationToken cancellationToken) => Inner.ClaimAsync(submission, entry, cancellationToken);

    public ValueTask<VideoId?> FindEntryAsync(string caller, string entry, CancellationToken cancellationToken) => Inner.FindEntryAsync(caller, entry, cancellationToken);

    public ValueTask StoreEntryAsync(string caller, string entry, VideoId video, TimeSpan lifetime, CancellationToken cancellationToken) =>
        Inner.StoreEntryAsync(caller, entry, video, lifetime, cancellationToken);

    public ValueTask RemoveEntryAsync(string caller, string entry, VideoId video, CancellationToken cancellationToken) => Inner.RemoveEntryAsync(caller, entry, video, cancellationToken);

    public ValueTask<bool> BeginPollAsync(VideoId id, CancellationToken cancellationToken) => Inner.BeginPollAsync(id, cancellationToken);

    public ValueTask EndPollAsync(VideoId id, CancellationToken cancellationToken) => Inner.EndPollAsync(id, cancellationToken);
}
