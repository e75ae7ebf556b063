using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace RemixProxy.FunctionalTests.Submits;

/// <summary>What every error looks like.</summary>
internal static class ErrorForm
{
    public static void Check(Reply reply)
    {
        Assert.Equal("application/json", reply.Header("Content-Type"));
        Assert.StartsWith("req_", reply.Header("x-request-id"), StringComparison.Ordinal);
        Assert.Equal(["error", "extra_fields"], reply.Json.Select(p => p.Key));
        var error = reply.Json["error"]!.AsObject();
        Assert.Equal(["message", "type", "param", "code"], error.Select(p => p.Key));
        Assert.Equal(TypeOf(reply.Status), error["type"]!.GetValue<string>());
        Assert.NotEqual("", error["message"]!.GetValue<string>());
        Assert.True(error["param"] is null || error["param"]!.GetValueKind() == JsonValueKind.String);
        Assert.NotEqual("", reply.Json["extra_fields"]!["request_type"]!.GetValue<string>());
        Assert.True(reply.Header("x-should-retry") is null or "false");
        if (reply.Header("Retry-After") is { } wait) Assert.InRange(int.Parse(wait, NumberStyles.None, CultureInfo.InvariantCulture), 1, 60);
        if (reply.Status == 429) Assert.NotNull(reply.Header("Retry-After"));
        // What no repeat can mend says so: the SDKs send 409, 429 and 5xx again.
        if (reply.Status is < 500 and not (409 or 429)) Assert.Equal("false", reply.Header("x-should-retry"));
    }

    private static string TypeOf(int status) => status switch
    {
        401 => "authentication_error",
        403 => "permission_error",
        429 => "rate_limit_error",
        424 or >= 500 => "api_error",
        _ => "invalid_request_error",
    };
}
