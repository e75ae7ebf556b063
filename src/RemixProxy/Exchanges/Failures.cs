using Microsoft.AspNetCore.Http;
using RemixProxy.Adapters;
using RemixProxy.Contract;
using RemixProxy.Providers;

namespace RemixProxy.Exchanges;

/// <summary>The answer to a submit that no provider accepted, and what may follow.</summary>
/// <param name="Error">The error for the caller.</param>
/// <param name="Unknown">Whether the provider may have billed the submit.</param>
/// <param name="TryNext">Whether the proxy may try the alias's next target, because this one certainly created nothing.</param>
internal sealed record SubmitFailure(ApiError Error, bool Unknown = false, bool TryNext = false);

/// <summary>Maps the outcomes of exchanges to errors for callers.</summary>
internal static class Failures
{
    /// <summary>The wait in seconds, where the provider names none.</summary>
    private const int DefaultRetryAfter = 5;

    private static readonly ApiError InvalidResponse = new(
        502, "provider_invalid_response", "The provider's answer can't be understood. Nothing was created by this call; try again later.");
    private static readonly ApiError Unavailable = new(503, "provider_unavailable", "The provider can't be reached. Nothing was sent; try again later.");
    private static readonly ApiError NoAnswer = Unavailable with { Message = "The provider can't be reached, or hung up. Try again later." };
    public static readonly ApiError TimedOut = new(
        504, "provider_timeout", "The provider did not answer in time. Nothing was created by this call; try again later.");
    public static readonly ApiError Broken = new(502, "provider_error", "The provider's answer broke off. Nothing was created by this call; try again later.");

    /// <summary>The failure of a submit.</summary>
    /// <param name="outcome">Any outcome other than an accepted video.</param>
    /// <param name="provider">The provider that was asked.</param>
    /// <param name="hasSource">Whether the request works on an existing video of the provider.</param>
    public static SubmitFailure OfSubmit(Outcome outcome, Provider provider, bool hasSource)
    {
        var failure = Submit(outcome, provider, hasSource);
        return failure with { Error = failure.Error.Because(outcome.Said) };
    }

    private static SubmitFailure Submit(Outcome outcome, Provider provider, bool hasSource) => outcome switch
    {
        Outcome.Unanswered { Sent: true } => new(ApiError.SubmissionUnknown, Unknown: true),
        Outcome.Unanswered { Cause: Interruption.TimedOut } => new(TimedOut, TryNext: true),
        Outcome.Unanswered { Cause: Interruption.Unsigned } => new(NoCredential(provider), TryNext: true),
        Outcome.Unanswered => new(Unavailable, TryNext: true),
        Outcome.Unreadable { Forwarded: false } => new(InvalidResponse, TryNext: true),
        Outcome.Told { Snapshot.Error.Message: { } reason } => new(
            ApiError.SubmissionUnknown with { Message = $"{ApiError.SubmissionUnknown.Message} {provider.Name} named no video and said: {reason}" },
            Unknown: true),
        Outcome.Unreadable or Outcome.Told => new(ApiError.SubmissionUnknown, Unknown: true),
        Outcome.Withheld { Reason: var reason } => new(reason),
        Outcome.Refused refused => OfRefusal(refused, provider, hasSource),
        _ => throw new InvalidOperationException($"Unknown outcome {outcome.GetType()}."),
    };

    /// <summary>The failure of a call that costs nothing and concerns one video.</summary>
    public static ApiError OfRead(Outcome outcome, Provider provider) => Read(outcome, provider).Because(outcome.Said);

    private static ApiError Read(Outcome outcome, Provider provider) => outcome switch
    {
        Outcome.Unanswered { Cause: Interruption.TimedOut } => TimedOut,
        Outcome.Unanswered { Cause: Interruption.Broken } => Broken,
        Outcome.Unanswered { Cause: Interruption.Unsigned } => NoCredential(provider),
        Outcome.Unanswered => NoAnswer,
        Outcome.Unreadable => InvalidResponse,
        Outcome.Refused refused => refused.Kind switch
        {
            // Such a call has only an id, so a refusal of the request means the id.
            ProviderErrorKind.NotFound or ProviderErrorKind.InvalidRequest or ProviderErrorKind.ModelNotFound => ApiError.VideoNotFound,
            ProviderErrorKind.Unsupported when refused.Status == 404 => ApiError.VideoNotFound,
            ProviderErrorKind.Expired => ApiError.VideoExpired,
            ProviderErrorKind.RateLimited or ProviderErrorKind.InsufficientQuota => RateLimited(refused.Error, "rate_limit_exceeded"),
            ProviderErrorKind.Unsupported => ApiError.Unsupported($"{provider.Name} has no such operation."),
            ProviderErrorKind.Unauthorized => AuthFailed(provider),
            _ => new(502, "provider_error", $"{provider.Name} failed: {ReasonOf(refused)} Try again later."),
        },
        _ => throw new InvalidOperationException($"Unknown outcome {outcome.GetType()}."),
    };

    /// <summary>Whether a delete failed because the video no longer exists, which is what the caller wanted.</summary>
    public static bool IsGone(Outcome outcome) =>
        outcome is Outcome.Refused refused && (refused.Status is 404 or 410 || refused.Kind is ProviderErrorKind.NotFound or ProviderErrorKind.Expired);

    /// <summary>The failure of a delete where the video still exists.</summary>
    public static ApiError OfDelete(Outcome outcome, Provider provider) =>
        outcome is Outcome.Refused refused && refused.Kind == ProviderErrorKind.InvalidRequest
            ? new ApiError(400, "invalid_value", $"{provider.Name} refused to delete the video: {ReasonOf(refused)}", "video_id").Because(outcome.Said)
            : OfRead(outcome, provider);

    /// <summary>Whether a provider does not cancel a job that exists: it has no such call, or not for this job.</summary>
    public static bool IsNotCancelled(Outcome outcome) => outcome is Outcome.Told || (outcome is Outcome.Refused refused && refused.Kind switch
    {
        ProviderErrorKind.Unauthorized or ProviderErrorKind.RateLimited or ProviderErrorKind.InsufficientQuota
            or ProviderErrorKind.PollRefused => false,
        ProviderErrorKind.ByStatus => refused.Status is >= 400 and < 500 and not 408,
        _ => true,
    });

    /// <summary>The error where a provider does not cancel a job, which goes on.</summary>
    /// <param name="outcome">The outcome of the cancel; null where the provider has none.</param>
    /// <param name="provider">The provider that was asked.</param>
    /// <param name="who">Who can cancel.</param>
    public static ApiError OfCancel(Outcome? outcome, Provider provider, string who) => ApiError.Unsupported(
        outcome is Outcome.Refused { Kind: not (ProviderErrorKind.NotFound or ProviderErrorKind.Unsupported) } refused
            ? $"{provider.Name} did not cancel the video, which goes on: {ReasonOf(refused)} {who}"
            : $"{provider.Name} can't cancel videos. {who}",
        "video_id").Because(outcome?.Said);

    // An error may end in its own full stop or not.
    private static string ReasonOf(Outcome.Refused refused) => refused switch
    {
        { Error.Message: { Length: > 0 } message } => message.EndsWith('.') ? message : message + ".",
        { Status: >= 300 and < 400 and var status } => Invariant($"It answered {status}, a redirect, which is not followed."),
        { Status: var status } => Invariant($"It answered {status} without a reason."),
    };

    /// <summary>The wait that callers get for a provider's hint: whole seconds, 1–60; 5 without a hint.</summary>
    public static int Seconds(TimeSpan? wait) => wait is { } time ? (int)Math.Clamp(Math.Ceiling(time.TotalSeconds), 1, 60) : DefaultRetryAfter;

    private static SubmitFailure OfRefusal(Outcome.Refused refused, Provider provider, bool hasSource)
    {
        var (status, error, forwarded) = refused;
        var reason = ReasonOf(refused);
        switch (refused.Kind)
        {
            // The words are another RemixProxy's, which knows more of its provider than this one.
            case ProviderErrorKind.SubmissionUnknown:
                return new(Carried(ApiError.SubmissionUnknown, error), Unknown: true);
            case ProviderErrorKind.SubmissionInProgress:
                return new(Carried(ApiError.SubmissionInProgress, error), Unknown: true);
            case ProviderErrorKind.Duplicate:
                return new(ApiError.SubmissionUnknown, Unknown: true);
            case var _ when provider.Options.NothingCreatedOn.Contains(status):
                var unavailable = Unavailable with { Message = $"{provider.Name} is not available and has created nothing. Try again later." };
                return new(Carried(unavailable, error with { Message = null }), TryNext: true);
            case ProviderErrorKind.InvalidRequest:
                return new(new(400, "invalid_value", $"{provider.Name} refused the request: {reason}", error.Param));
            case ProviderErrorKind.Moderation:
                return new(
                    new(400, "content_policy_violation", $"{provider.Name} refused the request by its content policy: {reason}", error.Param ?? "prompt"));
            // An upload that nobody finds says nothing about the model.
            case ProviderErrorKind.NotFound or ProviderErrorKind.Expired or ProviderErrorKind.ModelNotFound or ProviderErrorKind.Unsupported
                when !forwarded && !hasSource && status is 404 or 410:
                return new(BeforeSubmit(provider, reason), TryNext: true);
            case ProviderErrorKind.NotFound when hasSource:
                return new(ApiError.VideoNotFound);
            case ProviderErrorKind.Expired when hasSource:
                return new(ApiError.VideoExpired);
            case ProviderErrorKind.NotFound or ProviderErrorKind.Expired or ProviderErrorKind.ModelNotFound:
                return new(ApiError.ModelNotFound($"{provider.Name} does not have this model, or no more. See GET /v1/models."), TryNext: true);
            case ProviderErrorKind.Unsupported:
                return new(ApiError.Unsupported($"{provider.Name} has no such operation."), TryNext: true);
            case ProviderErrorKind.RateLimited:
                return new(RateLimited(error, "rate_limit_exceeded"), TryNext: true);
            case ProviderErrorKind.InsufficientQuota:
                return new(RateLimited(error, "insufficient_quota") with { Retryable = false }, TryNext: true);
            case ProviderErrorKind.Unauthorized:
                return new(AuthFailed(provider), TryNext: true);
        }

        if (status == 408 || status >= 500)
            return forwarded
                ? new(ApiError.SubmissionUnknown with { Message = $"{ApiError.SubmissionUnknown.Message} The provider's reason: {reason}" }, Unknown: true)
                : new(BeforeSubmit(provider, reason), TryNext: true);
        return new(new(502, "provider_error", $"{provider.Name} refused the request: {reason}") { Retryable = false });
    }

    private static ApiError BeforeSubmit(Provider provider, string reason) =>
        new(502, "provider_error", $"{provider.Name} failed before anything was submitted: {reason} Try again later.");

    /// <summary>The error where a provider refuses this proxy's key, or the caller's own.</summary>
    public static ApiError AuthFailed(Provider provider) => provider.HasCallersKeys
        ? CallersKey($"{provider.Name} refused the key that you sent as bearer: it is wrong, may not do this, or its account can't pay. Mend it there.")
        : new(502, "provider_auth_failed",
            $"{provider.Name} refused this proxy's credential. Its operator must mend the key or the account.")
        { Retryable = false };

    /// <summary>The error where the proxy can't obtain its credential for a provider, or the caller has to bring one and did not.</summary>
    public static ApiError NoCredential(Provider provider) => provider.HasCallersKeys
        ? CallersKey(
            $"{provider.Name} is called with your own key of it, and nothing was sent: send that key as 'Authorization: Bearer …'. "
                + "A key of this proxy, if you have one, goes in 'x-api-key' or 'api-key' then.")
        : AuthFailed(provider) with
        {
            Message = $"This proxy can't get its credential for {provider.Name}, so nothing was sent. Its operator must mend the account.",
        };

    private static ApiError CallersKey(string message) => new(StatusCodes.Status401Unauthorized, "invalid_api_key", message);

    private static ApiError Carried(ApiError own, ProviderError error) => own with
    {
        Message = error.Message ?? own.Message,
        RetryAfter = error.RetryAfter is { } wait ? Seconds(wait) : own.RetryAfter,
    };

    private static ApiError RateLimited(ProviderError error, string code)
    {
        return new(StatusCodes.Status429TooManyRequests, code, error.Message is { Length: > 0 } reason ? $"The provider says: {reason}"
            : "The provider takes no more requests now.")
        {
            RetryAfter = Seconds(error.RetryAfter),
            Retryable = true,
        };
    }
}
