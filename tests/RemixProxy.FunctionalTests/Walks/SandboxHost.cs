using RemixProxy.FunctionalTests.Kit;

namespace RemixProxy.FunctionalTests.Walks;

/// <summary>A host process in sandbox mode.</summary>
public sealed class SandboxHost : IAsyncLifetime
{
    internal HostProcess Host { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Host = await HostProcess.StartAsync(new() { Environment = { ["RemixProxy__Sandbox"] = "true" } });

    public ValueTask DisposeAsync() => Host.DisposeAsync();
}
