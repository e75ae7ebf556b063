using System.Net;
using RemixProxy.FunctionalTests.Kit;

namespace RemixProxy.FunctionalTests.Content;

/// <summary>
/// Bytes of finished videos, alike at every provider: with a key at gemini and openai, from signed addresses at luma and runway, which refuse a key.
/// </summary>
public class ContentTests(FinishedVideos videos) : IClassFixture<FinishedVideos>
{
    public static TheoryData<string> Providers => [.. FinishedVideos.Providers];

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Whole_video_is_private_and_keeps_its_validators(string provider)
    {
        using var response = await videos.SendAsync(HttpMethod.Get, provider);

        var bytes = await response.Content.ReadAsByteArrayAsync();
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("ftyp"u8.ToArray(), bytes[4..8]);
        Assert.Equal(bytes.Length, response.Content.Headers.ContentLength);
        Assert.Equal("video/mp4", response.Content.Headers.ContentType!.ToString());
        Assert.Equal("private", response.Headers.CacheControl!.ToString());
        Assert.Equal(["nosniff"], response.Headers.GetValues("X-Content-Type-Options"));
        Assert.Equal(["bytes"], response.Headers.AcceptRanges);
        Assert.NotNull(response.Headers.ETag);
        Assert.NotNull(response.Content.Headers.LastModified);
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Range_yields_206_with_exactly_those_bytes(string provider)
    {
        var all = await videos.App.Http.GetByteArrayAsync(videos.ContentOf(provider));
        foreach (var (range, from, to) in new[] { ("bytes=4-7", 4, 8), ("bytes=-5", all.Length - 5, all.Length),
            ($"bytes={all.Length - 3}-", all.Length - 3, all.Length) })
        {
            using var response = await videos.SendAsync(HttpMethod.Get, provider, "Range", range);

            Assert.Equal(HttpStatusCode.PartialContent, response.StatusCode);
            Assert.Equal($"bytes {from}-{to - 1}/{all.Length}", response.Content.Headers.ContentRange!.ToString());
            Assert.Equal(all[from..to], await response.Content.ReadAsByteArrayAsync());
        }
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Range_behind_the_end_is_a_JSON_error_that_tells_the_length(string provider)
    {
        var all = await videos.App.Http.GetByteArrayAsync(videos.ContentOf(provider));

        using var response = await videos.SendAsync(HttpMethod.Get, provider, "Range", $"bytes={all.Length}-");

        await ErrorAssert.IsErrorAsync(response, HttpStatusCode.RequestedRangeNotSatisfiable, "invalid_value");
        Assert.Equal($"bytes */{all.Length}", response.Content.Headers.ContentRange!.ToString());
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Conditions_are_judged_by_the_sources_etag(string provider)
    {
        using var first = await videos.SendAsync(HttpMethod.Head, provider);
        var tag = first.Headers.ETag!.ToString();

        using var known = await videos.SendAsync(HttpMethod.Get, provider, "If-None-Match", tag);
        using var other = await videos.SendAsync(HttpMethod.Get, provider, "If-None-Match", "\"other\"");
        using var unchangedPart = await PartIfAsync(provider, tag);
        using var changedPart = await PartIfAsync(provider, "\"other\"");

        Assert.Equal(HttpStatusCode.NotModified, known.StatusCode);
        Assert.Equal(tag, known.Headers.ETag!.ToString());
        Assert.Empty(await known.Content.ReadAsByteArrayAsync());
        Assert.Equal(HttpStatusCode.OK, other.StatusCode);
        Assert.Equal(HttpStatusCode.PartialContent, unchangedPart.StatusCode);
        Assert.Equal(HttpStatusCode.OK, changedPart.StatusCode);
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task HEAD_tells_what_GET_would_without_the_bytes(string provider)
    {
        using var get = await videos.SendAsync(HttpMethod.Get, provider);
        using var head = await videos.SendAsync(HttpMethod.Head, provider);
        using var part = await videos.SendAsync(HttpMethod.Head, provider, "Range", "bytes=0-9");

        Assert.Equal(HttpStatusCode.OK, head.StatusCode);
        Assert.Empty(await head.Content.ReadAsByteArrayAsync());
        Assert.Equal(get.Content.Headers.ContentLength, head.Content.Headers.ContentLength);
        Assert.Equal(get.Content.Headers.ContentType, head.Content.Headers.ContentType);
        Assert.Equal(get.Headers.ETag, head.Headers.ETag);
        Assert.Equal(HttpStatusCode.PartialContent, part.StatusCode);
        Assert.Equal(10, part.Content.Headers.ContentLength);
    }

    [Theory]
    [InlineData("thumbnail", "image/webp")]
    [InlineData("spritesheet", "image/jpeg")]
    public async Task Variants_are_served_where_the_provider_has_them(string variant, string mediaType)
    {
        using var response = await videos.App.Http.GetAsync($"{videos.ContentOf("openai")}?variant={variant}");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(mediaType, response.Content.Headers.ContentType!.ToString());
    }

    [Theory]
    [InlineData("gemini")]
    [InlineData("luma")]
    [InlineData("runway")]
    public async Task Variants_elsewhere_are_refused_with_who_has_them(string provider)
    {
        var error = await videos.App.Http.GetErrorAsync($"{videos.ContentOf(provider)}?variant=thumbnail", HttpStatusCode.BadRequest, "unsupported_variant");

        Assert.Equal("variant", error["param"]!.GetValue<string>());
        Assert.Contains("openai", error["message"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Variant_that_nobody_has_is_refused_with_those_that_exist()
    {
        var error = await videos.App.Http.GetErrorAsync($"{videos.ContentOf("openai")}?variant=poster", HttpStatusCode.BadRequest, "unsupported_variant");

        Assert.Contains("spritesheet", error["message"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1")]
    [InlineData("-1")]
    [InlineData("first")]
    [InlineData("99999999999")]
    public async Task Index_beside_the_outputs_is_400(string index)
    {
        using var first = await videos.App.Http.GetAsync($"{videos.ContentOf("runway")}?index=0");
        Assert.Equal(HttpStatusCode.OK, first.StatusCode);

        var error = await videos.App.Http.GetErrorAsync($"{videos.ContentOf("runway")}?index={index}", HttpStatusCode.BadRequest, "invalid_value");

        Assert.Equal("index", error["param"]!.GetValue<string>());
    }

    private async Task<HttpResponseMessage> PartIfAsync(string provider, string tag)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, videos.ContentOf(provider));
        request.Headers.TryAddWithoutValidation("Range", "bytes=0-9");
        request.Headers.TryAddWithoutValidation("If-Range", tag);
        return await videos.App.Http.SendAsync(request);
    }
}
