using Microsoft.Extensions.Logging;
using RemixProxy.Cache;
using RemixProxy.Telemetry;
using StackExchange.Redis;

namespace RemixProxy.Redis;

/// <summary>The best index that the server allows: its own vector sets, or else a scan, in this process, of the newest vectors that it keeps.</summary>
internal sealed partial class RedisSemanticIndex(
    RedisDatabase redis, RedisVectorSets sets, RedisVectorTables tables, ILogger<RedisSemanticIndex> logger) : ISemanticIndex
{
    private volatile Choice? _choice;

    public async ValueTask<IReadOnlyList<Neighbour>> SearchAsync(string scope, ReadOnlyMemory<float> vector, int count, CancellationToken cancellationToken) =>
        await (await ChooseAsync(cancellationToken)).SearchAsync(scope, vector, count, cancellationToken);

    public async ValueTask AddAsync(string scope, string entry, ReadOnlyMemory<float> vector, DateTimeOffset expiresAt, CancellationToken cancellationToken) =>
        await (await ChooseAsync(cancellationToken)).AddAsync(scope, entry, vector, expiresAt, cancellationToken);

    public async ValueTask RemoveAsync(string scope, string entry, CancellationToken cancellationToken) =>
        await (await ChooseAsync(cancellationToken)).RemoveAsync(scope, entry, cancellationToken);

    private async ValueTask<ISemanticIndex> ChooseAsync(CancellationToken cancellationToken)
    {
        // Behind a new connection another server may answer.
        var generation = redis.Generation;
        if (_choice is { } made && made.Generation == generation) return made.Index;
        RedisKey probe = redis.Keys.Vectors("");
        var hasSets = await redis.RunAsync(
            async db =>
            {
                try
                {
                    await db.VectorSetLengthAsync(probe);
                    return true;
                }
                catch (RedisServerException e) when (
                    e.Message.StartsWith("ERR unknown command", StringComparison.OrdinalIgnoreCase) || e.Message.StartsWith("NOPERM", StringComparison.Ordinal))
                {
                    return false;
                }
            },
            cancellationToken);
        ISemanticIndex index = hasSets ? sets : tables;
        if (_choice?.Index != index) Log.Chosen(logger, hasSets ? "vector sets of Redis" : "an exact scan of the newest, in this process");
        _choice = new(index, generation);
        return index;
    }

    private sealed record Choice(ISemanticIndex Index, int Generation);

    private static partial class Log
    {
        [LoggerMessage(EventIds.IndexChosen, LogLevel.Information, "Prompts are compared by {Index}.")]
        public static partial void Chosen(ILogger logger, string index);
    }
}
