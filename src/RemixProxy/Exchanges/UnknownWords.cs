using Microsoft.Extensions.Logging;
using RemixProxy.Providers;
using RemixProxy.Telemetry;

namespace RemixProxy.Exchanges;

/// <summary>Counts the words for a job's state that no adapter knows, and logs each word of a provider once.</summary>
internal sealed partial class UnknownWords(VideoMetrics metrics, ILogger<UnknownWords> logger)
{
    private const int MaxLogged = 256;
    private const int LongestWord = 40;
    private const int MostParts = 3;

    private readonly Lock _lock = new();
    private readonly HashSet<(string Provider, string Word)> _logged = [];

    /// <summary>Notes a word.</summary>
    public void Note(Provider provider, string word)
    {
        metrics.UnknownWord(provider.Name);
        var shown = IsWord(word) && ProviderText.Clean(word, provider) == word ? word : Invariant($"(a text of {word.Length} characters)");
        lock (_lock)
        {
            if (_logged.Count >= MaxLogged || !_logged.Add((provider.Name, shown))) return;
        }

        Log.Unknown(logger, provider.Name, shown);
    }

    // Anything longer may be a sentence that quotes the prompt.
    private static bool IsWord(string text) =>
        text.Length <= LongestWord && text.Split('_', '-', '.', ' ').Length <= MostParts
        && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.' or ' ');

    private static partial class Log
    {
        [LoggerMessage(EventIds.UnknownStatusWord, LogLevel.Warning,
            "{Provider} says '{Word}' of a job, which no rule knows. It counts as in progress; a job that stays so ends at JobTimeout.")]
        public static partial void Unknown(ILogger logger, string provider, string word);
    }
}
