using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using RemixProxy.Contract;
using RemixProxy.Limits;
using StackExchange.Redis;

namespace RemixProxy.Redis;

/// <summary>The names of all keys in Redis. Keys that one script touches share a <c>{hash tag}</c>, so that they are in one slot of a cluster.</summary>
internal sealed class RedisKeys(string prefix)
{
    /// <summary>The name of Redis' memory.</summary>
    public string Memory => $"{prefix}:memory";

    /// <summary>A key that is written to find out whether Redis accepts writes again.</summary>
    public string Probe => $"{prefix}:probe";

    /// <summary>The key that signs content links.</summary>
    public string Links => $"{prefix}:links";

    /// <summary>The beginning of the keys of a caller's submissions; a script appends the id that it has read.</summary>
    public string Submissions(string caller) => $"{prefix}:{{{Hash(caller)}}}:submission:";

    /// <summary>A submission.</summary>
    public string Submission(string caller, string id) => Submissions(caller) + id;

    /// <summary>The id of the caller's latest submission with that fingerprint.</summary>
    public string Latest(string caller, string fingerprint) => $"{prefix}:{{{Hash(caller)}}}:latest:{fingerprint}";

    /// <summary>The id of the submission that an Idempotency-Key is bound to.</summary>
    public string IdempotencyKey(string caller, VideoOperation operation, string key) =>
        Invariant($"{prefix}:{{{Hash(caller)}}}:key:{(int)operation}:{Hash(key)}");

    /// <summary>The id of the submission that is making a cache entry.</summary>
    public string Flight(string caller, string entry) => $"{prefix}:{{{Hash(caller)}}}:flight:{entry}";

    /// <summary>The video of a cache entry.</summary>
    public string Entry(string caller, string entry) => $"{prefix}:{{{Hash(caller)}}}:entry:{entry}";

    /// <summary>The caller's jobs, in the order of the list.</summary>
    public string Jobs(string caller) => $"{prefix}:{{{Hash(caller)}}}:jobs";

    /// <summary>The caller's requests of the last minute.</summary>
    public string Requests(string caller) => $"{prefix}:{{{Hash(caller)}}}:requests";

    /// <summary>The caller's submits that are being sent.</summary>
    public string Submits(string caller) => $"{prefix}:{{{Hash(caller)}}}:submits";

    /// <summary>What the caller has used of a day's seconds, and what is reserved of them.</summary>
    public string Seconds(ClientDay day) => Invariant($"{prefix}:{{{Hash(day.Client)}}}:seconds:{day.Day:yyyyMMdd}");

    /// <summary>The unfinished jobs of a caller or a provider.</summary>
    public string Unfinished(JobRoom room) => $"{prefix}:{{{Hash(room.Owner)}}}:{(room.IsProvider ? "running" : "unfinished")}";

    /// <summary>Who waits for a place.</summary>
    public static RedisKey Line(RedisKey places) => places.Append(":line");

    /// <summary>A job.</summary>
    public string Job(VideoId id) => $"{prefix}:{{{id}}}:job";

    /// <summary>The right to ask for a job's state.</summary>
    public string Poll(VideoId id) => $"{prefix}:{{{id}}}:poll";

    /// <summary>The vectors of a scope as a vector set.</summary>
    public string Vectors(string scope) => $"{prefix}:{{{Hash(scope)}}}:vectors";

    /// <summary>The vectors of a scope as a hash, where there are no vector sets.</summary>
    public string Table(string scope) => $"{prefix}:{{{Hash(scope)}}}:table";

    /// <summary>The order in which the vectors of <see cref="Table"/> came.</summary>
    public string TableOrder(string scope) => $"{prefix}:{{{Hash(scope)}}}:order";

    // A caller's name and key may contain anything, also braces. And whoever looks into Redis, or at its errors, need not learn them.
    private static string Hash(string text) => Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 16));
}
