namespace RemixProxy.Telemetry;

/// <summary>The numbers of all log events. Operators filter by them, so a number never changes and is never given twice.</summary>
internal static class EventIds
{
    public const int ConfigurationReloaded = 1;
    public const int ConfigurationNotReloaded = 2;
    public const int NeedsRestart = 3;
    public const int KeyInTheClear = 4;
    public const int OpenToAll = 5;

    public const int SubmitServed = 10;
    public const int SubmitNotServed = 11;
    public const int SubmitFailed = 12;
    public const int NextTargetTried = 13;
    public const int UnusableVideoId = 14;
    public const int VideoNotRemembered = 15;
    public const int ProviderSilent = 16;
    public const int ProviderAnswers = 17;
    public const int SubmitFound = 18;
    public const int KeyNotEchoed = 19;

    public const int CallFailed = 20;
    public const int NotSigned = 21;
    public const int CallNotAnswered = 22;
    public const int JobFailed = 23;
    public const int ShortSecret = 24;
    public const int CallerGone = 25;
    public const int UnknownStatusWord = 26;

    public const int DependencyAway = 30;
    public const int DependencyBack = 31;
    public const int RedisRefuses = 32;
    public const int RedisAccepts = 33;
    public const int NotKeptForRedis = 34;
    public const int IndexChosen = 35;
    public const int EmbedderFailed = 36;
    public const int UpkeepFailed = 37;
    public const int RedisLostMemory = 38;
    public const int NotSettledInRedis = 39;

    // Events of the host.
    public const int ProviderAnnounced = 40;
    public const int Unsafe = 41;
    public const int Serving = 42;
    public const int ProxyAnnounced = 43;
}
