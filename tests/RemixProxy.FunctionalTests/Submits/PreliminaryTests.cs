using Microsoft.AspNetCore.Http;
using RemixProxy.FunctionalTests.Kit;

namespace RemixProxy.FunctionalTests.Submits;

/// <summary>
/// What comes before a submit, an upload or a fresh URL of the source, costs nothing: where it fails nothing is submitted, and the error may be sent again.
/// </summary>
public class PreliminaryTests
{
    private static readonly Dictionary<string, Func<HttpContext, RequestDelegate, Task>> Faults = new(StringComparer.Ordinal)
    {
        ["500"] = Upstream.Answers(500),
        ["408"] = Upstream.Answers(408),
        ["401"] = Upstream.Answers(401),
        ["429"] = Upstream.Answers(429),
        ["drop"] = Upstream.Drops,
        ["half a body"] = Upstream.BreaksOff,
        ["garbage"] = Upstream.Answers(200, "<html>"),
    };

    public static TheoryData<string, string, int, string> Uploads => new()
    {
        { "uploads", "500", 502, "provider_error" },
        { "uploads", "408", 502, "provider_error" },
        { "uploads", "401", 502, "provider_auth_failed" },
        { "uploads", "429", 429, "rate_limit_exceeded" },
        { "uploads", "drop", 503, "provider_unavailable" },
        { "uploads", "half a body", 503, "provider_unavailable" },
        { "uploads", "garbage", 502, "provider_invalid_response" },
        { "bucket", "500", 502, "provider_error" },
        { "bucket", "401", 502, "provider_error" },
        { "bucket", "drop", 503, "provider_unavailable" },
    };

    public static TheoryData<string, int, string> Refreshes => new()
    {
        { "500", 502, "provider_error" },
        { "401", 502, "provider_auth_failed" },
        { "429", 429, "rate_limit_exceeded" },
        { "drop", 503, "provider_unavailable" },
        { "half a body", 502, "provider_error" },
        { "garbage", 502, "provider_invalid_response" },
    };

    [Theory]
    [MemberData(nameof(Uploads))]
    public async Task Where_an_upload_to_runway_fails_nothing_is_submitted(string where, string fault, int status, string code)
    {
        var upstream = new Upstream();
        await using var app = await ProxyApp.StartAsync(
            new() { Sandbox = upstream.Sandbox with { SeparateAssetHost = true }, Settings = { ["RemixProxy:Providers:runway:AssetHosts:0"] = "127.0.0.1" } });
        if (where == "uploads") upstream.On("runway", r => r.Path.Value!.EndsWith("/uploads", StringComparison.Ordinal), Faults[fault]);
        else upstream.On("uploads", _ => true, Faults[fault]);

        using var form = new MultipartFormDataContent { { new StringContent("snow"), "prompt" }, { new StringContent("runway/aleph2"), "model" },
            { new ByteArrayContent(new byte[100]), "video", "a.mp4" } };
        using var request = new HttpRequestMessage(HttpMethod.Post, "v1/videos/edits") { Content = form };
        (await app.SendAsync(request)).AssertError(status, code);
        Assert.Equal(0, app.SubmitsSeen());
    }

    [Theory]
    [MemberData(nameof(Refreshes))]
    public async Task Where_the_source_gets_no_fresh_url_nothing_is_submitted(string fault, int status, string code)
    {
        var upstream = new Upstream();
        await using var app = await ProxyApp.StartAsync(new() { Sandbox = upstream.Sandbox });
        var source = (await app.CreateFinishedAsync("runway/gen4.5"))["id"]!.GetValue<string>();
        app.Time.Advance(TimeSpan.FromMinutes(1));
        upstream.On("runway", r => r.Method == "GET", Faults[fault]);
        (await app.CallAsync("POST", $"v1/videos/{source}/remix", new { prompt = "snow" })).AssertError(status, code);
        Assert.Equal(1, app.SubmitsSeen());

        upstream.Heal();
        app.Time.Advance(TimeSpan.FromMinutes(1));
        _ = (await app.CallAsync("POST", $"v1/videos/{source}/remix", new { prompt = "snow" })).Id;
    }
}
