using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using RemixProxy.Adapters;
using RemixProxy.FunctionalTests.Kit;
using RemixProxy.Sandbox;

namespace RemixProxy.FunctionalTests.Submits;

/// <summary>A provider that others add from outside, whose submit is followed by a look-up of what became of it.</summary>
public class LookUpTests
{
    private int _state = 200;

    [Fact]
    public async Task A_provider_of_the_application_serves_like_the_built_in_ones()
    {
        await using var server = await ServeAsync();
        await using var app = await StartAsync(server);

        var video = (await app.CreateAsync("mine", "x")).Ok();

        Assert.Equal(("one:tiny", "in_progress", "small"), (Text("id"), Text("status"), Text("model")));
        Assert.Equal("in_progress", (await app.GetAsync("v1/videos/one:tiny"))["status"]!.GetValue<string>());
        Assert.Equal(["POST /tiny/v1/jobs", "GET /tiny/v1/jobs/one"], server.Requests.Select(r => $"{r.Method} {r.PathAndQuery}"));
        Assert.All(server.Requests, r => Assert.Equal("Bearer tiny-key", r.Headers["Authorization"]));

        string Text(string name) => video[name]!.GetValue<string>();
    }

    [Theory]
    [InlineData(400)]
    [InlineData(401)]
    [InlineData(404)]
    [InlineData(429)]
    public async Task A_look_up_that_is_refused_takes_nothing_of_the_submit_back(int status)
    {
        await using var server = await ServeAsync();
        await using var app = await StartAsync(server);
        _state = status;

        (await app.CreateAsync("mine", "x")).AssertError(424, "submission_unknown");

        Assert.Single(server.Requests, r => r.Method == "POST");
        Assert.Equal(0, app.SubmitsSeen());
    }

    private static Task<ProxyApp> StartAsync(SandboxServer server) => ProxyApp.StartAsync(new()
    {
        Proxy = proxy => proxy.Services.AddSingleton<IVideoAdapter, TinyAdapter>(),
        Settings = new()
        {
            ["RemixProxy:Providers:tiny:BaseUrl"] = server.Address + "tiny",
            ["RemixProxy:Providers:tiny:ApiKey"] = "tiny-key",
            ["RemixProxy:Models:mine:0"] = "tiny/small",
            ["RemixProxy:Models:mine:1"] = "openai/sora-2",
        },
    });

    private Task<SandboxServer> ServeAsync() => SandboxServer.StartAsync(new()
    {
        Intercept = (context, _) =>
        {
            context.Response.StatusCode = context.Request.Method == "GET" ? _state : StatusCodes.Status200OK;
            return Task.CompletedTask;
        },
    });
}
