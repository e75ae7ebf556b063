using RemixProxy.Contract;
using RemixProxy.FunctionalTests.Redis;
using RemixProxy.Jobs.Submissions;
using RemixProxy.TestKit.Redis;

namespace RemixProxy.FunctionalTests.Stores;

/// <summary>What every store of submissions does.</summary>
public abstract class SubmissionStoreTests(RedisVersion? version) : TwoStoresTests(version)
{
    private const string Caller = "me";

    [Fact]
    public async Task A_submission_survives_every_field_it_has()
    {
        var submission = await Granted(One, Ticket("f", key: "k"));
        var error = new ApiError(429, "rate_limit_exceeded", "Later.", "p") { RetryAfter = 7, Retryable = false };
        await One.Submissions.MoveAsync(submission, s => s with { State = SubmissionState.Unknown, Error = error, CallerGone = true }, Ct);
        var repeated = Assert.IsType<Admission.Repeated>(await Other.Submissions.AdmitAsync(Ticket("f", key: "k"), Ct));
        Assert.Equal(submission with { State = SubmissionState.Unknown, Error = error, CallerGone = true }, repeated.Earlier);
    }

    [Fact]
    public async Task A_key_admits_one_of_many_at_once_and_another_request_not_at_all()
    {
        var admissions = await Task.WhenAll(
            Enumerable.Range(0, 40).Select(i => (i % 2 == 0 ? One : Other).Submissions.AdmitAsync(Ticket("f", key: "k"), Ct).AsTask()));
        Assert.Single(admissions.OfType<Admission.Granted>());
        Assert.Equal(39, admissions.OfType<Admission.Repeated>().Count());
        Assert.IsType<Admission.KeyReused>(await Other.Submissions.AdmitAsync(Ticket("other", key: "k"), Ct));
        Assert.IsType<Admission.Granted>(await Other.Submissions.AdmitAsync(Ticket("other", key: "k", caller: "you"), Ct));
    }

    [Fact]
    public async Task A_refusal_releases_its_key_and_unknown_keeps_it()
    {
        var refused = await Granted(One, Ticket("f", key: "k"));
        await EndAsync(One, refused, SubmissionState.Refused);
        var unknown = await Granted(Other, Ticket("f", key: "k"));
        await EndAsync(Other, unknown, SubmissionState.Unknown);
        Assert.Equal(unknown.Id, Assert.IsType<Admission.Repeated>(await One.Submissions.AdmitAsync(Ticket("f", key: "k"), Ct)).Earlier.Id);
        Time.Advance(TimeSpan.FromHours(25));
        Assert.IsType<Admission.Granted>(await One.Submissions.AdmitAsync(Ticket("f", key: "k"), Ct));
    }

    [Fact]
    public async Task Without_a_key_only_a_repeat_is_one()
    {
        var first = await Granted(One, Ticket("f"));
        Assert.IsType<Admission.Granted>(await Other.Submissions.AdmitAsync(Ticket("f"), Ct));
        var latest = await Granted(Other, Ticket("f"));
        Assert.Equal(latest.Id, Assert.IsType<Admission.Repeated>(await One.Submissions.AdmitAsync(Ticket("f", retry: true), Ct)).Earlier.Id);
        await Other.Submissions.MoveAsync(latest, s => s with { CallerGone = true }, Ct);
        Assert.IsType<Admission.Repeated>(await One.Submissions.AdmitAsync(Ticket("f"), Ct));
        Assert.IsType<Admission.Granted>(await One.Submissions.AdmitAsync(Ticket("f", noCache: true), Ct));
        Assert.NotEqual(first.Id, latest.Id);
        Time.Advance(TimeSpan.FromMinutes(11));
        Assert.IsType<Admission.Granted>(await One.Submissions.AdmitAsync(Ticket("f", retry: true), Ct));
    }

    [Fact]
    public async Task A_key_belongs_to_one_caller_and_one_operation()
    {
        var ticket = Ticket("f", "k");
        var granted = await Granted(One, ticket);
        Assert.Equal(granted.Id, Assert.IsType<Admission.Repeated>(await Other.Submissions.AdmitAsync(ticket with { NoCache = true }, Ct)).Earlier.Id);
        Assert.IsType<Admission.KeyReused>(await Other.Submissions.AdmitAsync(ticket with { Fingerprint = "g" }, Ct));
        Assert.IsType<Admission.Granted>(await Other.Submissions.AdmitAsync(ticket with { Caller = "you" }, Ct));
        Assert.IsType<Admission.Granted>(await Other.Submissions.AdmitAsync(ticket with { Operation = VideoOperation.Remix }, Ct));
    }

    [Fact]
    public async Task A_repeat_is_of_the_same_caller()
    {
        await Granted(One, Ticket("f", retry: true));
        Assert.IsType<Admission.Repeated>(await Other.Submissions.AdmitAsync(Ticket("f", retry: true), Ct));
        Assert.IsType<Admission.Granted>(await Other.Submissions.AdmitAsync(Ticket("f", retry: true, caller: "you"), Ct));
    }

    [Fact]
    public async Task Who_waits_learns_of_the_end()
    {
        var submission = await Granted(One, Ticket("f", "k"));
        var waiting = One.Submissions.WaitAsync(submission, Ct).AsTask();
        await One.Submissions.MoveAsync(submission, s => s with { State = SubmissionState.Sending }, Ct);
        Assert.False(waiting.IsCompleted);
        await One.Submissions.MoveAsync(submission, s => s with { State = SubmissionState.Accepted, Video = Id("j") }, Ct);
        Assert.Equal(Id("j"), (await waiting).Video);
        Assert.Equal(Id("j"), (await Other.Submissions.WaitAsync(submission, Ct)).Video);
    }

    private static VideoId Id(string native) => new(native, "runway");

    private static SubmitTicket Ticket(string fingerprint, string? key = null, bool retry = false, bool noCache = false, string caller = Caller) =>
        new(caller, VideoOperation.Create, fingerprint, key, retry, noCache);

    private static async Task<Submission> Granted(Replica replica, SubmitTicket ticket) =>
        Assert.IsType<Admission.Granted>(await replica.Submissions.AdmitAsync(ticket, Ct)).Submission;

    private static async Task EndAsync(Replica replica, Submission submission, SubmissionState state) =>
        await replica.Submissions.MoveAsync(submission, s => s with { State = state, Error = ApiError.Internal }, Ct);
}

/// <summary>In memory.</summary>
public sealed class MemorySubmissionStoreTests() : SubmissionStoreTests(null);

/// <summary>On Redis 8.</summary>
public sealed class Redis8SubmissionStoreTests() : SubmissionStoreTests(RedisVersion.Eight);

/// <summary>On Redis 7.</summary>
public sealed class Redis7SubmissionStoreTests() : SubmissionStoreTests(RedisVersion.Seven);
