using Microsoft.Extensions.Logging;
using RemixProxy.Contract;
using RemixProxy.Providers;
using RemixProxy.Telemetry;

namespace RemixProxy.Exchanges;

/// <summary>Counts the words for a job's state that no adapter knows, and logs each word of a provider once.</summary>
internal sealed partial class UnknownWords(VideoMetrics metrics, ILogger<UnknownWords> logger)
{
    private const int MaxLogged = 256;
    private const int LongestWord = 64;

    private readonly Lock _lock = new();
    private readonly HashSet<(string Provider, string Word)> _logged = [];

    /// <summary>Notes a word.</summary>
    public void Note(Provider provider, string word)
    {
        metrics.UnknownWord(provider.Name);
        var shown = TextBounds.Cut(ProviderText.Clean(word, provider), LongestWord);
        lock (_lock)
        {
            if (_logged.Count >= MaxLogged || !_logged.Add((provider.Name, shown))) return;
        }

        Log.Unknown(logger, provider.Name, shown);
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.UnknownStatusWord, LogLevel.Warning,
            "{Provider} says '{Word}' of a job, which no rule knows. It counts as in progress; a job that stays so ends at JobTimeout.")]
        public static partial void Unknown(ILogger logger, string provider, string word);
    }
}
