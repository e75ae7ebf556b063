using Microsoft.AspNetCore.Http;
using RemixProxy.FunctionalTests.Cache;
using RemixProxy.FunctionalTests.Kit;
using static RemixProxy.FunctionalTests.Cache.CacheReplies;

namespace RemixProxy.FunctionalTests.Telemetry;

/// <summary>What callers and providers keep to themselves is in no span, neither in ours nor in those of the libraries around them.</summary>
public class PrivacyTests
{
    private static readonly string[] Private = ["marker-prompt", "marker-key", "marker-header", "marker-query", "marker-body", "marker-model", "secret-"];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task No_span_holds_a_prompt_a_key_a_header_or_a_signature(bool fails)
    {
        await using var embeddings = await EmbeddingServer.StartAsync();
        var upstream = new Upstream();
        await using var app = await ProxyApp.StartAsync(new()
        {
            Sandbox = upstream.Sandbox,
            Settings =
            {
                ["RemixProxy:Cache:Embeddings:Endpoint"] = embeddings.Endpoint.AbsoluteUri, ["RemixProxy:Cache:Embeddings:Model"] = "m",
                ["RemixProxy:Cache:Embeddings:ApiKey"] = "secret-embeddings", ["RemixProxy:AllowAnonymous"] = "true",
                ["RemixProxy:Providers:luma:AssetHosts:0"] = "127.0.0.1", ["RemixProxy:Providers:runway:AssetHosts:0"] = "127.0.0.1",
            },
        });
        var headers = app.Http.DefaultRequestHeaders;
        foreach (var name in new[] { "Authorization", "Cookie", "User-Agent", "x-request-id", "X-Forwarded-For", "tracestate", "baggage", "x-api-key",
            "Referer", "Accept-Language" })
            headers.TryAddWithoutValidation(name, name == "Authorization" ? "Bearer marker-header" : "x=marker-header");
        var videos = new List<string>();
        foreach (var provider in FinishedVideos.Providers)
            videos.Add((await app.CreateFinishedAsync(FinishedVideos.ModelOf(provider)))["id"]!.GetValue<string>());
        app.Time.Advance(TimeSpan.FromHours(2));
        using var measured = new Instruments(app);
        using var spans = new Spans(app);
        if (fails)
        {
            embeddings.Answer = EmbeddingServer.Text("marker-body", 500);
            await AskAsync("luma", Upstream.Answers(500, """{"detail":"marker-body secret-luma"}"""));
            await AskAsync("openai", Upstream.Answers(400, """{"error":{"message":"marker-body secret-openai","code":"x"}}"""));
            await AskAsync("runway", Upstream.Drops);
            await AskAsync("assets", Upstream.BreaksOff);
        }
        else
        {
            await AskAsync(null, null);
        }

        await measured.AnsweredAsync(fails ? 4 * 18 : 18);
        var text = spans.Text();
        // They are there, those of the libraries too.
        foreach (var source in new[] { "RemixProxy video_generation", "RemixProxy embeddings", "System.Net.Http", "Microsoft.AspNetCore" })
            Assert.Contains(source, text, StringComparison.Ordinal);
        Assert.All(Private, word => Assert.DoesNotContain(text.Split('\n'), l => l.Contains(word, StringComparison.OrdinalIgnoreCase)));
        // Signed addresses were fetched, and are named without their signatures.
        var signed = app.Sandbox.Requests.Where(r => r.PathAndQuery.StartsWith("/assets/", StringComparison.Ordinal)).Select(
            r => r.PathAndQuery.Split('?')).ToArray();
        Assert.Contains(signed, s => text.Contains(s[0], StringComparison.Ordinal));
        Assert.All(signed, s => Assert.DoesNotContain(s[1].Split('=')[1], text, StringComparison.Ordinal));

        async Task AskAsync(string? type, Func<HttpContext, RequestDelegate, Task>? act)
        {
            if (type is not null) upstream.On(type, _ => true, act!);
            foreach (var id in videos)
            {
                _ = await app.CreateAsync(
                    FinishedVideos.ModelOf(id[(id.LastIndexOf(':') + 1)..]), "marker-prompt " + type, Semantic, (
                        "Idempotency-Key", $"marker-key-{id[^4..]}-{type}"));
                _ = await app.CallAsync("GET", "v1/videos/" + id);
                // A body that breaks off is the caller's to notice.
                try
                {
                    _ = await app.CallAsync("GET", $"v1/videos/{id}/content?x=marker-query");
                }
                catch (HttpRequestException) when (fails)
                {
                }

                _ = await app.CallAsync("POST", $"v1/videos/{id}/remix", new { prompt = "marker-prompt" });
            }

            _ = await app.CreateAsync("openai/marker-model", "marker-prompt");
            _ = await app.CallAsync("POST", "v1/videos", "marker-body");
        }
    }
}
