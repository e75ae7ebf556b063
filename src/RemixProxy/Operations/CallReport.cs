using System.Diagnostics.CodeAnalysis;
using RemixProxy.Cache;
using RemixProxy.Exchanges;
using RemixProxy.Limits;
using RemixProxy.Providers;

namespace RemixProxy.Operations;

/// <summary>
/// What the log, the metrics and the response headers say about a call. Each stage notes what it finds at once, so that the report is right however the call
/// ends. No stage decides anything by it.
/// </summary>
internal sealed class CallReport
{
    /// <summary>The provider that serves the call, or was tried last; null until one is found.</summary>
    public Provider? Provider { get; private set; }

    /// <summary>The model that a submit uses; null if it is a caller's free text, which stays out of log and metrics.</summary>
    public string? Model { get; private set; }

    /// <summary>The outcome of the cache look-up in one word, for the log; null if there was none.</summary>
    public string? CacheWord { get; private set; }

    /// <summary>The <c>Cache-Status</c> header of the answer, success or error; null if the answer has none.</summary>
    public CacheStatus? CacheStatus { get; private set; }

    /// <summary>Whether the answer repeats that of an earlier submit.</summary>
    public bool IsReplay { get; private set; }

    /// <summary>Whether the log already names the video of this submit. The call then gets no second line, even if the answer fails.</summary>
    public bool IsLogged { get; private set; }

    /// <summary>The prompt of the video that a call concerns, so that the log can leave it out of the provider's words; null if it is not known.</summary>
    public string? Prompt { get; private set; }

    /// <summary>What is left of the client's requests of a minute; null if they have no limit.</summary>
    public RequestAllowance? Requests { get; private set; }

    public void NoteRequests(RequestAllowance left) => Requests = left;

    public void NotePrompt(string? prompt) => Prompt = prompt;

    /// <summary>
    /// A cause for the log. The provider may quote the prompt of the video that the call concerns. Where nobody knows it, its words can't be told from the
    /// provider's own.
    /// </summary>
    [return: NotNullIfNotNull(nameof(cause))]
    public string? WithoutQuotes(string? cause) =>
        cause is null ? null : Prompt is { } prompt ? ProviderText.WithoutQuotes(cause, prompt) : ExchangeCause.WithoutWords(cause);

    public void NoteProvider(Provider provider) => Provider = provider;

    public void NoteTarget(Provider provider, string? model) => (Provider, Model) = (provider, model);

    public void NoteCache(CacheOutcome outcome) => (CacheWord, CacheStatus) = (outcome.Word, outcome.Status);

    public void NoteCacheFailure() => CacheWord = CacheOutcome.Results.Error;

    public void NoteReplay() => (IsReplay, CacheStatus) = (true, CacheStatus.Replayed);

    public void NoteLogged() => IsLogged = true;
}
