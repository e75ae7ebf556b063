namespace RemixProxy.Jobs.Submissions;

/// <summary>
/// How far a submit has come. It is recorded before it is sent. A submission found in <see cref="Sending"/> without a living holder is never sent again.
/// </summary>
internal enum SubmissionState
{
    /// <summary>Recorded; nothing has been sent.</summary>
    Claimed,

    /// <summary>The first byte may have left.</summary>
    Sending,

    /// <summary>The provider took it.</summary>
    Accepted,

    /// <summary>Nothing was created, for certain.</summary>
    Refused,

    /// <summary>It may or may not have been billed.</summary>
    Unknown,
}
