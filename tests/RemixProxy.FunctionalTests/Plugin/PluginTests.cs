using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using RemixProxy.FunctionalTests.Kit;
using RemixProxy.Sandbox;
using Yarp.ReverseProxy;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Health;
using Yarp.ReverseProxy.Model;
using Yarp.ReverseProxy.Transforms;

namespace RemixProxy.FunctionalTests.Plugin;

/// <summary>The plugin in a YARP application that has routes of its own, and with the application's own settings.</summary>
public class PluginTests
{
    private static readonly object Wish = new { model = "openai/sora-2", prompt = "A paper boat" };

    [Fact]
    public async Task A_stop_of_the_application_leaves_time_to_drain()
    {
        await using var app = await ProxyApp.StartAsync();
        Assert.Equal(TimeSpan.FromSeconds(70), app.Services.GetRequiredService<IOptions<HostOptions>>().Value.ShutdownTimeout);
        await using var patient = await ProxyApp.StartAsync(
            new() { Proxy = p => p.Services.Configure<HostOptions>(o => o.ShutdownTimeout = TimeSpan.FromMinutes(5)) });
        Assert.Equal(TimeSpan.FromMinutes(5), patient.Services.GetRequiredService<IOptions<HostOptions>>().Value.ShutdownTimeout);
    }

    [Fact]
    public async Task Routes_and_clusters_of_the_application_pass_through_untouched()
    {
        await using var backend = await SandboxServer.StartAsync(new() { Intercept = EchoAsync }, TestContext.Current.CancellationToken);
        await using var app = await ProxyApp.StartAsync(new()
        {
            Settings = new()
            {
                ["ReverseProxy:Routes:shop:ClusterId"] = "shop",
                ["ReverseProxy:Routes:shop:Match:Path"] = "/v1/shop/{**rest}",
                ["ReverseProxy:Clusters:shop:Destinations:one:Address"] = backend.Address.AbsoluteUri,
            },
        });

        var reply = await app.SendAsync(
            HttpMethod.Put, "v1/shop/basket?size=2", new StringContent("three apples"), ("x-caller", "me"), (
                "Authorization", "Bearer mine"), ("x-remix-raw", "true"));

        Assert.Equal((202, "three apples", "yes"), (reply.Status, System.Text.Encoding.UTF8.GetString(reply.Bytes), reply.Headers["x-backend"]));
        Assert.DoesNotContain("x-request-id", reply.Headers.Keys);
        var seen = Assert.Single(backend.Requests);
        Assert.Equal(("PUT", "/v1/shop/basket?size=2", "three apples"), (seen.Method, seen.PathAndQuery, seen.BodyText));
        Assert.Equal(
            ("me", "Bearer mine", "text/plain; charset=utf-8"), (seen.Headers["x-caller"], seen.Headers["Authorization"], seen.Headers["Content-Type"]));
        Assert.Contains("X-Forwarded-For", seen.Headers.Keys);
        Assert.Empty(app.Sandbox.Requests);

        static Task EchoAsync(HttpContext http, RequestDelegate next)
        {
            http.Response.StatusCode = 202;
            http.Response.Headers["x-backend"] = "yes";
            return http.Request.Body.CopyToAsync(http.Response.Body, http.RequestAborted);
        }
    }

    [Fact]
    public async Task Request_transforms_of_the_application_reach_every_exchange()
    {
        await using var app = await ProxyApp.StartAsync(new()
        {
            Proxy = proxy => proxy.AddTransforms(transforms => transforms.AddRequestTransform(request =>
            {
                request.ProxyRequest.Headers.TryAddWithoutValidation("x-team", "red");
                return ValueTask.CompletedTask;
            })),
        });

        var source = (await app.CreateFinishedAsync("gemini/gemini-omni-1.1-flash"))["id"]!.GetValue<string>();
        await app.PostAsync($"v1/videos/{source}/remix", new { model = "runway/aleph2", prompt = "make it snow" });

        // Create, poll, hand-over, two requests of an upload, submit.
        Assert.Equal(6, app.Sandbox.Requests.Count);
        Assert.All(app.Sandbox.Requests, request => Assert.Equal("red", request.Headers["x-team"]));
    }

    [Theory]
    [InlineData("/v1/")]
    [InlineData("/v1")]
    [InlineData("")]
    public async Task Two_destinations_take_turns_by_the_policy_of_the_application(string end)
    {
        await using var app = await StartAsync(openai => openai with
        {
            LoadBalancingPolicy = "RoundRobin",
            Destinations = new Dictionary<string, DestinationConfig>
            {
                ["front"] = new() { Address = AddressOf(openai) },
                ["side"] = new() { Address = AddressOf(openai).Replace("127.0.0.1", "localhost").Replace("/v1/", end) },
            },
        });

        for (var i = 0; i < 4; i++) await app.PostAsync("v1/videos", Wish);

        var hosts = app.Sandbox.Requests.Select(r => r.Headers["Host"].Split(':')[0]).ToList();
        Assert.Equal((2, 2), (hosts.Count(h => h == "127.0.0.1"), hosts.Count(h => h == "localhost")));
        Assert.Equal(4, app.Sandbox.SubmitsOf("openai"));
        Assert.All(app.Sandbox.Requests, r => Assert.Equal("Bearer secret-openai", r.Headers["Authorization"]));
    }

    [Fact]
    public async Task A_destination_that_fails_leaves_by_passive_health()
    {
        await using var app = await StartAsync(
            openai => openai with
            {
                LoadBalancingPolicy = "FirstAlphabetical",
                HealthCheck = new() { Passive = new() { Enabled = true, Policy = "TransportFailureRate", ReactivationPeriod = TimeSpan.FromHours(1) } },
                Destinations = new Dictionary<string,
                DestinationConfig>
                {
                    ["a-dead"] = new() { Address = $"http://127.0.0.1:{ClosedPort()}/v1/" },
                    ["b-alive"] = new() { Address = AddressOf(openai) }
                },
            },
            proxy => proxy.Services.Configure<TransportFailureRateHealthPolicyOptions>(o => o.MinimalTotalCountThreshold = 1));

        var first = await app.SendAsync(HttpMethod.Post, "v1/videos", JsonContent.Create(Wish));
        first.Error(503, "provider_unavailable");
        Assert.Equal(0, app.Sandbox.SubmitsOf("openai"));

        // YARP removes the destination a little later.
        Assert.True(app.Services.GetRequiredService<IProxyStateLookup>().TryGetCluster("remixproxy-openai", out var cluster));
        for (var i = 0; i < 1000 && cluster.DestinationsState.AvailableDestinations.Count > 1; i++) await Task.Delay(10);
        await app.PostAsync("v1/videos", Wish);
        Assert.Equal(1, app.Sandbox.SubmitsOf("openai"));
    }

    [Fact]
    public async Task Active_health_probes_reach_a_destination_on_this_machine_without_the_key()
    {
        await using var app = await ProxyApp.StartAsync(new()
        {
            Sandbox = new() { Intercept = (_, _) => Task.CompletedTask },
            Proxy = proxy => proxy.Services.AddSingleton<IProxyConfigFilter>(new ClusterFilter("remixproxy-openai", openai => openai with
            {
                HealthCheck = new() { Active = new() { Enabled = true, Policy = "ConsecutiveFailures", Path = "/videos" } },
                Metadata = new Dictionary<string, string>(openai.Metadata!) { [ConsecutiveFailuresHealthPolicyOptions.ThresholdMetadataName] = "1" },
            })),
        });
        var probes = app.Services.GetRequiredService<IActiveHealthCheckMonitor>();
        for (var i = 0; i < 3000 && !probes.InitialProbeCompleted; i++) await Task.Delay(10);

        Assert.True(app.Services.GetRequiredService<IProxyStateLookup>().TryGetCluster("remixproxy-openai", out var cluster));
        Assert.Equal(DestinationHealth.Healthy, Assert.Single(cluster.Destinations.Values).Health.Active);
        var probe = Assert.Single(app.Sandbox.Requests);
        Assert.Equal("/openai/openai/v1/videos", probe.PathAndQuery);
        Assert.DoesNotContain("Authorization", probe.Headers.Keys);
    }

    [Fact]
    public async Task A_route_of_the_application_to_our_cluster_is_forwarded_as_it_came()
    {
        await using var app = await ProxyApp.StartAsync(new()
        {
            Settings = new()
            {
                ["ReverseProxy:Routes:own:ClusterId"] = "remixproxy-openai",
                ["ReverseProxy:Routes:own:Match:Path"] = "/own/{**rest}",
                ["ReverseProxy:Routes:own:Transforms:0:PathRemovePrefix"] = "/own",
            },
        });

        (await app.SendAsync(HttpMethod.Get, "own/videos?limit=1", null, ("Authorization", "Bearer mine"))).Ok();

        var seen = Assert.Single(app.Sandbox.Requests);
        Assert.Equal(("/openai/openai/v1/videos?limit=1", "Bearer mine"), (seen.PathAndQuery, seen.Headers["Authorization"]));
    }

    [Fact]
    public async Task Handler_settings_of_the_application_hold_but_for_the_address_guard()
    {
        var connections = new ConcurrentQueue<string>();
        await using var app = await ProxyApp.StartAsync(new()
        {
            Sandbox = new() { SeparateAssetHost = true },
            ConfigureHttpClient = (context, handler) =>
            {
                handler.PlaintextStreamFilter = (connection, _) =>
                {
                    connections.Enqueue($"{context.ClusterId} {connection.InitialRequestMessage.RequestUri!.Port}");
                    return new(connection.PlaintextStream);
                };
                handler.AllowAutoRedirect = true;
                handler.ConnectCallback = async (connection, cancellationToken) =>
                {
                    var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
                    await socket.ConnectAsync(connection.DnsEndPoint, cancellationToken);
                    return new NetworkStream(socket, ownsSocket: true);
                };
            },
        });

        var id = (await app.CreateFinishedAsync("runway/gen4.5"))["id"]!.GetValue<string>();
        // Not the provider's own port and not public: no setting may open it.
        var refused = await app.SendAsync(HttpMethod.Get, $"v1/videos/{id}/content");

        refused.Error(502, "provider_invalid_response");
        Assert.Equal([$"remixproxy-runway {app.Sandbox.Address.Port}"], connections.Distinct());
    }

    private static Task<ProxyApp> StartAsync(Func<ClusterConfig, ClusterConfig> change, Action<IReverseProxyBuilder>? more = null) => ProxyApp.StartAsync(new()
    {
        Proxy = proxy =>
        {
            proxy.Services.AddSingleton<IProxyConfigFilter>(new ClusterFilter("remixproxy-openai", change));
            more?.Invoke(proxy);
        },
    });

    private static string AddressOf(ClusterConfig cluster) => cluster.Destinations!["default"].Address;

    private static int ClosedPort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
