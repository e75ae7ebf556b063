using RemixProxy.Resilience;

namespace RemixProxy.Limits;

/// <summary>Counts what clients and providers have in use.</summary>
internal interface ILimitStore
{
    /// <summary>Takes one of a client's requests of a minute. While a shared store is away, this process counts by itself.</summary>
    ValueTask<RequestAllowance> TakeRequestAsync(string client, int perMinute, CancellationToken cancellationToken);

    /// <summary>
    /// Takes one of a client's places for submits, or stands in line for one. A submit in line asks again and again; those that came first go first. While a
    /// shared store is away, this process counts by itself.
    /// </summary>
    /// <param name="client">The client's name.</param>
    /// <param name="id">The id of this submit's place. Later ids come later in ordinal order.</param>
    /// <param name="places">How many submits may have a place at one time.</param>
    /// <param name="queue">How many may stand in line.</param>
    /// <param name="cancellationToken">Ends the try.</param>
    ValueTask<PlaceTurn> EnterAsync(string client, string id, int places, int queue, CancellationToken cancellationToken);

    /// <summary>Gives back a submit's place, or leaves the line.</summary>
    ValueTask LeaveAsync(string client, string id);

    /// <summary>Takes one of the places for unfinished jobs; false if all are taken. While a shared store is away, it is granted.</summary>
    /// <param name="room">The client or provider whose jobs are counted.</param>
    /// <param name="id">The id of the reservation.</param>
    /// <param name="places">How many jobs may be unfinished at one time.</param>
    /// <param name="until">When the place is free again although nobody saw the job end.</param>
    /// <param name="cancellationToken">Ends the try.</param>
    ValueTask<bool> TryOccupyAsync(JobRoom room, string id, int places, DateTimeOffset until, CancellationToken cancellationToken);

    /// <summary>Gives back the place of an unfinished job. A shared store that is away is told later.</summary>
    ValueTask VacateAsync(JobRoom room, string id);

    /// <summary>Reserves an amount of what a client may use in a day; false if less is left.</summary>
    /// <param name="day">Whose day it is.</param>
    /// <param name="id">The id of the reservation.</param>
    /// <param name="amount">What is reserved.</param>
    /// <param name="limit">What may be used in the day.</param>
    /// <param name="cancellationToken">Ends the try.</param>
    /// <exception cref="DependencyException">The store can't be reached. Nothing may be spent.</exception>
    ValueTask<bool> TryReserveAsync(ClientDay day, string id, long amount, long limit, CancellationToken cancellationToken);

    /// <summary>Ends a reservation: what was used takes its place. A second end changes nothing. A shared store that is away is told later.</summary>
    /// <param name="day">The day of the reservation.</param>
    /// <param name="id">The id of the reservation.</param>
    /// <param name="used">What was used; null: as much as was reserved.</param>
    ValueTask SettleAsync(ClientDay day, string id, long? used);
}

/// <summary>Whether a request was granted, and how many more are.</summary>
/// <param name="IsGranted">Whether this one was.</param>
/// <param name="PerMinute">How many a client may send in a minute.</param>
/// <param name="Remaining">How many it may send at once.</param>
internal readonly record struct RequestAllowance(bool IsGranted, int PerMinute, int Remaining)
{
    /// <summary>When the next request is granted, if none is now.</summary>
    public TimeSpan Next => TimeSpan.FromMinutes(1) / PerMinute;

    /// <summary>When all are granted again.</summary>
    public TimeSpan Reset => Next * (PerMinute - Remaining);
}

/// <summary>Whether a submit has a place.</summary>
internal enum PlaceTurn
{
    /// <summary>All places are taken, and nobody else may stand in line.</summary>
    Full,

    /// <summary>It stands in line.</summary>
    Waiting,

    /// <summary>It has a place.</summary>
    Granted,
}

/// <summary>Whose unfinished jobs are counted.</summary>
/// <param name="IsProvider">Whether the owner is a provider, else it is a client.</param>
/// <param name="Owner">The name.</param>
internal readonly record struct JobRoom(bool IsProvider, string Owner);

/// <summary>The day of a client, UTC.</summary>
internal readonly record struct ClientDay(string Client, DateOnly Day);
