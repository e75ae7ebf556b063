namespace RemixProxy.Contract;

/// <summary>What one call had of providers.</summary>
/// <param name="raw">Keeps native payloads, where the caller asked for them and may see them.</param>
internal sealed class UpstreamUse(RawCapture? raw = null)
{
    /// <summary>How long it waited for them.</summary>
    public TimeSpan Time { get; private set; }

    /// <summary>Native payloads; null where they are not kept.</summary>
    public RawCapture? Raw { get; } = raw;

    public void Waited(TimeSpan time) => Time += time;
}
