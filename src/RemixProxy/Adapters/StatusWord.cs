using RemixProxy.Contract;

namespace RemixProxy.Adapters;

/// <summary>A provider's word for the state of a job.</summary>
/// <param name="Word">The word. Letter case does not matter.</param>
/// <param name="Status">The state that the word means.</param>
/// <param name="Code">The error code of a failure, or of a success without a video, where the provider gives no better one; null: a general code.</param>
/// <param name="Message">The error message for the same cases; null: a general message.</param>
public sealed record StatusWord(string Word, VideoStatus Status, string? Code = null, string? Message = null);
