namespace RemixProxy.Limits;

/// <summary>The names of the limits in <c>remixproxy.limits.refused</c>.</summary>
internal static class LimitNames
{
    /// <summary>A client's requests a minute.</summary>
    public const string Requests = "requests";

    /// <summary>Submits under way or unfinished jobs: of a client, a provider, or this process.</summary>
    public const string Submits = "submits";

    /// <summary>A client's seconds of video a day.</summary>
    public const string Seconds = "seconds";
}
