using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace RemixProxy.FunctionalTests.Kit;

/// <summary>Stands before the proxy and tells when it has noticed that a caller hung up, and when it is done with a POST.</summary>
internal sealed class Door : IStartupFilter
{
    private readonly ConcurrentQueue<Visit> _visits = new();

    /// <summary>The POSTs in order of arrival.</summary>
    public IReadOnlyList<Visit> Visits => [.. _visits];

    /// <summary>For <see cref="ProxyApp.Setup.Proxy"/>.</summary>
    public void Install(IReverseProxyBuilder proxy) => proxy.Services.AddSingleton<IStartupFilter>(this);

    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use(async (context, rest) =>
        {
            if (context.Request.Method != "POST")
            {
                await rest(context);
                return;
            }

            var visit = new Visit();
            _visits.Enqueue(visit);
            // Registered first, so it is called last: whoever else listens has heard it by then.
            await using var gone = context.RequestAborted.Register(visit.Leave);
            try
            {
                await rest(context);
            }
            finally
            {
                // The call may end before its turn among the listeners comes.
                if (context.RequestAborted.IsCancellationRequested) visit.Leave();
                visit.End();
            }
        });
        next(app);
    };

    internal sealed class Visit
    {
        private readonly TaskCompletionSource _gone = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Gone => _gone.Task.WaitAsync(TimeSpan.FromSeconds(30));

        public Task Done => _done.Task.WaitAsync(TimeSpan.FromSeconds(30));

        public void Leave() => _gone.TrySetResult();

        public void End() => _done.TrySetResult();
    }
}
