using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Yarp.ReverseProxy.Configuration;

namespace RemixProxy.Benchmarks.Load;

/// <summary>Servers on loopback, all of them Kestrel with the same settings and without logs.</summary>
internal static class Doors
{
    /// <summary>As long as the answer of a hit, about.</summary>
    private static readonly string Padding = new('x', 600);

    private static long Made;

    /// <summary>A text that only an answer of <see cref="StartUpstreamAsync"/> contains.</summary>
    public static string UpstreamMarker => Padding;

    /// <summary>A provider that answers each create at once with a new video.</summary>
    public static Task<(WebApplication App, Uri Address)> StartUpstreamAsync() => StartAsync(_ => { }, app => app.Run(async context =>
    {
        await context.Request.Body.CopyToAsync(Stream.Null);
        var answer = string.Create(
            CultureInfo.InvariantCulture,
            $$"""{"id":"video_{{Interlocked.Increment(
                ref Made)}}","object":"video","model":"sora-2","status":"queued","progress":0,"created_at":{{DateTimeOffset.UtcNow.ToUnixTimeSeconds()}},"size":"1280x720","seconds":"4","note":"{{Padding}}"}""");
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = answer.Length;
        await context.Response.WriteAsync(answer);
    }));

    /// <summary>YARP and nothing else: one route, one cluster.</summary>
    /// <param name="upstream">Where everything goes.</param>
    /// <param name="map">Adds endpoints of its own.</param>
    public static Task<(WebApplication App, Uri Address)> StartPassThroughAsync(Uri upstream, Action<WebApplication>? map = null) => StartAsync(
        builder =>
        {
            builder.Services.AddRoutingCore();
            builder.Services.AddReverseProxy().LoadFromMemory(
                [new RouteConfig { RouteId = "all", ClusterId = "upstream", Match = new() { Path = "{**path}" } }],
                [new ClusterConfig { ClusterId = "upstream", Destinations = new Dictionary<string,
                    DestinationConfig> { ["one"] = new() { Address = upstream.AbsoluteUri } } }]);
        },
        app =>
        {
            app.UseRouting();
            map?.Invoke(app);
            app.MapReverseProxy();
        });

    public static async Task<(WebApplication App, Uri Address)> StartAsync(Action<WebApplicationBuilder> configure, Action<WebApplication> map)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(k =>
        {
            k.AddServerHeader = false;
            k.Listen(IPAddress.Loopback, 0);
        });
        configure(builder);
        var app = builder.Build();
        map(app);
        await app.StartAsync();
        return (app, new(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First() + "/"));
    }
}
