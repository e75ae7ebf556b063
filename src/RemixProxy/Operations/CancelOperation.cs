using RemixProxy.Adapters;
using RemixProxy.Contract;
using RemixProxy.Exchanges;
using RemixProxy.Jobs;
using RemixProxy.Providers;

namespace RemixProxy.Operations;

/// <summary>Stops a video that is under way. A finished one is answered as it is; one that its provider can't stop goes on.</summary>
internal sealed class CancelOperation(VideoIdResolver ids, JobPolls polls, JobRecords records, ExchangeRunner runner, TimeProvider time) : IVideoOperation
{
    private readonly JobFlights _flights = new();

    public VideoOperation Operations => VideoOperation.Cancel;

    public async Task<ApiError?> AnswerAsync(VideoCall call)
    {
        if (!(await ids.ResolveAsync(call)).TryGet(out var found, out var error)) return error;
        var (id, provider, known) = found;
        if (!(await _flights.OnceAsync(id, call.Context, () => EndAsync(call, provider, id, known), deadline: default)).TryGet(out var job, out error))
            return error;
        await Answers.WriteAsync(call, Answers.Present(call, job) with { ExtraFields = Answers.Extras(call, job) }, VideoJsonContext.Answer.Video);
        return null;
    }

    private async Task<Result<VideoJob>> EndAsync(VideoCall call, Provider provider, VideoId id, VideoJob? known)
    {
        var step = provider.Adapter.Cancel(id.Native);
        // A cancel needs the state of this moment: some providers delete a finished video by the call that stops a running one.
        var found = step is null ? await polls.FindAsync(call.Context, provider, id, known) : await polls.FindNowAsync(call.Context, provider, id, known);
        if (!found.TryGet(out var job, out var error)) return error;
        if (job.IsFinished) return job;
        return step is null ? Failures.OfCancel(null, provider, WhoCan(call)) : await CancelAsync(call, provider, job, step);
    }

    private async Task<Result<VideoJob>> CancelAsync(VideoCall call, Provider provider, VideoJob job, ProviderStep step)
    {
        var outcome = await runner.AskAsync(call.Context, provider, step, CancellationToken.None);
        if (outcome is Outcome.Told { Snapshot: { Error.Code: "cancelled" } end })
            return await records.ChangeAsync(job, j => j.Apply(end, provider.Profile, provider.Options.JobTimeout, time.GetUtcNow()));
        if (!Failures.IsNotCancelled(outcome)) return Failures.OfRead(outcome, provider);
        // The job may have ended a moment ago, by itself or by another cancel.
        if (!(await polls.FindNowAsync(call.Context, provider, job.Id, job)).TryGet(out var present, out var error)) return error;
        return present.IsFinished ? present : Failures.OfCancel(outcome, provider, WhoCan(call));
    }

    private static string WhoCan(VideoCall call) =>
        call.Providers.WhoCan("can", p => p.Profile.Operations.HasFlag(VideoOperation.Cancel)) ?? "No enabled provider can.";
}
