using Microsoft.AspNetCore.Http;

namespace RemixProxy.FunctionalTests.Kit;

/// <summary>Holds a request at the provider until the test opens, or the proxy hangs up.</summary>
internal sealed class Gate
{
    private readonly TaskCompletionSource _arrived = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends when a request is there.</summary>
    public Task Arrived => _arrived.Task.WaitAsync(TimeSpan.FromSeconds(30));

    public void Open() => _opened.TrySetResult();

    public async Task HoldAsync(HttpContext http, RequestDelegate simulator)
    {
        _arrived.TrySetResult();
        await _opened.Task.WaitAsync(http.RequestAborted);
        await simulator(http);
    }
}
