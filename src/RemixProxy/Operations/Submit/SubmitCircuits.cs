using Microsoft.Extensions.Logging;
using RemixProxy.Contract;
using RemixProxy.Exchanges;
using RemixProxy.Providers;
using RemixProxy.Telemetry;

namespace RemixProxy.Operations.Submit;

/// <summary>
/// Refuses submits for a provider that left the last ones unanswered: each more would hold its caller for most of a minute and end in doubt. One that was
/// accepted before is looked at all the same.
/// </summary>
internal sealed partial class SubmitCircuits(TimeProvider time, ILogger<SubmitCircuits> logger)
{
    private const int SilencesToOpen = 5;
    private static readonly TimeSpan Break = TimeSpan.FromSeconds(30);

    private readonly Lock _lock = new();
    private readonly Dictionary<(string Name, Uri BaseUrl), (int Silences, DateTimeOffset Until)> _silent = [];

    /// <summary>Whether a provider gets a submit now: always while it answers, else one in 30 seconds.</summary>
    /// <returns>503 if it gets none.</returns>
    public ApiError? Check(Provider provider)
    {
        var (key, now) = (KeyOf(provider), time.GetUtcNow());
        lock (_lock)
        {
            if (!_silent.TryGetValue(key, out var silent) || silent.Silences < SilencesToOpen) return null;
            if (now >= silent.Until)
            {
                _silent[key] = silent with { Until = now + Break };
                return null;
            }

            var wait = (int)Math.Ceiling((silent.Until - now).TotalSeconds);
            return new(503, "provider_unavailable", $"{provider.Name} has left the last submits unanswered. Nothing was sent; try again later.")
            {
                RetryAfter = wait,
            };
        }
    }

    /// <summary>Learns from the end of a submit.</summary>
    public void Note(Provider provider, Outcome outcome)
    {
        var key = KeyOf(provider);
        lock (_lock)
        {
            switch (outcome)
            {
                case Outcome.Unanswered { Cause: Interruption.TimedOut }:
                    var silences = _silent.GetValueOrDefault(key).Silences + 1;
                    _silent[key] = (silences, time.GetUtcNow() + Break);
                    if (silences == SilencesToOpen) Log.Silent(logger, provider.Name, silences);
                    break;
                case Outcome.Told or Outcome.Refused or Outcome.Unreadable:
                    if (_silent.Remove(key, out var before) && before.Silences >= SilencesToOpen) Log.Answers(logger, provider.Name);
                    break;
            }
        }
    }

    private static (string Name, Uri BaseUrl) KeyOf(Provider provider) => (provider.Name, provider.BaseUrl);

    private static partial class Log
    {
        [LoggerMessage(EventIds.ProviderSilent, LogLevel.Warning,
            "{Provider} has left {Count} submits in a row unanswered. Until it answers one, it gets one submit in 30 seconds; reads go on.")]
        public static partial void Silent(ILogger logger, string provider, int count);

        [LoggerMessage(EventIds.ProviderAnswers, LogLevel.Information, "{Provider} answers submits again.")]
        public static partial void Answers(ILogger logger, string provider);
    }
}
