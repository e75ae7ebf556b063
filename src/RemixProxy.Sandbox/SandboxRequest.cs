using System.Text;

namespace RemixProxy.Sandbox;

/// <summary>One request that reached the sandbox.</summary>
/// <param name="At">When it had arrived, body included.</param>
/// <param name="Method">HTTP method.</param>
/// <param name="PathAndQuery">The raw request target, percent-encoding as sent.</param>
/// <param name="Headers">Header values by name, ignoring case; several values are joined by ", ".</param>
/// <param name="Body">The body, cut at 1 MiB.</param>
public sealed record SandboxRequest(
    DateTimeOffset At, string Method, string PathAndQuery, IReadOnlyDictionary<string, string> Headers, ReadOnlyMemory<byte> Body)
{
    /// <summary>The body read as UTF-8.</summary>
    public string BodyText => Encoding.UTF8.GetString(Body.Span);
}
