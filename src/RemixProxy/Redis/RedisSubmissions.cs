using System.Globalization;
using System.Text.Json;
using RemixProxy.Jobs.Submissions;
using RemixProxy.Resilience;
using StackExchange.Redis;

namespace RemixProxy.Redis;

/// <summary>Submissions in Redis.</summary>
internal sealed class RedisSubmissions(RedisDatabase redis, TimeProvider time)
{
    /// <summary>A claim whose holder has sent nothing is free when it was not renewed for this long.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(8);

    /// <summary>A holder that was sending counts as dead when it has not renewed its lease for this long.</summary>
    public static readonly TimeSpan Silence = TimeSpan.FromSeconds(3);

    private const int MaxTries = 32;
    private static readonly TimeSpan Margin = TimeSpan.FromMinutes(5);

    private RedisKeys Keys => redis.Keys;

    public async ValueTask<Admission> AdmitAsync(Submission fresh, CancellationToken cancellationToken)
    {
        var ticket = fresh.Ticket;
        var answer = (RedisResult[])(await redis.EvalAsync(
            RedisScripts.Admit,
            [Latest(ticket), Key(ticket), Keys.Submission(ticket.Caller, fresh.Id)],
            [
                Keys.Submissions(ticket.Caller), fresh.Id, Milliseconds(fresh.StartedAt), ticket.Fingerprint, Bit(ticket.Key is not null), Bit(ticket.IsRetry),
                Bit(ticket.NoCache), Write(fresh),
                Milliseconds(Lease), Milliseconds(Silence), Milliseconds(SubmitTicket.RepeatWindow), Milliseconds(SubmitTicket.KeyLifetime),
                    Milliseconds(Life(ticket)), redis.ServerTimeIn(Silence) is { } late
                    ? late
                    : RedisValue.EmptyString,
            ],
            cancellationToken))!;
        switch ((int)answer[0])
        {
            case 0:
                redis.Wrote();
                return new Admission.Granted(fresh);
            case 1:
                // Even if the earlier record can't be read, this is certainly a repeat and must not be sent.
                return new Admission.Repeated(
                    Read((string)answer[5]!, (int)answer[2], (string)answer[3]! == "1") ?? fresh
                        with
                    { Id = (string)answer[1]!, State = (SubmissionState)(int)answer[2] });
            case 2:
                return new Admission.KeyReused();
            default:
                throw new DependencyException(redis.Dependency.Name);
        }
    }

    /// <summary>A submission, and how long its holder has been silent; null where Redis doesn't know it.</summary>
    public async ValueTask<(Submission Submission, TimeSpan Silent)?> FindAsync(string caller, string id, CancellationToken cancellationToken)
    {
        var values = await redis.RunAsync(db => db.HashGetAsync(Keys.Submission(caller, id), ["s", "g", "r", "d"]), cancellationToken);
        if (values[0].IsNull || Read((string)values[3]!, (int)values[0], (int)values[1] == 1) is not { } submission) return null;
        return (submission, time.GetUtcNow() - DateTimeOffset.FromUnixTimeMilliseconds((long)values[2]));
    }

    /// <summary>Moves a submission on by a change of its present record, or of <paramref name="known"/> where Redis has lost it.</summary>
    /// <param name="known">The record as this process knows it.</param>
    /// <param name="change">The change.</param>
    /// <param name="isHolder">Whether this process holds the submission; the move then renews its lease.</param>
    /// <param name="cancellationToken">Ends the try.</param>
    public async ValueTask<Submission> MoveAsync(Submission known, Func<Submission, Submission> change, bool isHolder, CancellationToken cancellationToken)
    {
        var ticket = known.Ticket;
        RedisKey key = Keys.Submission(ticket.Caller, known.Id);
        for (var i = 0; i < MaxTries; i++)
        {
            var now = Milliseconds(time.GetUtcNow());
            // Redis mostly has the record as this process knows it. If not, the script writes nothing, and the next try reads the record first.
            var asks = i > 0;
            if ((asks ? (await FindAsync(ticket.Caller, known.Id, cancellationToken))?.Submission : known) is { } present)
            {
                var moved = present.Moved(change);
                // Redis may not even know the state that this process knows.
                if (moved == present && !asks) continue;
                if (moved == present) return present;
                RedisValue[] values = [(int)present.State, Bit(present.CallerGone), (int)moved.State, Bit(moved.CallerGone), Write(moved), isHolder ? now : "",
                    Bit(moved.Answered), Bit(present.Answered)];
                if ((int)await redis.EvalAsync(RedisScripts.Move, [key], values, cancellationToken) == 1)
                {
                    redis.Wrote();
                    return moved;
                }

                continue;
            }

            var restored = known.Moved(change);
            var written = (int)await redis.EvalAsync(
                RedisScripts.Restore,
                [Latest(ticket), Key(ticket), key],
                [
                    known.Id, (int)restored.State, now, ticket.Fingerprint, Milliseconds(known.StartedAt), Bit(restored.CallerGone), Write(restored),
                    Bit(ticket.Key is not null),
                    Milliseconds(SubmitTicket.RepeatWindow), Milliseconds(SubmitTicket.KeyLifetime), Milliseconds(Life(ticket)), Bit(restored.Answered),
                ],
                cancellationToken);
            if (written == 1) return restored;
            // Redis came back empty and another request took the key. A submit that has not been sent may not be sent now.
            if (written == 2)
                return restored.State == SubmissionState.Sending && known.State == SubmissionState.Claimed
                    ? known with { State = SubmissionState.Refused }
                    : restored;
        }

        throw new DependencyException(redis.Dependency.Name);
    }

    /// <summary>Renews the holder's lease, and writes the record again where Redis has lost it.</summary>
    public async ValueTask RenewAsync(Submission submission, CancellationToken cancellationToken)
    {
        var renewed = await redis.EvalAsync(
            RedisScripts.Renew, [Keys.Submission(submission.Ticket.Caller, submission.Id)], [Milliseconds(time.GetUtcNow())], cancellationToken);
        if ((int)renewed == 0) await MoveAsync(submission, s => s, isHolder: true, cancellationToken);
    }

    private static string Write(Submission submission) => JsonSerializer.Serialize(submission, StoreJsonContext.Default.Submission);

    private static Submission? Read(string text, int state, bool callerGone)
    {
        try
        {
            return JsonSerializer.Deserialize(text, StoreJsonContext.Default.Submission) is { } submission
                ? submission with { State = (SubmissionState)state, CallerGone = callerGone }
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string Bit(bool value) => value ? "1" : "0";

    private static string Milliseconds(DateTimeOffset at) => at.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture);

    private static string Milliseconds(TimeSpan span) => ((long)span.TotalMilliseconds).ToString(CultureInfo.InvariantCulture);

    private static TimeSpan Life(SubmitTicket ticket) => ticket.Lifetime + Margin;

    private RedisKey Latest(SubmitTicket ticket) => Keys.Latest(ticket.Caller, ticket.Fingerprint);

    private RedisKey Key(SubmitTicket ticket) => ticket.Key is { } key ? Keys.IdempotencyKey(ticket.Caller, ticket.Operation, key) : Latest(ticket);
}
