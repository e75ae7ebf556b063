using Microsoft.AspNetCore.Http;

namespace RemixProxy.Sandbox;

/// <summary>How a <see cref="SandboxServer"/> behaves.</summary>
public sealed record SandboxOptions
{
    /// <summary>The clock that drives job states and signatures.</summary>
    /// <value><see cref="TimeProvider.System"/>.</value>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Serves asset URLs and upload targets from a second loopback port, which answers nothing else, as a provider's CDN does.</summary>
    /// <value><see langword="false"/>: assets and API share a port.</value>
    public bool SeparateAssetHost { get; init; }

    /// <summary>
    /// Runs before the simulators for every request, which is already recorded; its body can be read again. Call the delegate to go on to the
    /// simulator, or answer, hang (until <see cref="HttpContext.RequestAborted"/>) or <see cref="HttpContext.Abort"/> instead. To lose an answer after
    /// the job was created, set <see cref="HttpResponse.Body"/> to a stream of your own, call the delegate, then abort.
    /// </summary>
    /// <value><see langword="null"/>: nothing is intercepted.</value>
    public Func<HttpContext, RequestDelegate, Task>? Intercept { get; init; }

    /// <summary>How many jobs (and, counted apart, files) an account keeps; the oldest go first.</summary>
    /// <value>10000. At least 1.</value>
    public int MaxJobs { get; init; } = 10_000;
}
