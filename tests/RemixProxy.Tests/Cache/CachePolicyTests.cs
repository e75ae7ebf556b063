using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using RemixProxy.Cache;
using RemixProxy.Contract;
using RemixProxy.Operations.Submit;

namespace RemixProxy.Tests.Cache;

/// <summary>What requests may ask of the cache.</summary>
public class CachePolicyTests
{
    [Fact]
    public void Without_headers_the_operator_s_settings_hold()
    {
        var policy = Read(new() { Mode = CacheMode.Semantic, Threshold = 0.9, Ttl = TimeSpan.FromHours(2) });
        Assert.Equal((CacheMode.Semantic, 0.9, TimeSpan.FromHours(2), null), (policy.Mode, policy.Threshold, policy.Ttl, policy.Bypass));
        Assert.Equal("off", Read(new()).Bypass);
    }

    [Theory]
    [InlineData("off", CacheMode.Off)]
    [InlineData("exact", CacheMode.Exact)]
    [InlineData("semantic", CacheMode.Semantic)]
    public void A_request_sets_its_own_mode(string value, CacheMode mode)
    {
        foreach (var set in Enum.GetValues<CacheMode>()) Assert.Equal(mode, Read(new() { Mode = set }, ("x-remix-cache", value)).Mode);
    }

    [Theory]
    [InlineData("0", 0)]
    [InlineData("1", 1)]
    [InlineData("1.0", 1)]
    [InlineData(".5", 0.5)]
    [InlineData("0.123456789", 0.123456789)]
    public void A_threshold_is_a_fraction(string value, double threshold) =>
        Assert.Equal(threshold, Read(new() { Threshold = 0.7 }, ("x-remix-cache-threshold", value)).Threshold);

    [Theory]
    [InlineData("1", 1)]
    [InlineData("31536000", 31536000)]
    public void A_lifetime_is_in_whole_seconds(string value, int seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), Read(new(), ("x-remix-cache-ttl", value)).Ttl);

    [Theory]
    [InlineData("x-remix-cache", "on")]
    [InlineData("x-remix-cache", "exact, off")]
    [InlineData("x-remix-cache", "1")]
    [InlineData("x-remix-cache-threshold", "1.0001")]
    [InlineData("x-remix-cache-threshold", "-0.5")]
    [InlineData("x-remix-cache-threshold", "NaN")]
    [InlineData("x-remix-cache-threshold", "95%")]
    [InlineData("x-remix-cache-threshold", "0,95")]
    [InlineData("x-remix-cache-threshold", "1e-1")]
    [InlineData("x-remix-cache-ttl", "0")]
    [InlineData("x-remix-cache-ttl", "-1")]
    [InlineData("x-remix-cache-ttl", "1.5")]
    [InlineData("x-remix-cache-ttl", "31536001")]
    [InlineData("x-remix-cache-ttl", "99999999999999999999")]
    public void Anything_else_is_refused_by_the_header_s_name(string name, string value)
    {
        var error = Assert.Throws<ApiException>(() => Read(new(), (name, value))).Error;
        Assert.Equal((400, "invalid_value", name), (error.Status, error.Code, error.Param));
    }

    [Theory]
    [InlineData("no-cache", true, false)]
    [InlineData("No-Cache", true, false)]
    [InlineData("max-age=0, no-cache", true, false)]
    [InlineData("no-store", false, true)]
    [InlineData("no-store, no-cache", true, true)]
    [InlineData("max-age=0", false, false)]
    [InlineData("private=\"x", false, false)]
    [InlineData("no-cache, =", false, false)]
    [InlineData("", false, false)]
    public void Cache_control_is_read_as_http_writes_it(string value, bool noCache, bool noStore)
    {
        var policy = Read(new() { Mode = CacheMode.Exact }, ("Cache-Control", value));
        Assert.Equal((noCache, noStore), (policy.NoCache, policy.NoStore));
        Assert.Equal(noStore ? "no-store" : null, policy.Bypass);
    }

    [Fact]
    public void Cache_control_may_stand_in_several_lines()
    {
        var policy = Read(new() { Mode = CacheMode.Exact }, ("Cache-Control", "max-age=0"), ("Cache-Control", "no-cache"));
        Assert.True(policy.NoCache);
    }

    [Theory]
    [InlineData("""{"prompt":"x"}""", false)]
    [InlineData("""{"prompt":"x","style":"noir","steps":[1,{"a":true}]}""", false)]
    [InlineData("""{"prompt":"x with a https://a.example/b"}""", false)]
    [InlineData("""{"prompt":"x","seed":1}""", true)]
    [InlineData("""{"prompt":"x","options":{"Seed":1}}""", true)]
    [InlineData("""{"prompt":"x","options":"{\"seed\":1}"}""", true)]
    [InlineData("""{"prompt":"x","input_reference":{"image_url":"data:image/png;base64,AAEC"}}""", true)]
    [InlineData("""{"prompt":"x","input_reference":{"image_url":"https://a.example/b.png"}}""", true)]
    [InlineData("""{"prompt":"x","input_reference":{"file_id":"file_1"}}""", true)]
    [InlineData("""{"prompt":"x","keyframes":[{"uri":"https://a.example/b.png"}]}""", true)]
    [InlineData("""{"prompt":"x","keyframes":[{"uri":"runway://abc"}]}""", true)]
    [InlineData("""{"prompt":"x","keyframes":"[{\"uri\":\"data:image/png;base64,AAEC\"}]"}""", true)]
    public void A_seed_a_file_or_an_image_is_matched_exactly_only(string json, bool isParticular)
    {
        var body = RequestBody.Of(JsonNode.Parse(json)!.AsObject());
        var intent = SubmitIntent.Read(VideoOperation.Create, body, null);
        Assert.Equal(isParticular ? CacheMode.Exact : CacheMode.Semantic, intent.PolicyOf(Read(new() { Mode = CacheMode.Semantic })).Mode);
        Assert.Equal(CacheMode.Off, intent.PolicyOf(Read(new())).Mode);
    }

    private static CachePolicy Read(CacheOptions options, params (string Name, string Value)[] headers)
    {
        var request = new DefaultHttpContext().Request;
        foreach (var (name, value) in headers) request.Headers.Append(name, value);
        return CacheHeaders.Read(request, options);
    }
}
