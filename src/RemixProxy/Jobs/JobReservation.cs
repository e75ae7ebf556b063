namespace RemixProxy.Jobs;

/// <summary>What a job holds of its client's and its provider's limits until it ends.</summary>
/// <param name="Id">The id of the submission that reserved it, with the place of its target.</param>
internal sealed record JobReservation(string Id)
{
    /// <summary>Whether the job is one of its client's unfinished ones.</summary>
    public bool CountsForClient { get; init; }

    /// <summary>Whether the job is one of its provider's unfinished ones.</summary>
    public bool CountsAtProvider { get; init; }

    /// <summary>The day of the submit, UTC, whose seconds the job uses; null where the client has no limit of seconds.</summary>
    public DateOnly? Day { get; init; }

    /// <summary>Whether nothing is held.</summary>
    public bool IsEmpty => !CountsForClient && !CountsAtProvider && Day is null;

    /// <summary>Whether the video's own length does not tell what the job made: an extension's includes its source.</summary>
    public bool IsFinal { get; init; }
}
