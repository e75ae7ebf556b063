using System.Diagnostics;
using System.Net.Http.Json;
using RemixProxy.FunctionalTests.Kit;
using RemixProxy.Sandbox;

namespace RemixProxy.FunctionalTests.Exchanges;

/// <summary>No header crosses the proxy but those that are named, in either direction, and a key goes to its provider's own host only.</summary>
public class HeaderBorderTests
{
    private static readonly string[] Allowed = ["Host", "Authorization", "x-goog-api-key", "X-Runway-Version", "Content-Type", "Content-Length",
    "Transfer-Encoding", "Range", "Idempotency-Key", "X-Goog-Upload-Protocol",
        "X-Goog-Upload-Command", "X-Goog-Upload-Header-Content-Length", "X-Goog-Upload-Header-Content-Type", "X-Goog-Upload-Offset"];

    public static TheoryData<string> Providers => [.. FinishedVideos.Providers];

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Callers_headers_never_reach_the_provider(string provider)
    {
        // As in a host that traces: without a listener .NET makes no client activity, which is what would be propagated.
        using var listener = new ActivityListener { ShouldListenTo = _ => true, Sample = (ref _) => ActivitySamplingResult.AllDataAndRecorded };
        ActivitySource.AddActivityListener(listener);
        // A caller behind a proxy is no caller of this machine.
        await using var app = await ProxyApp.StartAsync(new() { Settings = { ["RemixProxy:AllowAnonymous"] = "true" } });
        var headers = app.Http.DefaultRequestHeaders;
        foreach (var (name, value) in new[]
        {
            ("Authorization", "Bearer callers-own"), ("Cookie", "session=callers"), ("X-Forwarded-For", "203.0.113.9"), ("Forwarded", "for=203.0.113.9"), (
                "traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
            ("tracestate", "callers=1"), ("baggage", "user=callers"), ("User-Agent", "callers/1.0"), ("Accept-Language", "de"), (
                "x-goog-api-key", "callers-own"), ("X-Runway-Version", "callers"), (
                "OpenAI-Organization", "callers"),
        }) headers.TryAddWithoutValidation(name, value);

        var id = (await app.CreateFinishedAsync(FinishedVideos.ModelOf(provider)))["id"]!.GetValue<string>();
        using var part = await app.Http.SendAsync(new(HttpMethod.Get, $"v1/videos/{id}/content") { Headers = { Range = new(0, 9) } });
        if (TestedProviders.Find(provider).Remixes) await app.PostAsync($"v1/videos/{id}/remix", new { prompt = "make it snow" });
        using var deleted = await app.Http.DeleteAsync("v1/videos/" + id);

        Assert.True(part.IsSuccessStatusCode && deleted.IsSuccessStatusCode);
        Assert.All(app.Sandbox.Requests, request =>
        {
            Assert.Empty(request.Headers.Keys.Except(Allowed, StringComparer.OrdinalIgnoreCase));
            Assert.DoesNotContain("callers", string.Join('\n', request.Headers.Values), StringComparison.Ordinal);
        });
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Providers_headers_never_reach_the_caller(string provider)
    {
        await using var app = await ProxyApp.StartAsync(new()
        {
            Sandbox = new()
            {
                Intercept = (context, next) =>
                {
                    context.Response.OnStarting(() =>
                    {
                        foreach (var name in new[] { "Set-Cookie", "Server", "X-Internal", "Via", "Location", "x-request-id", "openai-organization", "Link",
                            "Access-Control-Allow-Origin" }) context.Response.Headers[name] = "providers";
                        return Task.CompletedTask;
                    });
                    return next(context);
                },
            },
        });
        var id = (await app.CreateFinishedAsync(FinishedVideos.ModelOf(provider)))["id"]!.GetValue<string>();
        HttpResponseMessage[] responses =
        [
            await app.Http.PostAsJsonAsync("v1/videos", new { model = FinishedVideos.ModelOf(provider), prompt = "A boat" }),
            await app.Http.GetAsync($"v1/videos/{id}?include=base64"),
            await app.Http.GetAsync($"v1/videos/{id}/content"),
            await app.Http.GetAsync("v1/videos/nobodys:" + provider),
            await app.Http.DeleteAsync("v1/videos/" + id),
        ];

        foreach (var response in responses)
        {
            using (response)
            {
                Assert.DoesNotContain("providers", response.Headers.ToString() + response.Content.Headers, StringComparison.Ordinal);
                Assert.StartsWith("req_", response.Headers.GetValues("x-request-id").Single(), StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public async Task Key_and_vendor_headers_go_to_the_providers_own_origin_only()
    {
        await using var app = await ProxyApp.StartAsync(new()
        {
            Settings = new() { ["RemixProxy:Providers:runway:AssetHosts"] = "127.0.0.1", ["RemixProxy:Providers:luma:AssetHosts"] = "127.0.0.1" },
            Sandbox = new() { SeparateAssetHost = true },
        });
        foreach (var provider in new[] { "luma", "runway" })
        {
            var id = (await app.CreateFinishedAsync(FinishedVideos.ModelOf(provider)))["id"]!.GetValue<string>();
            using var content = await app.Http.GetAsync($"v1/videos/{id}/content");
            Assert.True(content.IsSuccessStatusCode);
        }

        // A source by file is uploaded to runway's bucket.
        var video = await app.CreateFinishedAsync("openai/sora-2");
        await app.PostAsync($"v1/videos/{video["id"]}/remix", new { prompt = "make it snow", model = "runway/aleph2" });

        var foreign = app.Sandbox.Requests.Where(r => r.Headers["Host"] == app.Sandbox.AssetAddress.Authority).ToArray();
        Assert.Contains(foreign, r => r.PathAndQuery.StartsWith("/uploads/", StringComparison.Ordinal));
        Assert.Equal(2, foreign.Count(r => r.PathAndQuery.StartsWith("/assets/", StringComparison.Ordinal)));
        Assert.All(foreign, request => Assert.Empty(
            request.Headers.Keys.Intersect(["Authorization", "x-goog-api-key", "X-Runway-Version"], StringComparer.OrdinalIgnoreCase)));
        Assert.All(app.Sandbox.Requests,
            request => Assert.True(OthersSecrets(request).All(secret => !request.Headers.Values.Any(v => v.Contains(secret, StringComparison.Ordinal)))));
    }

    private static IEnumerable<string> OthersSecrets(SandboxRequest request) =>
        FinishedVideos.Providers.Where(p => !request.PathAndQuery.StartsWith($"/{p}/", StringComparison.Ordinal)).Select(p => "secret-" + p);
}
