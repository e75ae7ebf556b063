using System.Globalization;
using RemixProxy.Adapters;
using RemixProxy.Callers;
using RemixProxy.Contract;
using RemixProxy.Jobs;
using RemixProxy.Providers;
using RemixProxy.Telemetry;

namespace RemixProxy.Limits;

/// <summary>
/// What submits reserve before they are sent and jobs hold until they end: places for unfinished jobs, of the client and of the provider, and seconds of video.
/// </summary>
internal sealed class JobReservations(ILimitStore store, VideoMetrics metrics, TimeProvider time) : IJobListener
{
    private const decimal Thousand = 1000;

    // The last poll comes after the job's time is over.
    private static readonly TimeSpan Margin = TimeSpan.FromMinutes(1);

    /// <summary>Reserves what a job will hold.</summary>
    /// <param name="client">Who submits; null in open mode.</param>
    /// <param name="provider">The provider that gets the submit.</param>
    /// <param name="id">The id of the submission.</param>
    /// <param name="seconds">The length of all its videos, as far as known before; else the longest that it may be.</param>
    /// <param name="isFinal">See <see cref="JobReservation.IsFinal"/>.</param>
    /// <param name="cancellationToken">Ends the try.</param>
    /// <returns>The reservation, or 429. Then nothing is held.</returns>
    /// <exception cref="Resilience.DependencyException">The client has a limit of seconds, and nobody can be asked what it has used.</exception>
    public async ValueTask<Result<JobReservation>> ReserveAsync(
        Client? client, Provider provider, string id, decimal seconds, bool isFinal, CancellationToken cancellationToken)
    {
        var held = new JobReservation(id);
        var now = time.GetUtcNow();
        var until = now + provider.Options.JobTimeout + Margin;
        try
        {
            if (provider.Options.ConcurrentJobs is { } atProvider)
            {
                if (!await store.TryOccupyAsync(new(IsProvider: true, provider.Name), id, atProvider, until, cancellationToken))
                    return await RefuseAsync(LimitNames.Submits, Full($"{provider.Name} has as many unfinished videos as it may."));
                held = held with { CountsAtProvider = true };
            }

            if (client?.Options.ConcurrentJobs is { } ofClient)
            {
                if (!await store.TryOccupyAsync(new(IsProvider: false, client.Name), id, ofClient, until, cancellationToken))
                    return await RefuseAsync(LimitNames.Submits, Full(Invariant($"This client may have {ofClient} unfinished videos, and has them.")));
                held = held with { CountsForClient = true };
            }

            if (client?.Options.SecondsPerDay is { } perDay)
            {
                var day = DateOnly.FromDateTime(now.UtcDateTime);
                var milliseconds = (long)Math.Ceiling(seconds * Thousand);
                held = held with { Day = day, IsFinal = isFinal };
                if (!await store.TryReserveAsync(new(client.Name, day), id, milliseconds, perDay * (long)Thousand, cancellationToken))
                    return await RefuseAsync(LimitNames.Seconds, UsedUp(perDay, seconds));
            }

            return held;
        }
        catch
        {
            // A store that did not answer may have reserved it all the same.
            await EndAsync(client?.Name, provider.Name, held, used: 0);
            throw;
        }

        async ValueTask<ApiError> RefuseAsync(string limit, ApiError error)
        {
            await EndAsync(client?.Name, provider.Name, held with { Day = null }, used: 0);
            metrics.LimitReached(limit);
            return error;
        }
    }

    /// <summary>Ends a reservation. A second end changes nothing.</summary>
    /// <param name="client">The client's name.</param>
    /// <param name="provider">The provider's name.</param>
    /// <param name="held">The reservation.</param>
    /// <param name="used">What the job has used, in milliseconds of video; null: as much as was reserved.</param>
    public async ValueTask EndAsync(string? client, string provider, JobReservation held, long? used)
    {
        if (held.CountsAtProvider) await store.VacateAsync(new(IsProvider: true, provider), held.Id);
        if (client is null) return;
        if (held.CountsForClient) await store.VacateAsync(new(IsProvider: false, client), held.Id);
        if (held.Day is { } day) await store.SettleAsync(new(client, day), held.Id, used);
    }

    public ValueTask EndedAsync(VideoJob job) => job.Reservation is { } held ? EndAsync(job.Caller, job.Id.Provider, held, UsedBy(job, held)) : default;

    // What failed was not made. What only ran out of time may have been.
    private static long? UsedBy(VideoJob job, JobReservation held)
    {
        if (job.Video.Status == VideoStatus.Failed) return job.RanOutOfTime ? null : 0;
        return !held.IsFinal && Durations.Read(job.Video.Seconds) is { } seconds
            ? (long)Math.Ceiling(Math.Min(seconds, int.MaxValue) * Math.Max(1, job.Outputs.Count) * Thousand)
            : null;
    }

    private static ApiError Full(string why) => ApiError.TooMany(why + " Nothing was sent; try again when one has ended.", retryAfter: 5);

    private static ApiError UsedUp(int perDay, decimal seconds) => new(
        429, "insufficient_quota",
        string.Create(
            CultureInfo.InvariantCulture,
            $"This client may make {perDay} seconds of video a day (UTC), and has fewer left than the {seconds:0.###} that this may take. Nothing was sent."))
    {
        RetryAfter = 60,
    };
}
