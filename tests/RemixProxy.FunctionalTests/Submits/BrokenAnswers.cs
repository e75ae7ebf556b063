using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;

namespace RemixProxy.FunctionalTests.Submits;

/// <summary>Breaks the body of one answer, as a compressor of the application might.</summary>
internal sealed class BrokenAnswers : IStartupFilter
{
    public bool Next { get; set; }

    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use((context, rest) =>
        {
            if (Next && context.Request.Method == "POST")
            {
                Next = false;
                context.Response.Body = new BrokenOnce(context.Response.Body);
            }

            return rest(context);
        });
        next(app);
    };
}
