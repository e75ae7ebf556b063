using RemixProxy.Contract;
using RemixProxy.Jobs.Submissions;

namespace RemixProxy.Tests.Jobs.Submissions;

/// <summary>Which ends of a submit let those who waited begin anew.</summary>
public class SubmissionTests
{
    [Fact]
    public void Only_what_came_to_nothing_for_no_reason_of_its_own_is_void()
    {
        Assert.True(With(SubmissionState.Claimed).IsVoid);
        Assert.True(With(SubmissionState.Refused).IsVoid);
        Assert.True(With(SubmissionState.Refused, ApiError.SubmissionInProgress).IsVoid);
        Assert.False(With(SubmissionState.Refused, ApiError.VideoNotFound).IsVoid);
        Assert.False(With(SubmissionState.Sending).IsVoid);
        Assert.False(With(SubmissionState.Unknown).IsVoid);
        Assert.False(With(SubmissionState.Accepted).IsVoid);
    }

    private static Submission With(SubmissionState state, ApiError? error = null) =>
        new()
        {
            Id = "s", Ticket = new("me", VideoOperation.Create, "f", Key: null, IsRetry: false, NoCache: false), StartedAt = default, State = state,
            Error = error
        };
}
