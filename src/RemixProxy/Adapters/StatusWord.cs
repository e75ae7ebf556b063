using RemixProxy.Contract;

namespace RemixProxy.Adapters;

/// <summary>A provider's word for the state of a job.</summary>
/// <param name="Word">The word, in any letter case.</param>
/// <param name="Status">What it means.</param>
/// <param name="Code">Of a failure, or of a success without a video: the error's code, where the provider gives no better one; null: a plain one.</param>
/// <param name="Message">Likewise its message.</param>
public sealed record StatusWord(string Word, VideoStatus Status, string? Code = null, string? Message = null);
