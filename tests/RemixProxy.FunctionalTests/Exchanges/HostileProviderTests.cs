using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using RemixProxy.FunctionalTests.Kit;
using RemixProxy.Sandbox;

namespace RemixProxy.FunctionalTests.Exchanges;

/// <summary>Providers whose answers point inside: at every place of an answer that names an address, and in every way to write one.</summary>
public class HostileProviderTests
{
    /// <summary>Addresses that are never fetched. <c>{0}</c> is the port of a listener on loopback, <c>{1}</c> the proxy's own.</summary>
    private static readonly string[] Addresses =
    [
        "http://127.0.0.1:{0}/x", "https://127.0.0.1:{0}/x", "https://127.0.0.1.:{0}/x", "https://localhost.:{0}/x", "https://LocalHost:{0}/x",
        "https://2130706433:{0}/x", "https://0x7f000001:{0}/x", "https://0x7f.1:{0}/x", "https://0177.0.0.1:{0}/x", "https://127.1:{0}/x",
        "https://0:{0}/x", "https://[::]:{0}/x", "https://[::1]:{0}/x", "https://[::127.0.0.1]:{0}/x", "https://[::ffff:127.0.0.1]:{0}/x",
        "https://[0:0:0:0:0:ffff:7f00:1]:{0}/x", "https://[64:ff9b::127.0.0.1]:{0}/x", "https://[64:ff9b:1::7f00:1]:{0}/x", "https://[2002:7f00:1::]:{0}/x",
        "https://[fe80::1%25lo]:{0}/x", "https://[fc00::1]/x", "https://[fd00:ec2::254]/latest/meta-data", "https://[2001:db8::1]/x", "https://[ff02::1]/x",
        "https://169.254.169.254/latest/meta-data", "http://169.254.169.254/latest/meta-data", "https://0xa9fea9fe/", "https://2852039166/",
        "https://0251.0376.0251.0376/",
        "https://metadata.google.internal/computeMetadata/v1/", "https://metadata.google.internal./", "https://metadata/",
        "https://kubernetes.default.svc.cluster.local/",
        "https://100.64.0.1/x", "https://100.100.100.200/latest/meta-data", "https://168.63.129.16/machine", "https://192.0.0.192/", "https://10.0.0.1/x",
        "https://172.16.0.1/x", "https://192.168.1.1/x", "https://198.18.0.1/x", "https://224.0.0.1/x", "https://255.255.255.255/x",
        "https://１２７.0.0.1:{0}/x", "https://127。0。0。1:{0}/x", "https://ⓛocalhost:{0}/x", "https://%31%32%37.0.0.1:{0}/x",
        "https://user:pass@127.0.0.1:{0}/x", "https://user:pass@cdn.example/x", "https://cdn.example@127.0.0.1:{0}/x", @"https://127.0.0.1:{0}\@cdn.example/x",
        "http://127.0.0.1:{1}/v1/videos", "https://localhost:{1}/v1/models", "http://cdn.example/x", "ftp://127.0.0.1:{0}/x", "file:///etc/passwd",
        "file://127.0.0.1/etc/passwd", "gopher://127.0.0.1:{0}/x", "javascript:alert(1)", "//127.0.0.1:{0}/x", "https://", "https:///x", "https://[::1",
        "https://:{0}/",
        "https://xn--/x", "https://xn--a/x",
        "https://127.0.0.1:99999/x", "\\\\127.0.0.1\\x",
    ];

    public static TheoryData<string> Outputs => ["luma", "runway", "gemini"];

    [Theory]
    [MemberData(nameof(Outputs))]
    public async Task Output_that_leads_inside_is_neither_fetched_nor_told_nor_handed_to_another_provider(string provider)
    {
        await using var world = await World.StartAsync();
        foreach (var (index, address) in world.Addresses.Index())
        {
            var id = Invariant($"n{index}:{provider}");
            var told = await world.App.CallAsync("GET", "v1/videos/" + id);
            var content = await world.App.CallAsync("GET", $"v1/videos/{id}/content");
            var inline = await world.App.CallAsync("GET", $"v1/videos/{id}?include=base64");
            var remix = await world.App.CallAsync("POST", $"v1/videos/{id}/remix",
                new { prompt = "snow", model = provider == "luma" ? "runway/aleph2" : "luma/ray-3.2" });

            World.Refused(content, address);
            Assert.True(inline.Status != 200 || told.Json["status"]?.GetValue<string>() == "failed", address);
            World.Refused(remix, address);
            var host = world.App.Http.BaseAddress!.Authority;
            foreach (var entry in told.Json["videos"]?.AsArray() ?? [])
                Assert.StartsWith($"http://{host}/v1/videos/", entry!["url"]!.GetValue<string>(), StringComparison.Ordinal);
        }

        Assert.Equal(0, world.App.SubmitsSeen());
        world.AssertNothingFetched();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public async Task Redirect_that_leads_inside_is_not_followed_at_any_hop(int hops)
    {
        await using var world = await World.StartAsync(hops);
        foreach (var (index, address) in world.Addresses.Index())
        {
            // A relative one leads to the provider's own host, which answers that it has no such thing.
            foreach (var path in new[] { "/content", "/content?variant=thumbnail", "?include=base64" })
            {
                var reply = await world.App.CallAsync("GET", Invariant($"v1/videos/n{index}:openai{path}"));
                World.Refused(reply, address);
            }

            World.Refused(await world.App.CallAsync("POST", Invariant($"v1/videos/n{index}:openai/remix"), new { prompt = "snow", model = "runway/aleph2" }),
                address);
        }

        Assert.Equal(0, world.App.SubmitsSeen());
        world.AssertNothingFetched();
    }

    [Fact]
    public async Task Upload_address_that_leads_inside_gets_no_byte_and_nothing_is_submitted()
    {
        await using var world = await World.StartAsync();
        // Every third, because each takes a large file.
        foreach (var (index, address) in world.Addresses.Index().Where(a => a.Index % 3 == 0))
        {
            world.Next = index;
            foreach (var model in new[] { "runway/gen4.5", "gemini/gemini-omni-1.1-flash" })
            {
                using var form = new MultipartFormDataContent
                {
                    { new StringContent(model), "model" }, { new StringContent("A cat"), "prompt" },
                    { new ByteArrayContent([0x89, 0x50, 0x4E, 0x47, .. new byte[21 << 20]]) { Headers = { ContentType = new("image/png") } },
                        "input_reference", "cat.png" },
                };
                World.Refused(await world.App.SendAsync(HttpMethod.Post, "v1/videos", form), address);
            }

        }

        Assert.DoesNotContain(world.App.Sandbox.Requests, r => r.PathAndQuery.EndsWith("_to_video", StringComparison.Ordinal)
            || r.PathAndQuery.EndsWith("/interactions", StringComparison.Ordinal));
        world.AssertNothingFetched();
    }

    [Fact]
    public async Task Trusted_host_gets_neither_the_providers_key_nor_a_word_from_the_address_and_an_address_with_a_user_is_refused()
    {
        await using var foreign = await SandboxServer.StartAsync(new() { Intercept = (context, _) => OneVideoApp.Bytes([1, 2, 3])(context) });
        await using var one = await OneVideoApp.StartAsync(new() { ["RemixProxy:Providers:luma:AssetHosts:0"] = foreign.Address.Authority });
        one.Source = context =>
        {
            context.Response.StatusCode = 302;
            context.Response.Headers.Location = foreign.Address + "from-redirect";
            return Task.CompletedTask;
        };

        Assert.Equal(3, (await one.App.BytesAsync(OneVideoApp.Content)).Length);

        one.Source = context =>
        {
            context.Response.StatusCode = 302;
            context.Response.Headers.Location = $"http://user:word@{foreign.Address.Authority}/with-user";
            return Task.CompletedTask;
        };
        await one.Http.GetErrorAsync(OneVideoApp.Content, HttpStatusCode.BadGateway, "provider_invalid_response");

        var asked = Assert.Single(foreign.Requests);
        Assert.Equal("/from-redirect", asked.PathAndQuery);
        Assert.Equal(["Host"], asked.Headers.Keys);
    }

    /// <summary>A proxy before four providers that all answer with the addresses, the video <c>n{i}</c> with the one of that number.</summary>
    private sealed class World : IAsyncDisposable
    {
        private readonly TcpListener _bait = new(IPAddress.Loopback, 0);
        private int _hops;

        public ProxyApp App { get; private set; } = null!;

        public string[] Addresses { get; private set; } = null!;

        /// <summary>The number of the address that uploads are sent to.</summary>
        public int Next { get; set; }

        public static async Task<World> StartAsync(int hops = 1)
        {
            var world = new World { _hops = hops };
            world._bait.Start();
            world.App = await ProxyApp.StartAsync(new() { Sandbox = new() { Intercept = world.AnswerAsync } });
            var bait = ((IPEndPoint)world._bait.LocalEndpoint).Port;
            world.Addresses = [.. HostileProviderTests.Addresses.Select(a =>
                string.Format(CultureInfo.InvariantCulture, a, bait, world.App.Http.BaseAddress!.Port))];
            return world;
        }

        /// <summary>A proper error, which names nothing of the address.</summary>
        public static void Refused(Reply reply, string address)
        {
            Assert.True(reply.Status is >= 400 and not 500, $"{address}: {reply.Status} {reply.Text}");
            Assert.DoesNotContain("127.0.0.1", reply.Text, StringComparison.Ordinal);
            Assert.DoesNotContain("169.254", reply.Text, StringComparison.Ordinal);
        }

        public void AssertNothingFetched() => Assert.False(_bait.Pending());

        public async ValueTask DisposeAsync()
        {
            _bait.Dispose();
            await App.DisposeAsync();
        }

        private Task AnswerAsync(HttpContext context, RequestDelegate next)
        {
            var path = context.Request.Path.Value!;
            var parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
            var number = Array.Find(parts, p => p.Length > 1 && p[0] == 'n' && p[1..].All(char.IsAsciiDigit)) is { } id
                ? int.Parse(id[1..], CultureInfo.InvariantCulture) : -1;
            if (path.EndsWith("/uploads", StringComparison.Ordinal))
                return JsonAsync(context, new { uploadUrl = Addresses[Next], fields = new { key = "k" }, runwayUri = "runway://u" });
            if (path.EndsWith("/files", StringComparison.Ordinal))
            {
                // A header holds ASCII only.
                context.Response.Headers["x-goog-upload-url"] = new string([.. Addresses[Next].Where(char.IsAscii)]);
                return JsonAsync(context, new { });
            }

            if (number < 0) return next(context);
            var address = Addresses[number];
            switch (parts[0])
            {
                case "luma":
                    return JsonAsync(context, new { id = "n" + number, state = "completed", output = new[] { new { type = "video", url = address } } });
                case "runway":
                    return JsonAsync(context, new { id = "n" + number, status = "SUCCEEDED", output = new[] { address } });
                case "gemini":
                    var video = new { type = "video", mime_type = "video/mp4", uri = address };
                    var step = new { type = "model_output", content = new[] { video } };
                    return JsonAsync(context, new { id = "n" + number, status = "completed", steps = new[] { step } });
            }

            if (parts[^1] != "content" && parts[^2] != "hop") return JsonAsync(context, new { id = "n" + number, status = "completed" });
            var hop = parts[^2] == "hop" ? int.Parse(parts[^1], CultureInfo.InvariantCulture) : 1;
            context.Response.StatusCode = hop % 2 == 0 ? 307 : 302;
            context.Response.Headers.Location = hop < _hops ? Invariant($"/openai/openai/v1/videos/n{number}/hop/{hop + 1}")
                : new string([.. address.Where(char.IsAscii)]);
            return Task.CompletedTask;
        }

        private static Task JsonAsync(HttpContext context, object body)
        {
            context.Response.ContentType = "application/json";
            return context.Response.WriteAsync(JsonSerializer.Serialize(body));
        }
    }
}
