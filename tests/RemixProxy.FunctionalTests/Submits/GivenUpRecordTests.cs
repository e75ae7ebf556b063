using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using RemixProxy.FunctionalTests.Kit;
using RemixProxy.Jobs.Submissions;

namespace RemixProxy.FunctionalTests.Submits;

/// <summary>A submit whose record another replica has given up as dead, while it was being sent.</summary>
public class GivenUpRecordTests
{
    [Fact]
    public async Task Its_unknown_end_still_counts_and_a_repeat_is_not_sent()
    {
        ObservedStore? store = null;
        await using var app = await ProxyApp.StartAsync(new()
        {
            Sandbox = new()
            {
                Intercept = async (context, next) =>
                {
                    if (!Upstream.IsSubmit(context.Request.Method, context.Request.Path)) await next(context);
                    else
                    {
                        // As another replica does that sees the lease run out: refused, without an error.
                        await store!.MoveAsync(store.Last!, s => s with { State = SubmissionState.Refused }, CancellationToken.None);
                        context.Response.StatusCode = StatusCodes.Status500InternalServerError;
                    }
                },
            },
            Proxy = proxy => proxy.Services.AddSingleton<ISubmissionStore>(
                s => store = new(s.GetRequiredService<MemorySubmissionStore>())),
        });

        (await app.CreateAsync("luma/ray-3.2", "A boat")).AssertError(424, "submission_unknown");
        (await app.CreateAsync("luma/ray-3.2", "A boat", ("X-Stainless-Retry-Count", "1"))).AssertError(424, "submission_unknown");

        Assert.Equal(1, app.SubmitsSeen());
    }

    private sealed class ObservedStore(ISubmissionStore inner) : ISubmissionStore
    {
        public Submission? Last { get; private set; }

        public async ValueTask<Admission> AdmitAsync(SubmitTicket ticket, CancellationToken cancellationToken)
        {
            var admission = await inner.AdmitAsync(ticket, cancellationToken);
            if (admission is Admission.Granted { Submission: var granted }) Last = granted;
            return admission;
        }

        public ValueTask<Submission> MoveAsync(Submission submission, Func<Submission, Submission> change, CancellationToken cancellationToken) =>
            inner.MoveAsync(submission, change, cancellationToken);

        public ValueTask<Submission> WaitAsync(Submission submission, CancellationToken cancellationToken) => inner.WaitAsync(submission, cancellationToken);
    }
}
