using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;
using RemixProxy.FunctionalTests.Kit;
using RemixProxy.Sandbox;

namespace RemixProxy.FunctionalTests.Exchanges;

/// <summary>Where the proxy connects to at a provider's or a caller's word, and where it doesn't.</summary>
public class AddressRefusalTests
{
    private static readonly byte[] Clip = [1, 2, 3, 4];

    public static TheoryData<string> PrivateAddresses =>
    [
        "http://127.0.0.1:{0}/clip", "https://127.0.0.1:{0}/clip", "https://localhost:{0}/clip", "https://LOCALHOST.:{0}/clip", "https://2130706433:{0}/clip",
        "https://0x7f000001:{0}/clip",
        "https://0177.0.0.1:{0}/clip", "https://127.1:{0}/clip", "https://[::ffff:127.0.0.1]:{0}/clip", "https://user@127.0.0.1:{0}/clip",
        "https://0.0.0.0:{0}/clip",
        "https://169.254.169.254/latest/meta-data", "http://169.254.169.254/latest/meta-data", "https://metadata.google.internal/", "https://10.0.0.1/",
        "https://[fd00:ec2::254]/", "http://1.1.1.1/clip",
    ];

    [Theory]
    [MemberData(nameof(PrivateAddresses))]
    public async Task Output_at_an_address_that_is_not_public_is_refused_and_nothing_is_connected(string address)
    {
        using var bait = Listen();
        await using var one = await OneVideoApp.StartAsync();
        one.Url = _ => string.Format(null, address, PortOf(bait));

        await one.Http.GetErrorAsync(OneVideoApp.Content, HttpStatusCode.BadGateway, "provider_invalid_response");

        Assert.False(bait.Pending());
        Assert.Contains(one.App.Log, line => line.Contains("AssetHosts", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(PrivateAddresses))]
    [InlineData("ftp://127.0.0.1:{0}/clip")]
    [InlineData("file:///etc/hostname")]
    public async Task Redirect_to_an_address_that_is_not_public_is_refused_and_nothing_is_connected(string address)
    {
        using var bait = Listen();
        await using var one = await OneVideoApp.StartAsync();
        one.Source = Redirect(string.Format(null, address, PortOf(bait)));

        await one.Http.GetErrorAsync(OneVideoApp.Content, HttpStatusCode.BadGateway, "provider_invalid_response");

        Assert.False(bait.Pending());
    }

    [Theory]
    [InlineData(5, HttpStatusCode.OK)]
    [InlineData(6, HttpStatusCode.BadGateway)]
    public async Task Five_redirects_are_followed_with_the_range_and_no_sixth(int redirects, HttpStatusCode expected)
    {
        await using var one = await OneVideoApp.StartAsync();
        var hops = 0;
        one.Source = context => hops++ < redirects ? Redirect($"/source?hop={hops}", 302 + (5 * (hops % 2)))(context) : OneVideoApp.Bytes(Clip)(context);

        using var response = await one.Http.SendAsync(new(HttpMethod.Get, OneVideoApp.Content) { Headers = { Range = new(0, 1) } });

        Assert.Equal(expected, response.StatusCode);
        Assert.Equal(6, one.Fetches);
        Assert.All(one.App.Sandbox.Requests.Where(r => r.PathAndQuery.StartsWith("/source", StringComparison.Ordinal)),
            r => Assert.Equal("bytes=0-1", r.Headers["Range"]));
    }

    [Fact]
    public async Task Redirect_carries_no_credential_not_even_on_the_providers_own_host()
    {
        await using var app = await ProxyApp.StartAsync(new()
        {
            Sandbox = new()
            {
                Intercept = (context, next) => context.Request.Path.Value switch
                {
                    "/openai/openai/v1/videos/v/content" => Redirect("/openai/openai/elsewhere")(context),
                    "/openai/openai/elsewhere" => OneVideoApp.Bytes(Clip)(context),
                    _ => context.Response.WriteAsync("""{"id":"v","status":"completed"}"""),
                },
            },
        });

        Assert.Equal(Clip, await app.Http.GetByteArrayAsync("v1/videos/v:openai/content"));

        var (asked, followed) = (app.Sandbox.Requests[^2], app.Sandbox.Requests[^1]);
        Assert.Equal("Bearer secret-openai", asked.Headers["Authorization"]);
        Assert.Equal("/openai/openai/elsewhere", followed.PathAndQuery);
        Assert.DoesNotContain("Authorization", followed.Headers.Keys);
    }

    [Theory]
    [InlineData("luma")]
    [InlineData("runway")]
    public async Task Assets_on_another_local_port_are_refused_until_AssetHosts_names_them(string provider)
    {
        await using var app = await ProxyApp.StartAsync(new() { Sandbox = new() { SeparateAssetHost = true } });
        var id = (await app.CreateFinishedAsync(FinishedVideos.ModelOf(provider)))["id"]!.GetValue<string>();

        await app.Http.GetErrorAsync($"v1/videos/{id}/content", HttpStatusCode.BadGateway, "provider_invalid_response");

        Assert.DoesNotContain(app.Sandbox.Requests, r => r.PathAndQuery.StartsWith("/assets", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("luma")]
    [InlineData("runway")]
    public async Task Assets_of_AssetHosts_are_fetched_whatever_their_address_and_without_the_key(string provider)
    {
        var settings = new Dictionary<string, string?> { [$"RemixProxy:Providers:{provider}:AssetHosts"] = "127.0.0.1" };
        await using var app = await ProxyApp.StartAsync(new() { Settings = settings, Sandbox = new() { SeparateAssetHost = true } });
        var id = (await app.CreateFinishedAsync(FinishedVideos.ModelOf(provider)))["id"]!.GetValue<string>();

        var bytes = await app.Http.GetByteArrayAsync($"v1/videos/{id}/content");

        Assert.Equal("ftyp"u8.ToArray(), bytes[4..8]);
        Assert.Equal(app.Sandbox.AssetAddress.Authority, app.Sandbox.Requests[^1].Headers["Host"]);
        Assert.DoesNotContain("Authorization", app.Sandbox.Requests[^1].Headers.Keys);
    }

    [Theory]
    [InlineData(0, HttpStatusCode.OK)]
    [InlineData(1, HttpStatusCode.BadGateway)]
    public async Task AssetHosts_with_a_port_allows_that_port_only(int beside, HttpStatusCode expected)
    {
        await using var assets = await SandboxServer.StartAsync(new() { Intercept = (context, _) => OneVideoApp.Bytes(Clip)(context) });
        await using var one = await OneVideoApp.StartAsync(new() { ["RemixProxy:Providers:luma:AssetHosts:0"] = $"127.0.0.1:{assets.Address.Port + beside}" });
        one.Url = _ => $"{assets.Address}clip";

        using var response = await one.Http.GetAsync(OneVideoApp.Content);

        Assert.Equal(expected, response.StatusCode);
    }

    [Theory]
    [InlineData("http://cdn.example.com/cat.png")]
    [InlineData("https://localhost/cat.png")]
    [InlineData("https://127.0.0.1/cat.png")]
    [InlineData("https://[::ffff:10.0.0.1]/cat.png")]
    [InlineData("https://2852039166/latest/meta-data")]
    [InlineData("https://user:word@cdn.example.com/cat.png")]
    [InlineData("file:///etc/passwd")]
    [InlineData("cat.png")]
    public async Task Reference_image_at_an_address_that_is_not_public_is_400_and_nothing_is_sent(string url)
    {
        await using var app = await ProxyApp.StartAsync();

        using var response = await app.Http.PostAsJsonAsync(
            "v1/videos", new { model = "runway/gen4.5", prompt = "A cat", input_reference = new { image_url = url } });

        var error = await ErrorAssert.IsErrorAsync(response, HttpStatusCode.BadRequest, "invalid_value");
        Assert.Equal("input_reference.image_url", error["param"]!.GetValue<string>());
        Assert.Empty(app.Sandbox.Requests);
    }

    private static TcpListener Listen()
    {
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return listener;
    }

    private static int PortOf(TcpListener listener) => ((IPEndPoint)listener.LocalEndpoint).Port;

    private static RequestDelegate Redirect(string location, int status = StatusCodes.Status302Found) => context =>
    {
        context.Response.StatusCode = status;
        context.Response.Headers.Location = location;
        return Task.CompletedTask;
    };
}
