using RemixProxy.Cache;
using RemixProxy.Contract;
using RemixProxy.Jobs.Submissions;
using RemixProxy.Resilience;
using StackExchange.Redis;

namespace RemixProxy.Redis;

/// <summary>Cache entries shared by all replicas, and which submission makes one. One step in Redis looks up entry and holder, and claims.</summary>
internal sealed class RedisCacheEntryStore(RedisDatabase redis, RedisSubmissions submissions, RedisBacklog backlog, TimeProvider time) : ICacheEntryStore
{
    private static readonly TimeSpan ShortestLife = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan FlightLifetime = TimeSpan.FromMinutes(2);

    private RedisKeys Keys => redis.Keys;

    public async ValueTask<Claim> ClaimAsync(Submission submission, string entry, CancellationToken cancellationToken)
    {
        // Redis doesn't know this submission, so others could not wait for it.
        if (backlog.IsUnheardOf(submission.Id)) throw new DependencyException(redis.Dependency.Name);
        var caller = submission.Ticket.Caller;
        RedisValue[] values =
        [
            Keys.Submissions(caller), submission.Id, time.GetUtcNow().ToUnixTimeMilliseconds(),
            (long)RedisSubmissions.Lease.TotalMilliseconds, (long)RedisSubmissions.Silence.TotalMilliseconds, (long)FlightLifetime.TotalMilliseconds,
        ];
        var answer = (RedisResult[])(
            await redis.EvalAsync(RedisScripts.Claim, [Keys.Entry(caller, entry), Keys.Flight(caller, entry)], values, cancellationToken))!;
        switch ((int)answer[0])
        {
            case 1 when VideoId.TryParse((string)answer[1]!, out var video):
                return new Claim.Stored(video.Value);
            case 2 when await submissions.FindAsync(caller, (string)answer[1]!, cancellationToken) is var (holder, _):
                return new Claim.UnderWay(holder);
            default:
                return new Claim.Granted();
        }
    }

    public async ValueTask<VideoId?> FindEntryAsync(string caller, string entry, CancellationToken cancellationToken)
    {
        string? text = await redis.RunAsync(db => db.StringGetAsync(Keys.Entry(caller, entry)), cancellationToken);
        return text is not null && VideoId.TryParse(text, out var video) ? video : null;
    }

    public async ValueTask StoreEntryAsync(string caller, string entry, VideoId video, TimeSpan lifetime, CancellationToken cancellationToken)
    {
        // The write would most likely fail, the video is paid for, and the caller waits for it. So the entry is given up at once.
        if (redis.Dependency.IsInDoubt) throw new DependencyException(redis.Dependency.Name);
        var life = lifetime < ShortestLife ? ShortestLife : lifetime;
        await redis.RunAsync(db => db.StringSetAsync(Keys.Entry(caller, entry), video.ToString(), life), cancellationToken);
    }

    public async ValueTask RemoveEntryAsync(string caller, string entry, VideoId video, CancellationToken cancellationToken) =>
        await redis.EvalAsync(RedisScripts.Remove, [Keys.Entry(caller, entry)], [video.ToString()], cancellationToken);
}
