using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using RemixProxy.Limits;
using RemixProxy.Resilience;
using RemixProxy.Telemetry;
using StackExchange.Redis;

namespace RemixProxy.Redis;

/// <summary>
/// Counts in Redis, so that limits hold across replicas. While Redis is away, requests and places for submits are counted in this process, places for jobs are
/// granted, and nothing can be reserved.
/// </summary>
internal sealed partial class RedisLimitStore(RedisDatabase redis, MemoryLimitStore here, TimeProvider time, ILogger<RedisLimitStore> logger) : ILimitStore
{
    /// <summary>The most ends of reservations that are kept for a Redis that is away. What comes after counts as used.</summary>
    public const int MaxUntold = 10_000;

    // A place in line, or of a submit, is free again this long after its process died.
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan Margin = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan DayLife = TimeSpan.FromDays(3);
    private static readonly TimeSpan Late = TimeSpan.FromSeconds(3);

    private readonly ConcurrentDictionary<(string Client, string Id), bool> _held = new();
    private readonly ConcurrentDictionary<(RedisKey Key, string Id), Func<Task>> _untold = new();

    public async ValueTask<RequestAllowance> TakeRequestAsync(string client, int perMinute, CancellationToken cancellationToken)
    {
        try
        {
            var answer = (RedisResult[])(await redis.EvalAsync(
                RedisScripts.TakeRequest, [redis.Keys.Requests(client)], [Milliseconds(time.GetUtcNow()), perMinute], cancellationToken))!;
            return new((int)answer[0] == 1, perMinute, (int)answer[1]);
        }
        catch (DependencyException)
        {
            return await here.TakeRequestAsync(client, perMinute, cancellationToken);
        }
    }

    public async ValueTask<PlaceTurn> EnterAsync(string client, string id, int places, int queue, CancellationToken cancellationToken)
    {
        try
        {
            var turn = await EnterRoomAsync(redis.Keys.Submits(client), id, places, queue, time.GetUtcNow() + Lease, cancellationToken);
            if (turn == PlaceTurn.Granted) _held[(client, id)] = true;
            return turn;
        }
        catch (DependencyException)
        {
            return await here.EnterAsync(client, id, places, queue, cancellationToken);
        }
    }

    public async ValueTask LeaveAsync(string client, string id)
    {
        _held.TryRemove((client, id), out _);
        await here.LeaveAsync(client, id);
        try
        {
            await LeaveRoomAsync(redis.Keys.Submits(client), id);
        }
        catch (DependencyException)
        {
            // The lease runs out by itself.
        }
    }

    public async ValueTask<bool> TryOccupyAsync(JobRoom room, string id, int places, DateTimeOffset until, CancellationToken cancellationToken)
    {
        try
        {
            return await EnterRoomAsync(redis.Keys.Unfinished(room), id, places, queue: 0, until, cancellationToken) == PlaceTurn.Granted;
        }
        catch (DependencyException)
        {
            return true;
        }
    }

    public ValueTask VacateAsync(JobRoom room, string id)
    {
        RedisKey key = redis.Keys.Unfinished(room);
        return TellAsync(key, id, () => LeaveRoomAsync(key, id));
    }

    public async ValueTask<bool> TryReserveAsync(ClientDay day, string id, long amount, long limit, CancellationToken cancellationToken)
    {
        var answer = (int)await redis.EvalAsync(
            RedisScripts.Reserve, [redis.Keys.Seconds(day)],
            [id, amount, limit, (long)DayLife.TotalMilliseconds, redis.ServerTimeIn(Late) is { } late ? late : RedisValue.EmptyString], cancellationToken);
        if (answer > 1) throw new DependencyException(redis.Dependency.Name);
        redis.Wrote();
        return answer == 1;
    }

    public ValueTask SettleAsync(ClientDay day, string id, long? used)
    {
        RedisKey key = redis.Keys.Seconds(day);
        return TellAsync(key, id, async () => await redis.EvalAsync(
            RedisScripts.Settle, [key], [id, used is { } amount ? amount : RedisValue.EmptyString], CancellationToken.None));
    }

    /// <summary>Renews the places of this process, and tells Redis what it has missed. Runs once a beat.</summary>
    public async Task RenewAsync(CancellationToken cancellationToken)
    {
        if (redis.Dependency.IsInDoubt) return;
        var until = Milliseconds(time.GetUtcNow() + Lease);
        foreach (var places in _held.Keys.GroupBy(k => k.Client, k => k.Id, StringComparer.Ordinal))
        {
            SortedSetEntry[] entries = [.. places.Select(id => new SortedSetEntry(id, until))];
            await redis.RunAsync(db => db.SortedSetUpdateAsync(redis.Keys.Submits(places.Key), entries), cancellationToken);
        }

        foreach (var (what, tell) in _untold)
        {
            if (redis.Dependency.IsInDoubt) return;
            await tell();
            _untold.TryRemove(what, out _);
        }
    }

    private static long Milliseconds(DateTimeOffset at) => at.ToUnixTimeMilliseconds();

    private async ValueTask<PlaceTurn> EnterRoomAsync(
        RedisKey key, string id, int places, int queue, DateTimeOffset until, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        RedisValue[] values =
            [id, Milliseconds(now), Milliseconds(until), places, queue, Milliseconds(now + Lease), (long)(until - now + Margin).TotalMilliseconds];
        return (PlaceTurn)(int)await redis.EvalAsync(RedisScripts.Enter, [key, RedisKeys.Line(key)], values, cancellationToken);
    }

    private async Task LeaveRoomAsync(RedisKey key, string id) =>
        await redis.EvalAsync(RedisScripts.Leave, [key, RedisKeys.Line(key)], [id], CancellationToken.None);

    private async ValueTask TellAsync(RedisKey key, string id, Func<Task> tell)
    {
        try
        {
            if (!redis.Dependency.IsInDoubt)
            {
                await tell();
                return;
            }
        }
        catch (DependencyException)
        {
            // It is told at a later beat.
        }

        if (_untold.Count < MaxUntold) _untold[(key, id)] = tell;
        else Log.Lost(logger, id);
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.NotSettledInRedis, LogLevel.Error, "Redis has been away for so long that the end of the reservation {Id} is not kept for it.")]
        public static partial void Lost(ILogger logger, string id);
    }
}
