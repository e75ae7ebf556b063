using System.Text.Json;
using System.Text.RegularExpressions;
using RemixProxy.FunctionalTests.Kit;

namespace RemixProxy.FunctionalTests.Errors;

/// <summary>Any text in place of an id reaches a provider as one path segment of the right collection, or not at all.</summary>
public partial class NastyIdTests
{
    private static readonly string[] Pieces =
    [
        "a", "video_1", "..", ".", "/", "//", "\\", "%2F", "%2f", "%252F", "%5C", "%00", "%0d%0a", "%2e%2e", "..%2F", "%2e%2e%2f", ";", ";x=1", "%3F", "%23",
        "@", "@evil.example", "//evil.example",
        "http:%2F%2Fevil.example", ":", "%3A", "::", "~", "~Li4", "~Li4vLi4v", "~Li8", "é", "%C3%A9", "%ff", "%ED%A0%80", "\u202e", "%F0%9F%8E%AC", " ", "+",
        "%20", "%25", "%", "&", "=", "$", "'", "\"", "<", "*", "(", "|",
    ];

    private static readonly string[] Ends = [":openai", ":gemini", ":luma", ":runway", ":openai:openai", "%3Aopenai", ":evil.example", "", ":", ":openai/",
        ":openai%2F.."];

    [Fact]
    public async Task No_id_leaves_its_segment_upstream()
    {
        await using var app = await ProxyApp.StartAsync();
        var random = new Random(20261122);
        var hosts = new HashSet<string>(StringComparer.Ordinal) { app.Sandbox.Address.Authority };
        string[] ids =
        [
            .. Pieces.SelectMany(_ => Ends, (piece, end) => piece + end).Where((_, i) => i % 3 == 0),
            .. Enumerable.Range(0, 150).Select(_ => string.Concat(random.GetItems(Pieces, random.Next(1, 5))) + random.GetItems(Ends, 1)[0]),
        ];

        var asked = 0;
        foreach (var id in ids)
        {
            var seen = app.Sandbox.Requests.Count;
            foreach (var (method, path) in new[] { ("GET", $"v1/videos/{id}"), ("GET", $"v1/videos/{id}/content"), ("DELETE", $"v1/videos/{id}"),
                ("POST", $"v1/videos/{id}/remix") })
            {
                using var request = Calls.Request(method, "x", method == "POST" ? new { prompt = "x" } : null);
                // As it is: the client must not tidy the path up.
                if (!Uri.TryCreate(app.Http.BaseAddress + Ascii(path), new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true },
                    out var url)) continue;
                request.RequestUri = url;
                var reply = await app.SendAsync(request);
                Assert.True(reply.Status is 200 or 400 or 403 or 404 or 405, $"{method} {path}: {reply.Status} {reply.Text}");
            }

            using var body = Calls.Request(
                "POST", "v1/videos/extensions", JsonSerializer.Serialize(new { prompt = "x", seconds = "4", video = new { id = Uri.UnescapeDataString(id) } }));
            var extension = await app.SendAsync(body);
            Assert.True(extension.Status is 400 or 404, $"{id}: {extension.Status} {extension.Text}");

            foreach (var request in app.Sandbox.Requests.Skip(seen))
            {
                asked++;
                Assert.True(OneSegment().IsMatch(request.PathAndQuery), $"{id} became {request.PathAndQuery}");
                Assert.Contains(request.Headers["Host"], hosts);
            }

            if (app.Sandbox.Requests.Count > 900) break;
        }

        Assert.InRange(asked, 50, int.MaxValue);
        Assert.Equal(0, app.SubmitsSeen());
    }

    private static string Ascii(string path) => string.Concat(path.Select(c => c is ' ' or > '~' ? Uri.EscapeDataString(c.ToString()) : c.ToString()));

    [GeneratedRegex(@"^/(openai/openai/v1/videos|gemini/gemini/v1beta/interactions|luma/luma/v1/generations|runway/runway/v1/tasks)/(?!\.{1,2}(/|$))[A-Za-z0-9._~%-]+$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex OneSegment();
}
