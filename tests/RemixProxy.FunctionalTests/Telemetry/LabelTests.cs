using RemixProxy.FunctionalTests.Kit;
using static RemixProxy.FunctionalTests.Cache.CacheReplies;

namespace RemixProxy.FunctionalTests.Telemetry;

/// <summary>Whatever callers write, the labels are ours, and there are no more series than before.</summary>
public class LabelTests
{
    private static readonly Dictionary<string, string[]> Names = new(StringComparer.Ordinal)
    {
        ["request.duration"] = ["operation", "provider", "status_code"],
        ["upstream.duration"] = ["operation", "provider", "outcome"],
        ["submissions"] = ["operation", "provider", "outcome"],
        ["cache.lookups"] = ["operation", "result", "tier"],
        ["cache.lookup.duration"] = ["tier"],
        ["cache.similarity"] = ["result"],
        ["cache.saved"] = ["provider"],
        ["jobs"] = ["provider", "status"],
        ["job.duration"] = ["provider"],
        ["content.sent"] = ["provider"],
    };

    private static readonly Dictionary<string, string[]> Values = new(StringComparer.Ordinal)
    {
        ["operation"] = ["create", "remix", "edit", "extend", "retrieve", "list", "delete", "content", "models", "character", "none"],
        ["provider"] = [.. FinishedVideos.Providers, "none"],
        ["outcome"] = ["ok", "unauthorized", "limited", "refused", "timeout", "unreachable", "broken", "cancelled", "accepted", "unknown"],
        ["result"] = ["hit", "miss", "bypass", "error"],
        ["tier"] = ["direct", "in_flight", "semantic", "none"],
        ["status"] = ["completed", "failed"],
    };

    [Fact]
    public async Task No_word_of_a_caller_s_becomes_a_label()
    {
        await using var app = await ProxyApp.StartAsync();
        using var measured = new Instruments(app);
        var calls = 0;
        await CallAsync("marker71c9");
        var series = measured.Series;
        await CallAsync("word-two");
        await CallAsync("ein-anderes");

        Assert.Equal(series, measured.Series);
        Assert.Equal(Names.Keys.Order(StringComparer.Ordinal), series.Select(s => s.Split(' ')[0]).Distinct());
        foreach (var ofOne in measured.Labels.GroupBy(l => l.Instrument)) Assert.Equal(Names[ofOne.Key], ofOne.Select(l => l.Label).Distinct());
        foreach (var (_, label, value) in measured.Labels)
        {
            if (label == "status_code") Assert.True(value.Length == 3 && value.All(char.IsAsciiDigit), value);
            else Assert.Contains(value, Values[label]);
        }

        async Task CallAsync(string word)
        {
            // One good life first, so that every instrument has something to say.
            var id = (await SendAsync(
                "POST", "v1/videos", new { model = Model, prompt = $"A {word} boat" }, Semantic, ("Idempotency-Key", word), ("x-request-id", word),
                ("User-Agent", word))).Id;
            _ = (await SendAsync("POST", "v1/videos", new { model = Model, prompt = $"a {word} boat" }, Semantic)).Id;
            var failed = (await SendAsync("POST", "v1/videos", new { model = Model, prompt = $"{word} FAIL {word}" }, Semantic, ("X-Stainless-Lang", word))).Id;
            app.Time.Advance(TimeSpan.FromMinutes(5));
            foreach (var path in new[] { id, failed, $"{id}/content?{word}={word}" }) _ = (await SendAsync("GET", "v1/videos/" + path)).Status;

            foreach (var (method, path) in new[]
            {
                ("GET", $"v1/videos/{word}"), ("GET", $"v1/videos/{word}:openai"), ("GET", $"v1/videos/{word}:{word}"), ("GET", $"v1/videos/x:{word}"), (
                    "DELETE", $"v1/videos/{word}:gemini"), (
                    "DELETE", $"v1/videos/{word}:{word}"),
                ("GET", $"v1/videos/{word}:luma/content"), ("GET", $"v1/videos/{id}/content?variant={word}"), ("GET", $"v1/videos/{id}/{word}"), (
                    "GET", $"v1/videos?after={word}"), (
                    "GET", $"v1/videos?order={word}"),
                ("GET", $"v1/videos/characters/{word}"), ("GET", $"v1/models?{word}"), (word.ToUpperInvariant(), "v1/videos"), (word, $"v1/videos/{id}"), (
                    "PATCH", $"v1/videos/{word}/{word}/{word}"), ("OPTIONS", "v1/videos"),
            }) _ = await SendAsync(method, path);
            foreach (var body in new object[]
            {
                new { model = word, prompt = word }, new { model = $"openai/{word}", prompt = word }, new { model = $"{word}/sora-2", prompt = word },
                new { model = Model, prompt = word, seconds = word }, new { model = Model, prompt = word, size = word },
                $$"""{"{{word}}":"{{word}}"}""", word,
            }) _ = await SendAsync("POST", "v1/videos", body);
            foreach (var header in new[] { "x-remix-cache", "x-remix-cache-threshold", "x-remix-cache-ttl", "Cache-Control" })
                _ = await SendAsync("POST", "v1/videos", new { model = Model, prompt = $"{word} {header}" }, (header, word));
            foreach (var operation in new[] { "edits", "extensions", word })
                _ = await SendAsync("POST", "v1/videos/" + operation, new { prompt = word, seconds = "4", video = new { id = word + ":runway" } });
            _ = await SendAsync("POST", $"v1/videos/{word}:openai/remix", new { prompt = word });
            await measured.AnsweredAsync(calls);
        }

        Task<Reply> SendAsync(string method, string path, object? body = null, params (string, string)[] headers)
        {
            calls++;
            return app.CallAsync(method, path, body, headers);
        }
    }
}
