using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;

namespace RemixProxy.Pipeline;

/// <summary>
/// Notes how each request arrived. It stands before all middleware, because <c>UseForwardedHeaders</c> and <c>ASPNETCORE_FORWARDEDHEADERS_ENABLED</c> put the
/// caller's own words in place of its address and take the headers away.
/// </summary>
internal sealed class ArrivalFilter : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use((context, rest) =>
        {
            context.Features.Set(Arrival.Of(context));
            return rest(context);
        });
        next(app);
    };
}
