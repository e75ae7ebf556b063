using System.Net.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using RemixProxy.FunctionalTests.Kit;
using Yarp.ReverseProxy;
using Yarp.ReverseProxy.Configuration;

namespace RemixProxy.FunctionalTests.Plugin;

/// <summary>Configuration that changes while the proxy runs.</summary>
public class ReloadTests
{
    private const string Refusal = "Configuration not reloaded";

    [Fact]
    public async Task Providers_come_change_and_go_without_a_restart()
    {
        var settings = new ChangeableSettings();
        await using var app = await ProxyApp.StartAsync(new() { Changeable = settings });
        var wish = new { model = "runway-eu/gen4.5", prompt = "A boat" };
        (await app.SendAsync(HttpMethod.Post, "v1/videos", JsonContent.Create(wish))).Error(404, "model_not_found", "model");

        settings.Replace(Eu("one"));
        var id = (await app.PostAsync("v1/videos", wish))["id"]!.GetValue<string>();
        Assert.EndsWith(":runway-eu", id, StringComparison.Ordinal);
        Assert.Equal("Bearer key-one", app.Sandbox.Requests[^1].Headers["Authorization"]);

        settings.Replace([.. Eu("two"), ("Providers:runway-eu:PollInterval", "00:00:09")]);
        await app.PostAsync("v1/videos", wish);
        Assert.Equal("Bearer key-two", app.Sandbox.Requests[^1].Headers["Authorization"]);
        Assert.Equal((1, 1), (app.Sandbox.SubmitsOf("runway", "one"), app.Sandbox.SubmitsOf("runway", "two")));
        Assert.Equal("9000", (await app.SendAsync(HttpMethod.Get, "v1/videos/" + id)).Headers["openai-poll-after-ms"]);

        settings.Replace();
        (await app.SendAsync(HttpMethod.Post, "v1/videos", JsonContent.Create(wish))).Error(404, "model_not_found", "model");
        (await app.SendAsync(HttpMethod.Get, "v1/videos/" + id)).Error(404, "provider_not_found", "video_id");

        (string, string)[] Eu(string account) =>
            [("Providers:runway-eu:Type", "runway"), ("Providers:runway-eu:BaseUrl", app.Sandbox.BaseUrl("runway", account)),
                ("Providers:runway-eu:ApiKey", "key-" + account)];
    }

    [Fact]
    public async Task A_key_never_goes_where_the_other_configuration_points_whenever_the_reload_comes()
    {
        var settings = new ChangeableSettings();
        ProxyApp? app = null;
        await using var started = app = await ProxyApp.StartAsync(new()
        {
            Changeable = settings,
            Sandbox = new()
            {
                Intercept = async (context, next) =>
                {
                    // The first of the three requests of a remix by upload.
                    if (context.Request.Path == "/runway/runway/v1/uploads")
                    {
                        settings.Replace(("Providers:runway:BaseUrl", app!.Sandbox.BaseUrl("runway", "new")), ("Providers:runway:ApiKey", "key-new"));
                        await InForceAsync(app, "/runway/new/");
                    }

                    await next(context);
                },
            },
        });
        var id = (await app.CreateFinishedAsync("gemini/gemini-omni-1.1-flash"))["id"]!.GetValue<string>();
        var remix = new { model = "runway/aleph2", prompt = "make it snow" };

        (await app.SendAsync(HttpMethod.Post, $"v1/videos/{id}/remix", JsonContent.Create(remix))).Error(503, "provider_unavailable");
        Assert.Equal(0, app.Sandbox.SubmitsOf("runway"));
        await app.PostAsync($"v1/videos/{id}/remix", remix);

        Assert.Equal((0, 1), (app.Sandbox.SubmitsOf("runway", "runway"), app.Sandbox.SubmitsOf("runway", "new")));
        AssertKeys(app);
    }

    [Fact]
    public async Task While_the_forwarder_is_behind_a_reload_the_new_key_does_not_go_to_the_old_address()
    {
        var settings = new ChangeableSettings();
        var behind = new TaskCompletionSource();
        await using var app = await ProxyApp.StartAsync(new()
        {
            Changeable = settings,
            Proxy = proxy => proxy.Services.AddSingleton<IProxyConfigFilter>(new ClusterFilter("remixproxy-runway", cluster =>
            {
                if (cluster.Destinations!["default"].Address.Contains("/new/", StringComparison.Ordinal)) behind.Task.Wait(TimeSpan.FromSeconds(30));
                return cluster;
            })),
        });
        var wish = JsonContent.Create(new { model = "runway/gen4.5", prompt = "A boat" });

        var reload = Task.Run(
            () => settings.Replace(("Providers:runway:BaseUrl", app.Sandbox.BaseUrl("runway", "new")), ("Providers:runway:ApiKey", "key-new")));
        for (var i = 0; i < 3000 && !app.Log.Any(l => l.Contains("Configuration reloaded", StringComparison.Ordinal)); i++) await Task.Delay(10);
        (await app.SendAsync(HttpMethod.Post, "v1/videos", wish)).Error(503, "provider_unavailable");
        Assert.Empty(app.Sandbox.Requests);

        behind.SetResult();
        await reload;
        await InForceAsync(app, "/runway/new/");
        (await app.SendAsync(HttpMethod.Post, "v1/videos", JsonContent.Create(new { model = "runway/gen4.5", prompt = "A boat" }))).Ok();
        AssertKeys(app);
    }

    [Fact]
    public async Task A_wrong_reload_changes_nothing_and_is_logged_once_with_every_key()
    {
        var settings = new ChangeableSettings();
        await using var app = await ProxyApp.StartAsync(new() { Changeable = settings });

        settings.Replace(("DefaultModel", "luma/ray-3.2"), ("Colour", "blue"), ("Providers:strange:Type", "sora"));
        Assert.EndsWith(":gemini", await CreateAsync(app), StringComparison.Ordinal);
        var line = Assert.Single(app.Log, l => l.Contains(Refusal, StringComparison.Ordinal));
        Assert.StartsWith("Error", line, StringComparison.Ordinal);
        Assert.Contains("RemixProxy:Colour", line, StringComparison.Ordinal);
        Assert.Contains("RemixProxy:Providers:strange:Type", line, StringComparison.Ordinal);

        settings.Replace(("DefaultModel", "luma/ray-3.2"));
        Assert.EndsWith(":luma", await CreateAsync(app), StringComparison.Ordinal);
        Assert.Single(app.Log, l => l.Contains(Refusal, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_change_that_needs_a_restart_says_so()
    {
        var settings = new ChangeableSettings();
        await using var app = await ProxyApp.StartAsync(new() { Changeable = settings });
        settings.Replace(("Sandbox", "true"), ("DrainTimeout", "00:00:10"));
        Assert.Single(app.Log, l => l.Contains("RemixProxy:Sandbox needs a restart", StringComparison.Ordinal));
        Assert.Single(app.Log, l => l.Contains("RemixProxy:DrainTimeout needs a restart", StringComparison.Ordinal));
    }

    private static void AssertKeys(ProxyApp app)
    {
        Assert.All(app.Sandbox.Requests.Where(r => r.PathAndQuery.StartsWith("/runway/runway/", StringComparison.Ordinal)),
            r => Assert.Equal("Bearer secret-runway", r.Headers["Authorization"]));
        Assert.All(app.Sandbox.Requests.Where(r => r.PathAndQuery.StartsWith("/runway/new/", StringComparison.Ordinal)),
            r => Assert.Equal("Bearer key-new", r.Headers["Authorization"]));
    }

    // YARP takes a new configuration over beside the caller of the reload.
    private static async Task InForceAsync(ProxyApp app, string path)
    {
        var clusters = app.Services.GetRequiredService<IProxyStateLookup>();
        for (var i = 0; i < 3000; i++)
        {
            if (clusters.TryGetCluster("remixproxy-runway", out var cluster) && cluster.DestinationsState.AllDestinations is [var only]
                && only.Model.Config.Address.Contains(path, StringComparison.Ordinal)) return;
            await Task.Delay(10);
        }

        throw new TimeoutException("The reload is not in force.");
    }

    private static async Task<string> CreateAsync(ProxyApp app) => (await app.PostAsync("v1/videos", new { prompt = "A boat" }))["id"]!.GetValue<string>();
}
