using RemixProxy.Contract;
using RemixProxy.Jobs.Submissions;
using RemixProxy.Resilience;

namespace RemixProxy.Cache;

/// <summary>Keeps which video answers which request, and which submit has claimed an entry that has no video yet.</summary>
/// <remarks>Every method may throw <see cref="DependencyException"/>: the store can't be reached, and nothing is known.</remarks>
internal interface ICacheEntryStore
{
    /// <summary>
    /// Looks up a cache entry, joins an identical submit under way, or gives this submit the claim. This holds across replicas: of identical submits only one
    /// gets the claim, and only if no entry is stored.
    /// </summary>
    /// <param name="submission">The submission that claims; it must be recorded.</param>
    /// <param name="entry">The <c>cache_id</c>.</param>
    /// <param name="cancellationToken">Cancels the look-up.</param>
    ValueTask<Claim> ClaimAsync(Submission submission, string entry, CancellationToken cancellationToken);

    /// <summary>The video of a caller's cache entry; null if there is none.</summary>
    ValueTask<VideoId?> FindEntryAsync(string caller, string entry, CancellationToken cancellationToken);

    /// <summary>Stores a cache entry; replaces an older one.</summary>
    ValueTask StoreEntryAsync(string caller, string entry, VideoId video, TimeSpan lifetime, CancellationToken cancellationToken);

    /// <summary>Removes a cache entry if it still names that video.</summary>
    ValueTask RemoveEntryAsync(string caller, string entry, VideoId video, CancellationToken cancellationToken);
}
