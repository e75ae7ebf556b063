using Microsoft.AspNetCore.Http;
using RemixProxy.Sandbox.Hosting;
using RemixProxy.Sandbox.Wire;

namespace RemixProxy.Sandbox.Providers;

/// <summary>One vendor's API, as strict as the real one.</summary>
internal abstract class ProviderSimulator(SandboxWorld world)
{
    /// <summary>The adapter type that speaks to it, and its first path segment.</summary>
    public abstract string Type { get; }

    protected SandboxWorld World => world;

    public abstract void Map(SimulatorRoutes routes);

    /// <summary>The vendor's answer to a missing or wrong credential; <see langword="null"/> if it is good.</summary>
    public abstract SandboxReply? CheckCredential(HttpRequest request);

    /// <summary>The vendor's general error shape.</summary>
    public abstract SandboxReply Error(int status, string message);

    /// <summary>Any key is good but none, and the literal <c>bad-key</c>.</summary>
    protected static bool IsGoodKey(string? key) => !string.IsNullOrWhiteSpace(key) && key != "bad-key";

    protected static bool HasGoodBearer(HttpRequest request)
    {
        string? header = request.Headers.Authorization;
        return header is not null && header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) && IsGoodKey(header["Bearer ".Length..].Trim());
    }
}
