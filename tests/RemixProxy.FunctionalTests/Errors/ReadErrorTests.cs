using Microsoft.AspNetCore.Http;
using RemixProxy.FunctionalTests.Kit;

namespace RemixProxy.FunctionalTests.Errors;

/// <summary>
/// Providers that fail while they are asked for a video, told to delete it, or serve its bytes: an error that says so, and a video that is still there.
/// </summary>
public sealed class ReadErrorTests(FaultyProviders providers) : IClassFixture<FaultyProviders>
{
    private static readonly Dictionary<string, Func<HttpContext, RequestDelegate, Task>> Broken = new(StringComparer.Ordinal)
    {
        ["drop"] = Upstream.Drops,
        ["half a body"] = Upstream.BreaksOff,
        ["no brotli"] = Upstream.Answers(200, "brotli?", headers: ("Content-Encoding", "br")),
        ["no gzip"] = Upstream.Answers(200, "gzip?", headers: ("Content-Encoding", "GZip")),
        ["garbage"] = Upstream.Answers(200, "<html>It works!</html>", "text/html"),
        ["JSON"] = Upstream.Answers(200, """{"error":"later"}"""),
    };

    public static TheoryData<string, string, int, string> Retrieves() => Rows(
        FaultyProviders.Types,
        [("400", 404, "video_not_found"), ("401", 502, "provider_auth_failed"), ("403", 502, "provider_auth_failed"), ("404", 404, "video_not_found"),
        ("410", 410, "video_expired"),
            ("429", 429, "rate_limit_exceeded"), ("302", 502, "provider_error"), ("408", 502, "provider_error"), ("409", 502, "provider_error"),
            ("500", 502, "provider_error"), ("503", 502, "provider_error"),
            ("drop", 503, "provider_unavailable"), ("half a body", 502, "provider_error"), ("no brotli", 502, "provider_error"),
            ("no gzip", 502, "provider_error"), ("garbage", 502, "provider_invalid_response")]);

    public static TheoryData<string, string, int, string> Deletes() => Rows(
        ["gemini", "runway", "openai"],
        [("400", 400, "invalid_value"), ("401", 502, "provider_auth_failed"), ("429", 429, "rate_limit_exceeded"), ("409", 502, "provider_error"),
        ("405", 400, "unsupported_operation"),
            ("500", 502, "provider_error"), ("drop", 503, "provider_unavailable")]);

    // Without a key a 403 is a signature whose time is over, with one it is the key that is refused.
    public static TheoryData<string, string, int, string> Contents() => new(
        Rows(["assets"], [("403", 410, "video_expired")]).Concat(
            Rows(["openai"], [("401", 502, "provider_auth_failed"), ("403", 502, "provider_auth_failed")])).Concat(EitherWay()).Select(row => row.Data));

    private static TheoryData<string, string, int, string> EitherWay() => Rows(
        ["assets", "openai"],
        [("404", 410, "video_expired"), ("410", 410, "video_expired"), ("429", 429, "rate_limit_exceeded"), ("500", 502, "provider_error"),
        ("503", 502, "provider_error"),
            ("drop", 503, "provider_unavailable"), ("garbage", 502, "provider_invalid_response"), ("JSON", 502, "provider_invalid_response")]);

    [Fact]
    public async Task A_file_that_gemini_has_no_more_is_gone_although_it_says_403()
    {
        var app = providers.App;
        providers.Upstream.Heal();
        var id = (await app.CreateFinishedAsync("gemini/gemini-omni-1.1-flash", providers.NewPrompt()))["id"]!.GetValue<string>();
        var gone = Upstream.Answers(
            403, """{"error":{"code":403,"message":"You do not have permission to access the File x or it may not exist.","status":"PERMISSION_DENIED"}}""");
        providers.Upstream.On("gemini", r => r.Path.Value!.Contains("files", StringComparison.Ordinal), gone);
        (await app.CallAsync("GET", $"v1/videos/{id}/content")).AssertError(410, "video_expired");
    }

    [Theory]
    [MemberData(nameof(Retrieves))]
    public async Task A_poll_that_fails_is_an_error_and_the_next_one_works(string type, string fault, int status, string code)
    {
        var app = providers.App;
        providers.Upstream.Heal();
        var id = (await app.CreateAsync(FaultyProviders.ModelOf(type), providers.NewPrompt())).Id;
        // Before that an OpenAI-compatible server may not know the job yet.
        app.Time.Advance(TimeSpan.FromSeconds(31));
        providers.Upstream.On(type, TestedProviders.IsPoll, FaultOf(fault));
        var reply = await app.CallAsync("GET", "v1/videos/" + id);
        reply.AssertError(status, code);
        if (status == 429) Assert.Equal("9", reply.Header("Retry-After"));

        providers.Upstream.Heal();
        app.Time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal("completed", (await app.GetAsync("v1/videos/" + id))["status"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_poll_that_hangs_ends_with_the_provider_s_time()
    {
        var (app, gate) = (providers.App, new Gate());
        providers.Upstream.Heal();
        var id = (await app.CreateAsync("luma/ray-3.2", providers.NewPrompt())).Id;
        app.Time.Advance(TimeSpan.FromSeconds(10));
        providers.Upstream.On("luma", r => r.Method == "GET", gate.HoldAsync);
        var hanging = app.CallAsync("GET", "v1/videos/" + id);
        await gate.Arrived;
        app.Time.Advance(TimeSpan.FromMinutes(5));
        (await hanging).AssertError(504, "provider_timeout");
    }

    [Theory]
    [MemberData(nameof(Deletes))]
    public async Task A_delete_that_fails_is_an_error_and_the_video_stays(string type, string fault, int status, string code)
    {
        var app = providers.App;
        providers.Upstream.Heal();
        var id = (await app.CreateFinishedAsync(FaultyProviders.ModelOf(type), providers.NewPrompt()))["id"]!.GetValue<string>();
        providers.Upstream.On(type, r => r.Method == "DELETE", FaultOf(fault));
        (await app.CallAsync("DELETE", "v1/videos/" + id)).AssertError(status, code);
        providers.Upstream.Heal();
        Assert.Equal("completed", (await app.GetAsync("v1/videos/" + id))["status"]!.GetValue<string>());
        Assert.Contains(id, await app.ListAsync());
    }

    [Theory]
    [InlineData("gemini", 404)]
    [InlineData("runway", 404)]
    [InlineData("openai", 404)]
    [InlineData("openai", 410)]
    public async Task A_delete_of_what_is_gone_is_a_success(string type, int status)
    {
        var app = providers.App;
        providers.Upstream.Heal();
        var id = (await app.CreateFinishedAsync(FaultyProviders.ModelOf(type), providers.NewPrompt()))["id"]!.GetValue<string>();
        providers.Upstream.On(type, r => r.Method == "DELETE", Upstream.Answers(status));
        Assert.True((await app.CallAsync("DELETE", "v1/videos/" + id)).Json["deleted"]!.GetValue<bool>());
        providers.Upstream.Heal();
        (await app.CallAsync("GET", "v1/videos/" + id)).AssertError(404, "video_not_found");
    }

    [Theory]
    [MemberData(nameof(Contents))]
    public async Task Bytes_that_can_t_be_had_are_an_error_never_a_video(string from, string fault, int status, string code)
    {
        var app = providers.App;
        providers.Upstream.Heal();
        var id = (await app.CreateFinishedAsync(from == "openai" ? "openai/sora-2" : "luma/ray-3.2", providers.NewPrompt()))["id"]!.GetValue<string>();
        app.Time.Advance(TimeSpan.FromMinutes(1));
        providers.Upstream.On(from, r => from == "assets" || r.Path.Value!.EndsWith("/content", StringComparison.Ordinal), FaultOf(fault));
        var reply = await app.CallAsync("GET", $"v1/videos/{id}/content");
        reply.AssertError(status, code);
        if (status == 429) Assert.Equal("9", reply.Header("Retry-After"));
    }

    private static Func<HttpContext, RequestDelegate, Task> FaultOf(string name) =>
        int.TryParse(name, out var status) ? Upstream.Answers(status, headers: ("Retry-After", "9")) : Broken[name];

    private static TheoryData<string, string, int, string> Rows(IEnumerable<string> types, (string Fault, int Status, string Code)[] rows) =>
        new(types.SelectMany(_ => rows, (type, row) => (type, row.Fault, row.Status, row.Code)));
}
