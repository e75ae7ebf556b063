using System.Collections.Concurrent;
using RemixProxy.Contract;

namespace RemixProxy.Jobs;

/// <summary>Work on jobs that a caller's calls share: at one time it is done once for each job in this process.</summary>
internal sealed class JobFlights
{
    // An id that the store doesn't know may be anybody's, and what one caller's key shows of it is not for another.
    private readonly ConcurrentDictionary<(VideoId Id, string Caller), Task<Result<VideoJob>>> _flights = new();

    /// <summary>
    /// Lets the caller's first call do the work, even after it has hung up. All its other calls share the result: a submit waits until its deadline, any other
    /// call until its caller hangs up.
    /// </summary>
    public async Task<Result<VideoJob>> OnceAsync(VideoId id, CallContext call, Func<Task<Result<VideoJob>>> work, CancellationToken deadline)
    {
        var mine = new TaskCompletionSource<Result<VideoJob>>(TaskCreationOptions.RunContinuationsAsynchronously);
        var flight = _flights.GetOrAdd((id, call.Caller), mine.Task);
        if (flight != mine.Task) return await flight.WaitAsync(deadline.CanBeCanceled ? deadline : call.CallerGone);
        try
        {
            var result = await work();
            mine.SetResult(result);
            return result;
        }
        catch (Exception e)
        {
            mine.SetException(e);
            // Nobody may be waiting: reading the exception marks it as observed.
            _ = mine.Task.Exception;
            throw;
        }
        finally
        {
            _flights.TryRemove((id, call.Caller), out _);
        }
    }
}
