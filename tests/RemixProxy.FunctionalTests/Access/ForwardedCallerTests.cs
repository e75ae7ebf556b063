using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using RemixProxy.FunctionalTests.Kit;

namespace RemixProxy.FunctionalTests.Access;

/// <summary>What headers say of the caller, over real connections: a tunnel makes nobody local, and nobody makes himself.</summary>
public class ForwardedCallerTests
{
    /// <summary>Whether a connection from this machine is served with these header lines, whatever middleware makes of them.</summary>
    public static readonly TheoryData<string, bool> Lines = new()
    {
        { "", true },
        { "X-Forwarded-For: 127.0.0.1", true },
        { "X-Forwarded-For: ::1", true },
        { "X-Forwarded-For: [::1]:4711, 127.0.0.1:80", true },
        { "X-Real-IP: ::1", true },
        { "Forwarded: for=\"[::1]:80\";proto=http", true },
        { "X-Forwarded-For: 203.0.113.9", false },
        { "x-forwarded-for: 127.0.0.1, 203.0.113.9", false },
        { "X-Forwarded-For: 203.0.113.9, 127.0.0.1", false },
        { "X-Forwarded-For: 127.0.0.1|X-Forwarded-For: 203.0.113.9", false },
        { "X-Forwarded-For: 203.0.113.9|X-Forwarded-For: 127.0.0.1", false },
        { "X-Forwarded-For: 127.0.0.1|X-Real-IP: 203.0.113.9", false },
        { "X-Forwarded-For: unknown", false },
        { "X-Forwarded-For:", false },
        { "X-Forwarded-For: 127.0.0.1,", false },
        { "X-Forwarded-For: 127.1", false },
        { "X-Real-IP: 100.64.0.7", false },
        { "X-Real-IP: 127.0.0.1|X-Real-IP: 10.0.0.7", false },
        { "CF-Connecting-IP: 203.0.113.9", false },
        { "CF-Connecting-IP: 2001:db8::1", false },
        { "Forwarded: for=203.0.113.9", false },
        { "Forwarded: for=127.0.0.1, for=203.0.113.9", false },
        { "Forwarded: for=127.0.0.1|Forwarded: for=\"[2001:db8::1]:80\"", false },
        { "Forwarded: for=_hidden", false },
        { "Forwarded: for=unknown", false },
        { "Forwarded:", false },
        { "Forwarded: proto=https;host=localhost", false },
    };

    [Theory]
    [MemberData(nameof(Lines))]
    public async Task A_header_that_names_a_stranger_makes_one(string lines, bool served)
    {
        await using var app = await ProxyApp.StartAsync();
        await RawCall.AssertAsync(app.Http.BaseAddress!, lines, served);
        await using var open = await ProxyApp.StartAsync(new() { Settings = { ["RemixProxy:AllowAnonymous"] = "true" } });
        await RawCall.AssertAsync(open.Http.BaseAddress!, lines, true);
    }

    [Theory]
    [MemberData(nameof(Lines))]
    public async Task Middleware_that_believes_them_and_takes_them_away_changes_nothing(string lines, bool served)
    {
        await using var app = await ProxyApp.StartAsync(new() { Proxy = Believe });
        await RawCall.AssertAsync(app.Http.BaseAddress!, lines, served);
    }

    [Theory]
    [InlineData("")]
    [InlineData("X-Forwarded-For: 127.0.0.1")]
    [InlineData("X-Forwarded-For: ::1|X-Real-IP: 127.0.0.1|Forwarded: for=127.0.0.1|CF-Connecting-IP: 127.0.0.1|X-Original-For: 127.0.0.1:1")]
    public async Task Nobody_declares_himself_local(string lines)
    {
        var own = OwnAddress.Find();
        foreach (var believes in new[] { false, true })
        {
            await using var app = await ProxyApp.StartAsync(new()
            {
                Proxy = proxy =>
                {
                    proxy.Services.Configure<KestrelServerOptions>(k => k.Listen(own, 0));
                    if (believes) Believe(proxy);
                },
            });
            var addresses = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Select(a => new Uri(a)).ToArray();
            await RawCall.AssertAsync(Assert.Single(addresses, a => a.Host == own.ToString()), lines, false);
            await RawCall.AssertAsync(Assert.Single(addresses, a => a.IsLoopback), lines, true);
        }
    }

    [Fact]
    public async Task A_stranger_by_the_proxy_protocol_is_one_and_a_load_balancer_makes_nobody_local()
    {
        foreach (var (from, peer) in new[] { (IPAddress.Loopback, IPAddress.Parse("203.0.113.9")), (OwnAddress.Find(), IPAddress.Loopback) })
        {
            await using var app = await ProxyApp.StartAsync(new()
            {
                Proxy = proxy => proxy.Services.Configure<KestrelServerOptions>(k => k.Listen(from, 0, listen => listen.Use(next => connection =>
                {
                    connection.RemoteEndPoint = new IPEndPoint(peer, 4711);
                    return next(connection);
                }))),
            });
            var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Last();
            await RawCall.AssertAsync(new(address), "", false);
        }
    }

    [Theory]
    [InlineData("Host: evil.example|X-Forwarded-Host: localhost", false)]
    [InlineData("Host: localhost|X-Forwarded-Host: evil.example", false)]
    [InlineData("Host: localhost|X-Forwarded-Host: 127.0.0.1", true)]
    public async Task A_host_that_a_header_names_does_not_hide_the_one_that_was_asked_for(string lines, bool served)
    {
        await using var app = await ProxyApp.StartAsync(new() { Proxy = Believe });
        await RawCall.AssertAsync(app.Http.BaseAddress!, lines, served);
    }

    /// <summary>As an application that believes any number of proxies.</summary>
    private static void Believe(IReverseProxyBuilder proxy) => proxy.Services.AddSingleton<IStartupFilter>(new ForwardedHeaders());

    private sealed class ForwardedHeaders : IStartupFilter
    {
        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
        {
            var options = new ForwardedHeadersOptions { ForwardedHeaders = Microsoft.AspNetCore.HttpOverrides.ForwardedHeaders.All, ForwardLimit = null };
            options.KnownProxies.Clear();
            options.KnownIPNetworks.Clear();
            app.UseForwardedHeaders(options);
            next(app);
        };
    }
}
