namespace RemixProxy.Cache.Language;

/// <summary>
/// Counts how often the reading of a prompt looks at a character or a word. Callers write the prompts, so a test holds that twice the text takes about twice
/// the steps.
/// </summary>
internal sealed class ReadingSteps
{
    public long Count { get; set; }
}
