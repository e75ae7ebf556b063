using System.Net;
using System.Text;
using RemixProxy.FunctionalTests.Kit;
using RemixProxy.Sandbox;

namespace RemixProxy.FunctionalTests.Plugin;

/// <summary>The base URLs that an application serves if it asks for them.</summary>
public class BaseUrlTests
{
    private static readonly ProxyApp.Setup Asked = new() { Proxy = proxy => proxy.AddRemixProxyBaseUrls() };

    [Theory]
    [InlineData("v1/")]
    [InlineData("openai/v1/")]
    [InlineData("openai/")]
    [InlineData("OpenAI/V1/")]
    [InlineData("/v1/")]
    [InlineData("v1//")]
    [InlineData("//openai//v1//")]
    public async Task Each_serves_every_call(string prefix)
    {
        await using var app = await ProxyApp.StartAsync(Asked);
        var root = new Uri(app.Http.BaseAddress + prefix);
        var create = await CallAsync(
            app, "POST", $"{root}videos?api-version=2025-04-01-preview", """{"model": "openai/sora-2", "prompt": "A boat"}""");
        var id = create.Id;
        await app.FinishAsync(id);
        Assert.Equal(200, (await CallAsync(app, "GET", $"{root}videos/?api-version=preview&limit=1")).Status);
        var video = (await CallAsync(app, "GET", $"{root}videos/{id}///?api-version=preview")).Ok();
        Assert.Equal(200, (await CallAsync(app, "GET", $"{root}videos/{id}/content?api-version=preview")).Status);
        Assert.Equal(200, (await CallAsync(app, "HEAD", $"{root}videos/{id}/content/")).Status);
        // The address of the bytes is one that the application serves.
        Assert.Equal(200, (await CallAsync(app, "GET", video["videos"]![0]!["url"]!.GetValue<string>())).Status);
        _ = (await CallAsync(app, "POST", $"{root}videos/{id}/remix/?api-version=preview", """{"prompt": "Make it snow"}""")).Id;
        _ = (await CallAsync(app, "POST", $"{root}videos/edits", $$"""{"prompt": "Make it rain", "video": {"id": "{{id}}"} }""")).Id;
        Assert.Equal("runway/gen4.5", (await CallAsync(app, "GET", $"{root}models/runway%2Fgen4.5?api-version=preview")).Id);
        Assert.Equal("runway/gen4.5", (await CallAsync(app, "GET", $"{root}models/runway/gen4.5/")).Id);
        Assert.NotEmpty((await CallAsync(app, "GET", $"{root}models/")).Ok()["data"]!.AsArray());
        (await CallAsync(app, "PUT", $"{root}videos")).AssertError(405, "unsupported_operation");
        _ = (await CallAsync(app, "DELETE", $"{root}videos/{id}/")).Ok();
        Assert.DoesNotContain(app.Sandbox.Requests, r => r.PathAndQuery.Contains("api-version", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("openai/videos")]
    [InlineData("openai/v1/videos")]
    [InlineData("/v1/videos")]
    [InlineData("v1/usage")]
    [InlineData("")]
    public async Task Without_being_asked_the_plugin_serves_videos_and_models_only(string path)
    {
        await using var app = await ProxyApp.StartAsync();
        var reply = await CallAsync(app, "GET", app.Http.BaseAddress + path);
        Assert.Equal((404, ""), (reply.Status, reply.Text));
    }

    [Fact]
    public async Task Other_paths_of_the_application_stay_as_they_came()
    {
        await using var backend = await SandboxServer.StartAsync(new() { Intercept = (_, _) => Task.CompletedTask }, TestContext.Current.CancellationToken);
        await using var app = await ProxyApp.StartAsync(Asked with
        {
            Settings = new()
            {
                ["ReverseProxy:Routes:chat:ClusterId"] = "chat",
                ["ReverseProxy:Routes:chat:Match:Path"] = "/openai/deployments/{**rest}",
                ["ReverseProxy:Routes:shop:ClusterId"] = "chat",
                ["ReverseProxy:Routes:shop:Match:Path"] = "/shop/{**rest}",
                ["ReverseProxy:Routes:v1:ClusterId"] = "chat",
                ["ReverseProxy:Routes:v1:Match:Path"] = "/v1/videostore/{**rest}",
                ["ReverseProxy:Clusters:chat:Destinations:one:Address"] = backend.Address.AbsoluteUri,
            },
        });
        string[] paths = ["/openai/deployments/gpt/chat/completions?api-version=1", "/shop//a//", "/v1/videostore/a/"];
        foreach (var path in paths) Assert.Equal(200, (await CallAsync(app, "GET", app.Http.BaseAddress + path[1..])).Status);
        Assert.Equal(paths, backend.Requests.Select(r => r.PathAndQuery));
    }

    // Not through the client's own idea of an address.
    private static async Task<Reply> CallAsync(ProxyApp app, string method, string url, string? json = null)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(new(method), url);
        request.Headers.Add("api-key", "any");
        if (json is not null) request.Content = new StringContent(json, Encoding.UTF8, "application/json");
        using var response = await http.SendAsync(request);
        Assert.NotEqual(HttpStatusCode.RedirectKeepVerb, response.StatusCode);
        return await Reply.ReadAsync(response);
    }
}
