using RemixProxy.Cache;
using RemixProxy.Providers;

namespace RemixProxy.Operations;

/// <summary>
/// What log, metrics and the headers of the answer say of a call, noted as its stages find it out, so that it is there however the call ends. Nothing else is
/// decided by it.
/// </summary>
internal sealed class CallReport
{
    /// <summary>The provider that the call ended up with; null before one is found.</summary>
    public Provider? Provider { get; private set; }

    /// <summary>The provider's model that a submit names; null where it is a caller's own word.</summary>
    public string? Model { get; private set; }

    /// <summary>What the cache said to a submit, in a word; null where it was not asked.</summary>
    public string? CacheWord { get; private set; }

    /// <summary>What <c>Cache-Status</c> says on the answer, good or bad; null where the cache is not concerned.</summary>
    public CacheStatus? CacheStatus { get; private set; }

    /// <summary>The answer repeats that of an earlier submit.</summary>
    public bool IsReplay { get; private set; }

    /// <summary>The log names the video of this submit: the call has its line, whatever becomes of the answer.</summary>
    public bool IsLogged { get; private set; }

    public void NoteProvider(Provider provider) => Provider = provider;

    public void NoteTarget(Provider provider, string? model) => (Provider, Model) = (provider, model);

    public void NoteCache(CacheOutcome outcome) => (CacheWord, CacheStatus) = (outcome.Word, outcome.Status);

    public void NoteCacheFailure() => CacheWord = CacheOutcome.Results.Error;

    public void NoteReplay() => (IsReplay, CacheStatus) = (true, CacheStatus.Replayed);

    public void NoteLogged() => IsLogged = true;
}
