using System.Text;
using RemixProxy.Adapters;
using RemixProxy.Providers.Kit;

namespace RemixProxy.Tests.Providers.Kit;

/// <summary>Refusals read by rules.</summary>
public class ErrorRulesTests
{
    private static readonly ErrorRules Rules = new()
    {
        Problems = "detail",
        Params = ["error.param"],
        Names = new Dictionary<string, string>(StringComparer.Ordinal) { ["length"] = "seconds", ["settings"] = "" },
        Rules =
        [
            new(ProviderErrorKind.Moderation) { Statuses = [400, 422], Codes = ["blocked"] },
            new(ProviderErrorKind.RateLimited) { Codes = ["busy"], Says = ["too many*today"] },
            new(ProviderErrorKind.ModelNotFound) { Fields = ["model"] },
            new(ProviderErrorKind.NotFound) { When = fault => fault.Param == "seconds" },
        ],
    };

    [Theory]
    [InlineData(400, """{"code":"BLOCKED"}""", ProviderErrorKind.Moderation)]
    [InlineData(403, """{"code":"blocked"}""", ProviderErrorKind.ByStatus)]
    [InlineData(422, """{"error":{"type":"blocked"}}""", ProviderErrorKind.Moderation)]
    [InlineData(422, """{"error":[{"type":"blocked"}]}""", ProviderErrorKind.ByStatus)]
    [InlineData(400, """{"code":"busy","message":"Too many videos made today."}""", ProviderErrorKind.RateLimited)]
    [InlineData(400, """{"code":"busy","message":"today too many"}""", ProviderErrorKind.ByStatus)]
    [InlineData(422, """{"detail":[{"loc":["body","model"],"msg":"unknown"}]}""", ProviderErrorKind.ModelNotFound)]
    [InlineData(422, """{"detail":[{"loc":["body","settings","length"],"msg":"too long"}]}""", ProviderErrorKind.NotFound)]
    [InlineData(408, """{"code":"busy","message":"too many today"}""", ProviderErrorKind.ByStatus)]
    [InlineData(500, """{"code":"busy","message":"too many today"}""", ProviderErrorKind.ByStatus)]
    [InlineData(302, """{"code":"busy","message":"too many today"}""", ProviderErrorKind.ByStatus)]
    [InlineData(200, """{"code":"busy","message":"too many today"}""", ProviderErrorKind.RateLimited)]
    [InlineData(400, "<html>", ProviderErrorKind.ByStatus)]
    [InlineData(400, "[1]", ProviderErrorKind.ByStatus)]
    public void The_first_rule_that_fits_decides_and_none_does_where_something_may_have_been_made(int status, string body, ProviderErrorKind kind) =>
        Assert.Equal(kind, Rules.Read(Response(status, body)).Kind);

    [Theory]
    [InlineData("""{"message":"a","error":"b"}""", "a", null)]
    [InlineData("""{"error":{"message":"b"}}""", "b", null)]
    [InlineData("""{"error":{"msg":"c"}}""", "c", null)]
    [InlineData("""{"error":null,"detail":"d"}""", "d", null)]
    [InlineData("""{"message":"a","detail":[{"path":["length",0],"message":"long"},{"msg":"bad"},"odd"]}""", "a: length.0: long; bad; odd", "seconds")]
    [InlineData("""{"detail":[{"loc":["body","other"],"msg":"x"}]}""", "other: x", null)]
    [InlineData("""{"message":5}""", null, null)]
    [InlineData("""{"error":{"message":"e","param":"length"}}""", "e", "seconds")]
    [InlineData("""{"error":{"message":"e","param":"other"}}""", "e", null)]
    public void Text_and_field_are_found_where_they_may_stand(string body, string? message, string? param)
    {
        var error = Rules.Read(Response(400, body));

        Assert.Equal((message, param), (error.Message, error.Param));
    }

    [Theory]
    [InlineData("Retry-After", "7", 7.0)]
    [InlineData("retry-after-ms", "1500", 1.5)]
    [InlineData("Retry-After", "soon", null)]
    public void A_wait_is_read_from_the_headers(string header, string value, double? seconds) =>
        Assert.Equal(seconds, Rules.Read(Response(429, "{}", (header, value))).RetryAfter?.TotalSeconds);

    [Theory]
    [InlineData("The model x was not found", true, "model*not found")]
    [InlineData("not found: model", false, "model*not found")]
    [InlineData("Blocked by POLICY", true, "nothing", "blocked*polic")]
    [InlineData(null, false, "a")]
    public void A_star_in_a_phrase_stands_for_any_text(string? text, bool says, params string[] phrases) => Assert.Equal(says, text.Says(phrases));

    private static NativeResponse Response(int status, string body, params (string Name, string Value)[] headers) =>
        new(status, headers.ToDictionary(h => h.Name, h => h.Value, StringComparer.OrdinalIgnoreCase), Encoding.UTF8.GetBytes(body));
}
