using Microsoft.Extensions.Hosting;

namespace RemixProxy.Sandbox.Hosting;

/// <summary>Leaves the process's signals to the process: the console lifetime would swallow Ctrl+C for a server that lives inside another program.</summary>
internal sealed class QuietLifetime : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
