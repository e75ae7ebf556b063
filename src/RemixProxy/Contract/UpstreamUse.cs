namespace RemixProxy.Contract;

/// <summary>Time and payloads of one call's exchanges with providers.</summary>
/// <param name="raw">Keeps native payloads, if the caller asked for them and may see them.</param>
internal sealed class UpstreamUse(RawCapture? raw = null)
{
    /// <summary>How long the call waited for providers.</summary>
    public TimeSpan Time { get; private set; }

    /// <summary>The native payloads; null where they are not kept.</summary>
    public RawCapture? Raw { get; } = raw;

    public void Waited(TimeSpan time) => Time += time;
}
