using Microsoft.Extensions.Logging;
using RemixProxy.Adapters;
using RemixProxy.Contract;
using RemixProxy.Exchanges;
using RemixProxy.Jobs;
using RemixProxy.Jobs.Submissions;
using RemixProxy.Limits;
using RemixProxy.Providers;
using RemixProxy.Telemetry;

namespace RemixProxy.Operations.Submit;

/// <summary>How the sending of a submit ended.</summary>
internal abstract record Sent
{
    private Sent()
    {
    }

    /// <summary>A provider accepted the submit.</summary>
    /// <param name="Provider">The provider.</param>
    /// <param name="Plan">What was sent.</param>
    /// <param name="Id">The new video's id.</param>
    /// <param name="Snapshot">What the provider says of the video.</param>
    /// <param name="Adjustments">Where the request that was sent differs from the wish.</param>
    /// <param name="Reservation">What the job holds of limits.</param>
    /// <param name="Attempts">The targets that were tried before.</param>
    /// <param name="WasFound">Whether the answer was lost and the provider was asked for the job. A repeat may have found it before.</param>
    public sealed record Accepted(
        Provider Provider, SubmitPlan Plan, VideoId Id, VideoSnapshot Snapshot, IReadOnlyList<Adjustment> Adjustments, JobReservation Reservation,
        IReadOnlyList<Attempt> Attempts, bool WasFound = false)
        : Sent;

    /// <summary>No provider accepted the submit, or nobody knows whether one did.</summary>
    /// <param name="Error">The error to answer.</param>
    /// <param name="State"><see cref="SubmissionState.Refused"/>, or <see cref="SubmissionState.Unknown"/> if a provider may have billed it.</param>
    /// <param name="Pending">Where a repeat may ask for the submit again; null where nobody can be asked.</param>
    public sealed record NotAccepted(ApiError Error, SubmissionState State = SubmissionState.Refused, PendingSubmit? Pending = null) : Sent;
}

/// <summary>Sends each submit to its targets in order, to each at most once, and to the next only if the last certainly created nothing.</summary>
internal sealed partial class SubmitSender(
    SourceVideos sources, ExchangeRunner runner, LostSubmits lost, FormServers formServers, SubmitCircuits circuits, JobReservations reservations,
    VideoMetrics metrics, ILogger<SubmitSender> logger)
{
    private const string Refused = "refused";
    private const string Unknown = "unknown";

    /// <summary>Sends a submit.</summary>
    /// <param name="call">The call.</param>
    /// <param name="submit">The submit.</param>
    /// <param name="record">The record of the submit, which is the gate before the first byte.</param>
    /// <param name="room">What the submit holds of this process; bytes that are carried from another provider are added.</param>
    /// <param name="deadline">Cancels the exchange under way.</param>
    public async Task<Sent> SendAsync(VideoCall call, ResolvedSubmit submit, SubmitRecord record, SubmitRoom room, CancellationToken deadline)
    {
        ApiError? first = null;
        List<Attempt> attempts = [];
        // Only who is still at the submit may be asked again.
        var targets = record.Pending is { } asked
            ? [.. submit.Targets.Where(t => (t.Provider.Name, t.Model) == (asked.Provider, asked.Model))]
            : submit.Targets;
        if (targets.Count == 0) return new Sent.NotAccepted(record.Doubt, SubmissionState.Unknown);
        for (var i = 0; i < targets.Count; i++)
        {
            var target = targets[i];
            var model = call.Providers.IsKnown(target.Provider, target.Model) ? target.Model : null;
            var isFirst = first is null;
            if (isFirst) call.Report.NoteTarget(target.Provider, model);
            if (!(await PlanAsync(call, submit, record, target, room.Bodies, deadline)).TryGet(out var planned, out var refusal))
            {
                // A target that can't express the request certainly created nothing. The caller gets what the first target said. What was sent before stays in
                // doubt.
                Failed(target, record.Pending is null ? refusal : record.Doubt);
                continue;
            }

            call.Report.NoteTarget(target.Provider, model);
            // What may have been made before is asked for all the same.
            if (record.Pending is null && (circuits.Check(target.Provider) ?? room.Slot.MoveTo(target.Provider, room.Bodies.Bytes)) is { } closed)
            {
                Failed(target, closed);
                continue;
            }

            var (request, plan) = planned;
            if (!(await ReserveAsync(call, target, request, plan, record, i, deadline)).TryGet(out var reservation, out var limit))
            {
                Failed(target, limit);
                continue;
            }

            record.Findable = target.Provider.Adapter.Find(record.Key) is null ? null : new(target.Provider.Name, target.Model, record.Key, OnlyFinds: true);
            var outcome = await AskAsync(call, model, target.Provider, plan, record, reservation, submit.Intent.Body.Data, deadline);
            circuits.Note(target.Provider, outcome);
            var accepted = IdOf(call, target.Provider, outcome);
            var failure = Failures.OfSubmit(outcome, target.Provider, hasSource: request.Source is NativeIdSource);
            var wasFound = accepted is null && failure.Unknown && (accepted = await FindAsync(call, target.Provider, record, deadline)) is not null;
            if (accepted is var (id, snapshot))
            {
                NoteEcho(call, id, snapshot, record);
                return new Sent.Accepted(
                    target.Provider, plan, id, snapshot, [.. ModelAdjustments(submit, target), .. plan.Adjustments], reservation, attempts, wasFound);
            }

            if (record.Pending is { OnlyFinds: true }) return new Sent.NotAccepted(record.Doubt, SubmissionState.Unknown, record.Pending);
            // Nobody knows whether it was made, so it counts as used.
            await reservations.EndAsync(call.Caller, target.Provider.Name, reservation, failure.Unknown ? null : 0);
            var own = submit.Intent.OwnTexts.Append(call.Report.Prompt).Append(model is null ? request.Model : null);
            failure = failure with { Error = failure.Error.Because(ProviderText.WithoutQuotes(failure.Error.Cause, own)) };
            if (outcome is not Outcome.Withheld) metrics.Submitted(call.Operation, target.Provider.Name, failure.Unknown ? Unknown : Refused);
            if (!failure.TryNext || i + 1 == targets.Count)
            {
                var isPending = failure.Unknown && failure.Error.Code == ApiError.SubmissionInProgress.Code;
                return new Sent.NotAccepted(
                    failure.Error, failure.Unknown ? SubmissionState.Unknown : SubmissionState.Refused,
                    isPending ? new(target.Provider.Name, target.Model, record.Key) : failure.Unknown ? record.Findable : null);
            }

            Failed(target, failure.Error);
            record.BeginAnew();
            Log.TriesNext(logger, call.Operation.RequestType(), target.Provider.Name, failure.Error.Code, failure.Error.Cause, targets[i + 1].Provider.Name);
        }

        return new Sent.NotAccepted(first!);

        void Failed(ModelTarget target, ApiError error)
        {
            first ??= error;
            attempts.Add(new(target.Provider.Name, target.Model, new(error.Code, error.Message)));
        }
    }

    private async Task<Result<PlannedSubmit>> PlanAsync(
        VideoCall call, ResolvedSubmit submit, SubmitRecord record, ModelTarget target, BodyBudget.Lease lease, CancellationToken deadline)
    {
        var (intent, operation, source, _) = submit;
        var (provider, model) = target;
        var media = intent.SourceFile is { } file ? new FileSource(file) : (MediaSource?)null;
        if (source is not null)
        {
            var forms = SubmitPlanner.Forms(provider.Profile, operation);
            if (!(await sources.OfferAsync(call, source, provider, forms, lease, deadline)).TryGet(out media, out var error))
                return error.Because(call.Report.WithoutQuotes(error.Cause));
        }

        var clip = intent.SourceFile is { } upload ? await ClipHeader.ReadAsync(upload, deadline) : null;
        var request = new SubmitRequest
        {
            Operation = operation,
            Model = model,
            Prompt = intent.Prompt,
            Size = intent.Size,
            Seconds = intent.Seconds,
            Configured = provider.FindModel(model) as ConfiguredModel,
            InputReference = intent.FirstFrame,
            LastFrame = intent.LastFrame,
            ReferenceImages = intent.ReferenceImages,
            ReferenceVideos = intent.ReferenceVideos,
            ReferenceAudio = intent.ReferenceAudio,
            Audio = intent.Audio,
            Outputs = intent.Outputs,
            Source = media,
            SourceSize = source?.Job.Video.Size is { Length: > 0 } size ? size : clip?.Size?.ToString(),
            SourceSeconds = source?.Job.Video.Seconds is { Length: > 0 } seconds ? seconds : clip?.Seconds is { } length ? Durations.Text(length) : null,
            Fields = intent.Fields,
            Written = provider.Profile.PassesUndeclared ? intent.ToWritten() : new(),
            BodyFormat = formServers.FormatFor(provider),
            SubmitKey = record.Key,
            BaseUrl = provider.BaseUrl,
            Provider = provider.Name,
        };
        try
        {
            var plan = provider.Adapter.Submit(request);
            return new PlannedSubmit(request, plan with { Size = plan.Size ?? request.SourceSize, Seconds = plan.Seconds ?? request.SourceSeconds });
        }
        catch (VideoRequestException e)
        {
            return new ApiError(400, e.Code, e.Message, e.Param);
        }
    }

    private ValueTask<Result<JobReservation>> ReserveAsync(
        VideoCall call, ModelTarget target, SubmitRequest request, SubmitPlan plan, SubmitRecord record, int index, CancellationToken deadline)
    {
        var id = Invariant($"{record.Submission.Id}:{index}");
        // What may have been made before was counted then.
        if (record.Pending is not null) return new(new JobReservation(id));
        var isExtension = request.Operation == VideoOperation.Extend;
        var seconds = Lengths.Most(target.Provider, request, plan) * Math.Max(1, request.Outputs);
        return reservations.ReserveAsync(call.Client, target.Provider, id, seconds, isExtension, deadline);
    }

    private async Task<Outcome> AskAsync(
        VideoCall call, string? model, Provider provider, SubmitPlan plan, SubmitRecord record, JobReservation reservation, MarkedData data,
        CancellationToken deadline)
    {
        // It was sent before, by a call that lost its answer.
        if (record.Pending is { OnlyFinds: true }) return new Outcome.Unanswered(Sent: true, Interruption.HungUp);
        try
        {
            return await runner.SubmitAsync(call.Context with { Model = model }, provider, plan.First, record, data, deadline);
        }
        catch (Exception)
        {
            if (record.HasBegun) metrics.Submitted(call.Operation, provider.Name, Unknown);
            await reservations.EndAsync(call.Caller, provider.Name, reservation, record.HasBegun ? null : 0);
            throw;
        }
    }

    private async Task<(VideoId Id, VideoSnapshot Snapshot)?> FindAsync(VideoCall call, Provider provider, SubmitRecord record, CancellationToken deadline)
    {
        if (await lost.FindAsync(call.Context, provider, record.Key, deadline) is not { } told) return null;
        if (IdOf(call, provider, told) is not var (id, snapshot)) return null;
        Log.Found(logger, call.Operation.RequestType(), id.ToString(), call.RequestId);
        return (id, snapshot);
    }

    private void NoteEcho(VideoCall call, VideoId id, VideoSnapshot snapshot, SubmitRecord record)
    {
        if (snapshot.SubmitKey is { } echo && echo != record.Key) Log.NotEchoed(logger, call.Operation.RequestType(), id.ToString(), call.RequestId);
    }

    /// <returns>The new video; null if there is none, or if no later call could name its id.</returns>
    private (VideoId Id, VideoSnapshot Snapshot)? IdOf(VideoCall call, Provider provider, Outcome outcome)
    {
        if (outcome is not Outcome.Told { Snapshot: { Id: { Length: > 0 } native } snapshot }) return null;
        var id = new VideoId(native, provider.Name);
        if (native is not ("." or "..") && VideoId.IsAcceptable(id.ToString())) return (id, snapshot);
        Log.UnusableId(logger, call.Operation.RequestType(), provider.Name, ProviderText.Clean(native, provider), call.RequestId);
        return null;
    }

    // Some providers always edit with the source's model. A caller who named another one is told.
    private static IEnumerable<Adjustment> ModelAdjustments(ResolvedSubmit submit, ModelTarget target)
    {
        var (provider, used) = target;
        if (submit.Intent.Model is { } wish && submit.Source?.Provider == provider && provider.EditModel(submit.Operation) is null
            && wish != used && wish != $"{provider.Name}/{used}")
            yield return new("model", wish, used, "the source's model");
    }

    private sealed record PlannedSubmit(SubmitRequest Request, SubmitPlan Plan);

    private static partial class Log
    {
        [LoggerMessage(EventIds.UnusableVideoId, LogLevel.Warning,
            "{Operation} accepted by {Provider} under an id that can't be used: {NativeId}; {RequestId}")]
        public static partial void UnusableId(ILogger logger, string operation, string provider, string nativeId, string requestId);

        [LoggerMessage(EventIds.SubmitFound, LogLevel.Warning,
            "{Operation}: the answer was lost, and the provider was asked for the job: it is {VideoId}; {RequestId}")]
        public static partial void Found(ILogger logger, string operation, string videoId, string requestId);

        [LoggerMessage(EventIds.KeyNotEchoed, LogLevel.Warning,
            "{Operation}: the provider accepted {VideoId} without the key of the submit, so a lost answer could not be looked for; {RequestId}")]
        public static partial void NotEchoed(ILogger logger, string operation, string videoId, string requestId);

        [LoggerMessage(EventIds.NextTargetTried, LogLevel.Information,
            "{Operation} created nothing at {Provider} ({Code}, cause {Cause}); {NextProvider} is tried next")]
        public static partial void TriesNext(ILogger logger, string operation, string provider, string code, string? cause, string nextProvider);
    }
}
