using RemixProxy.Callers;
using RemixProxy.Contract;
using RemixProxy.Telemetry;

namespace RemixProxy.Limits;

/// <summary>A client's places for submits that are being sent.</summary>
internal sealed class SubmitPlaces(ILimitStore store, VideoMetrics metrics, TimeProvider time)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(25);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(200);

    /// <summary>Takes a place, and waits for one for 10 seconds at most where the client may.</summary>
    /// <param name="client">The client; null in open mode, where places are not counted.</param>
    /// <param name="callerGone">Ends the wait.</param>
    /// <returns>The place, which is free again when it is disposed; or 429.</returns>
    public async Task<Result<Place>> TakeAsync(Client? client, CancellationToken callerGone)
    {
        if (client is not { Options: { ConcurrentSubmits: { } places, QueueSubmits: var queue } }) return new Place(null, null, "");
        var place = new Place(store, client.Name, Guid.CreateVersion7(time.GetUtcNow()).ToString());
        var started = time.GetTimestamp();
        try
        {
            for (var pause = ShortestPause; ; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
            {
                switch (await store.EnterAsync(client.Name, place.Id, places, queue, callerGone))
                {
                    case PlaceTurn.Granted:
                        return place;
                    case PlaceTurn.Waiting when time.GetElapsedTime(started) < Patience:
                        await Task.Delay(pause, time, callerGone);
                        break;
                    default:
                        await place.DisposeAsync();
                        metrics.LimitReached(LimitNames.Submits);
                        return ApiError.TooMany(
                            Invariant($"This client may have {places} submits under way, and has them. Nothing was sent."), retryAfter: 1);
                }
            }
        }
        catch
        {
            await place.DisposeAsync();
            throw;
        }
    }

    /// <summary>A place of a submit.</summary>
    /// <param name="Store">Where it is counted; null: nowhere.</param>
    /// <param name="Client">The client's name.</param>
    /// <param name="Id">The place's id.</param>
    internal sealed record Place(ILimitStore? Store, string? Client, string Id) : IAsyncDisposable
    {
        public ValueTask DisposeAsync() => Store?.LeaveAsync(Client!, Id) ?? default;
    }
}
