using FsCheck;
using FsCheck.Fluent;
using RemixProxy.Contract;
using RemixProxy.Jobs.Submissions;
using RemixProxy.TestKit;

namespace RemixProxy.Tests.Jobs;

/// <summary>Laws of <see cref="SubmissionLedger"/>: who may submit, how far a submission goes, and how many are kept.</summary>
public sealed class SubmissionLedgerTests
{
    private const string Caller = "me";

    private readonly ManualTimeProvider _time = new();

    [Fact]
    public async Task Of_many_at_once_with_a_key_one_is_granted()
    {
        var ledger = new SubmissionLedger(_time);
        var ticket = new SubmitTicket(Caller, VideoOperation.Create, "f", "k", IsRetry: false, NoCache: false);
        var admissions = await Task.WhenAll(Enumerable.Range(0, 64).Select(_ => Task.Run(() => Admit(ledger, ticket))));
        Assert.Single(admissions.OfType<Admission.Granted>());
        Assert.Equal(63, admissions.OfType<Admission.Repeated>().Count());
    }

    [Fact]
    public void What_has_ended_stays_but_for_a_late_answer()
    {
        var states = Enum.GetValues<SubmissionState>();
        Prop.ForAll(Gen.Elements(states).NonEmptyListOf().ToArbitrary(), moves =>
        {
            var ledger = new SubmissionLedger(_time);
            var submission = Assert.IsType<Admission.Granted>(
                Admit(ledger, new(Caller, VideoOperation.Create, "f", "k", IsRetry: false, NoCache: false))).Submission;
            var state = SubmissionState.Claimed;
            foreach (var to in moves)
            {
                var moved = ledger.Move(submission, s => s with { State = to, Error = ApiError.Internal }).State;
                var ended = state is SubmissionState.Accepted or SubmissionState.Refused or SubmissionState.Unknown;
                var expected = !ended || (state == SubmissionState.Unknown && to == SubmissionState.Accepted) ? Max(state, to) : state;
                if (moved != expected) return false;
                state = moved;
            }

            return true;
        }).QuickCheckThrowOnFailure();

        // Claimed comes before sending, and sending before all ends; among the ends none is further than another.
        static SubmissionState Max(SubmissionState a, SubmissionState b) => a == SubmissionState.Sending && b == SubmissionState.Claimed ? a : b;
    }

    [Fact]
    public void Never_more_submissions_than_their_bound()
    {
        var ledger = new SubmissionLedger(_time);
        SubmitTicket Ticket(int i) => new(Caller, VideoOperation.Create, "f" + i, "k" + i, IsRetry: false, NoCache: false);
        for (var i = 0; i <= SubmissionLedger.MaxCount; i++)
        {
            var submission = Assert.IsType<Admission.Granted>(Admit(ledger, Ticket(i))).Submission;
            ledger.Move(submission, s => s with { State = SubmissionState.Accepted, Video = new("j", "p") });
        }

        Assert.IsType<Admission.Repeated>(Admit(ledger, Ticket(1)));
        Assert.IsType<Admission.Granted>(Admit(ledger, Ticket(0)));
    }

    private Admission Admit(SubmissionLedger ledger, SubmitTicket ticket) => ledger.Admit(Submission.Of(ticket, _time.GetUtcNow()));
}
