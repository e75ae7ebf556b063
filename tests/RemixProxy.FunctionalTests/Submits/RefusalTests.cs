using System.Globalization;
using RemixProxy.FunctionalTests.Kit;

namespace RemixProxy.FunctionalTests.Submits;

/// <summary>What a provider's refusal of a submit means (CONTRACT §6), and whether an alias goes on to its next target.</summary>
public sealed class RefusalTests(FaultyProviders providers) : IClassFixture<FaultyProviders>
{
    public static TheoryData<string, int, string, int, string, bool> Refusals()
    {
        var rows = new TheoryData<string, int, string, int, string, bool>();
        foreach (var type in FaultyProviders.Types)
        {
            foreach (var status in new[] { 400, 422 }) rows.Add(type, status, "{}", 400, "invalid_value", false);
            foreach (var status in new[] { 401, 402, 403 }) rows.Add(type, status, "{}", 502, "provider_auth_failed", true);
            foreach (var status in new[] { 404, 410 }) rows.Add(type, status, "{}", 404, "model_not_found", true);
            foreach (var status in new[] { 405, 501 }) rows.Add(type, status, "{}", 400, "unsupported_operation", true);
            rows.Add(type, 429, "{}", 429, "rate_limit_exceeded", true);
            foreach (var status in new[] { 301, 302, 307, 308, 304, 409, 413, 418, 451 }) rows.Add(type, status, "{}", 502, "provider_error", false);
            foreach (var status in new[] { 408, 500, 502, 503, 504, 529, 599 }) rows.Add(type, status, "{}", 424, "submission_unknown", false);
            // A gateway's page says no more than its status.
            rows.Add(type, 400, "<html>Bad Request</html>", 400, "invalid_value", false);
            rows.Add(type, 502, "<html>Bad Gateway</html>", 424, "submission_unknown", false);
        }

        rows.Add("openai", 400, """{"error":{"message":"Blocked.","type":"invalid_request_error","param":"prompt","code":"moderation_blocked"}}""", 400,
            "content_policy_violation", false);
        rows.Add("openai", 404,
            """{"error":{"message":"The model `sora-9` does not exist","type":"invalid_request_error","param":null,"code":"model_not_found"}}""", 404,
            "model_not_found", true);
        rows.Add("openai", 404, """{"detail":"Not Found"}""", 400, "unsupported_operation", true);
        rows.Add("openai", 404, "404 page not found", 400, "unsupported_operation", true);
        rows.Add("openai", 429, """{"error":{"message":"Out of quota.","type":"insufficient_quota","param":null,"code":"insufficient_quota"}}""", 429,
            "insufficient_quota", true);
        rows.Add("openai", 500, """{"error":{"message":"Blocked.","type":"server_error","param":null,"code":"moderation_blocked"}}""", 424,
            "submission_unknown", false);
        rows.Add("gemini", 400, """{"error":{"code":400,"message":"API key not valid. Please pass a valid API key.","status":"INVALID_ARGUMENT"}}""", 502,
            "provider_auth_failed", true);
        rows.Add("gemini", 400, """{"error":{"code":400,"message":"The prompt was blocked by our PROHIBITED_CONTENT policy.","status":"INVALID_ARGUMENT"}}""",
            400, "content_policy_violation", false);
        rows.Add("gemini", 404, """{"error":{"code":404,"message":"models/x is not found or is not supported for interactions.","status":"NOT_FOUND"}}""", 404,
            "model_not_found", true);
        rows.Add("gemini", 429, """{"error":{"code":429,"message":"Check your plan and billing details.","status":"RESOURCE_EXHAUSTED"}}""", 429,
            "insufficient_quota", true);
        rows.Add("luma", 400, """{"detail":"content_moderated: the prompt was rejected by moderation."}""", 400, "content_policy_violation", false);
        rows.Add("luma", 400, """{"detail":[{"loc":["body","model"],"msg":"unknown"}]}""", 404, "model_not_found", true);
        rows.Add("luma", 403, """{"detail":"No budget.","code":"budget_exhausted"}""", 429, "insufficient_quota", true);
        rows.Add(
            "runway", 400, """{"error":"Input rejected by moderation: the prompt violates our content policy."}""", 400, "content_policy_violation", false);
        rows.Add("runway", 400, """{"error":"You do not have enough credits to run this task."}""", 429, "insufficient_quota", true);
        rows.Add("runway", 400, """{"error":"Validation of body failed","issues":[{"path":["model"],"message":"unknown"}]}""", 404, "model_not_found", true);
        rows.Add("ark", 400, """{"error":{"code":"InputTextSensitiveContentDetected","message":"The input text may contain sensitive information."}}""", 400,
            "content_policy_violation", false);
        rows.Add("ark", 401, """{"error":{"code":"AuthenticationError","message":"The API key is missing or invalid."}}""", 502, "provider_auth_failed", true);
        rows.Add("ark", 403, """{"error":{"code":"AccountOverdueError","message":"Your account has an overdue balance."}}""", 429, "insufficient_quota", true);
        rows.Add("ark", 404, """{"error":{"code":"ModelNotOpen","message":"Your account has not activated the model."}}""", 404, "model_not_found", true);
        rows.Add("xai", 400, """{"code":"x","error":"The prompt was rejected by content moderation."}""", 400, "content_policy_violation", false);
        rows.Add("xai", 400, """{"error":"Incorrect API key provided: xa***."}""", 502, "provider_auth_failed", true);
        rows.Add("xai", 403, """{"code":"x","error":"Your team doesn't have any credits yet."}""", 429, "insufficient_quota", true);
        rows.Add(
            "fal", 422, """{"detail":[{"loc":["body","prompt"],"msg":"no","type":"content_policy_violation"}]}""", 400, "content_policy_violation", false);
        rows.Add("fal", 403, """{"detail":"User is locked. Reason: Exhausted balance."}""", 429, "insufficient_quota", true);
        rows.Add("fal", 404, """{"detail":"Application 'acme/dream' not found"}""", 404, "model_not_found", true);
        rows.Add("replicate", 422, """{"detail":"The input was flagged as sensitive. (E005)"}""", 400, "content_policy_violation", false);
        rows.Add("replicate", 402, """{"title":"Insufficient credit","detail":"You have insufficient credit."}""", 429, "insufficient_quota", true);
        rows.Add("replicate", 422, """{"detail":"The specified version does not exist."}""", 404, "model_not_found", true);
        rows.Add("xai", 404, """{"code":"x","error":"The model grok-9 does not exist."}""", 404, "model_not_found", true);
        return rows;
    }

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task A_refusal_is_answered_as_the_table_says_and_only_what_created_nothing_goes_on_to_the_next_target(
        string type, int status, string body, int answer, string code, bool triesNext)
    {
        var (app, next) = (providers.App, FaultyProviders.NextOf(type));
        providers.Upstream.OnSubmit(type, Upstream.Answers(status, body, headers: ("Location", app.Sandbox.BaseUrl(type, "elsewhere"))));
        var (seen, seenNext) = (app.SubmitsSeen(type), app.SubmitsSeen(next));

        var alone = await app.CreateAsync(FaultyProviders.ModelOf(type), providers.NewPrompt());
        alone.AssertError(answer, code);
        Assert.Equal(code == "rate_limit_exceeded" ? null : "false", alone.Header("x-should-retry"));
        Assert.Equal(seen + 1, app.SubmitsSeen(type));

        var listed = await app.CreateAsync(type + "-first", providers.NewPrompt());
        Assert.Equal(seen + 2, app.SubmitsSeen(type));
        Assert.Equal(seenNext + (triesNext ? 1 : 0), app.SubmitsSeen(next));
        if (triesNext) Assert.EndsWith(":" + next, listed.Id, StringComparison.Ordinal);
        else listed.AssertError(answer, code);
    }

    [Theory]
    [InlineData("gemini", 404, """{"error":{"code":404,"message":"Interaction not found.","status":"NOT_FOUND"}}""", 404, "video_not_found")]
    [InlineData("gemini", 400, """{"error":{"code":400,"message":"Invalid interaction name: x","status":"INVALID_ARGUMENT"}}""", 404, "video_not_found")]
    [InlineData("gemini", 410, "{}", 410, "video_expired")]
    [InlineData("luma", 404, """{"detail":"Generation not found."}""", 404, "video_not_found")]
    [InlineData("luma", 410, "{}", 410, "video_expired")]
    [InlineData("openai", 404, """{"error":{"message":"Video with id 'x' not found.","type":"invalid_request_error","param":null,"code":"not_found"}}""", 404,
        "video_not_found")]
    [InlineData("openai", 404, """{"detail":"Not Found"}""", 400, "unsupported_operation")]
    [InlineData("openai", 410, "{}", 410, "video_expired")]
    public async Task A_source_that_is_gone_at_the_provider_is_told_from_a_missing_model(string type, int status, string body, int answer, string code)
    {
        providers.Upstream.Heal();
        var source = (await providers.App.CreateFinishedAsync(FaultyProviders.ModelOf(type), providers.NewPrompt()))["id"]!.GetValue<string>();
        providers.Upstream.OnSubmit(type, Upstream.Answers(status, body));

        foreach (var (path, wish) in new (string, object)[]
        {
            ($"v1/videos/{source}/remix", new { prompt = providers.NewPrompt() }),
            ("v1/videos/edits", new { prompt = providers.NewPrompt(), video = new { id = source } }),
            ("v1/videos/extensions", new { prompt = providers.NewPrompt(), seconds = "4", video = new { id = source } }),
        })
            (await providers.App.CallAsync("POST", path, wish)).AssertError(answer, code);
    }

    [Theory]
    [InlineData("7", 7)]
    [InlineData("0", 1)]
    [InlineData("3600", 60)]
    [InlineData("Sun, 22 Nov 2026 09:00:20 GMT", 20)]
    [InlineData("soon", 5)]
    public async Task The_providers_own_retry_after_is_handed_on_within_bounds(string said, int told)
    {
        foreach (var type in FaultyProviders.Types)
        {
            // No test moves this clock, so dates count from its present.
            providers.Upstream.OnSubmit(
                type, Upstream.Answers(
                    429, headers: ("Retry-After", DateTimeOffset.TryParse(said, CultureInfo.InvariantCulture, out _)
                        ? providers.App.Time.GetUtcNow().AddSeconds(told).ToString("R", CultureInfo.InvariantCulture) : said)));
            var reply = await providers.App.CreateAsync(FaultyProviders.ModelOf(type), providers.NewPrompt());
            Assert.Equal((429, told.ToString(CultureInfo.InvariantCulture)), (reply.Status, reply.Header("Retry-After")));
        }
    }

    [Fact]
    public async Task What_a_later_target_can_t_express_hides_nothing_of_what_the_first_one_said()
    {
        providers.Upstream.OnSubmit("luma", Upstream.Answers(429));
        var seen = providers.App.SubmitsSeen("runway");

        // Longer than runway's gen4.5 takes.
        (await providers.App.CreateAsync("luma-first", new string('a', 1500))).AssertError(429, "rate_limit_exceeded");
        Assert.Equal(seen, providers.App.SubmitsSeen("runway"));
    }
}
