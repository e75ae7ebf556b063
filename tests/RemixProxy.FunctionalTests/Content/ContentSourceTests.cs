using System.Net;
using Microsoft.AspNetCore.Http;
using RemixProxy.FunctionalTests.Kit;

namespace RemixProxy.FunctionalTests.Content;

/// <summary>What callers get of sources that are no ordinary object store.</summary>
public class ContentSourceTests
{
    private static readonly byte[] Clip = [.. Enumerable.Range(0, 200).Select(i => (byte)i)];

    [Theory]
    [InlineData("video/quicktime", "video/quicktime")]
    [InlineData("image/png", "image/png")]
    [InlineData("application/mp4", "video/mp4")]
    [InlineData("Application/Octet-Stream", "application/octet-stream")]
    [InlineData("application/octet-stream", "application/octet-stream")]
    [InlineData("binary/octet-stream", "application/octet-stream")]
    [InlineData(null, "application/octet-stream")]
    public async Task Media_type_is_the_sources_or_just_bytes(string? sent, string expected)
    {
        await using var one = await OneVideoApp.StartAsync();
        one.Source = OneVideoApp.Bytes(Clip, sent);

        using var response = await one.Http.GetAsync(OneVideoApp.Content);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(expected, response.Content.Headers.ContentType!.ToString());
        Assert.Equal(Clip, await response.Content.ReadAsByteArrayAsync());
    }

    [Theory]
    [InlineData("text/html")]
    [InlineData("application/json")]
    [InlineData("application/xml")]
    [InlineData("audio/mp4")]
    [InlineData("image/svg+xml")]
    [InlineData("IMAGE/SVG+XML; x")]
    [InlineData("Image/Svg+Xml; charset=utf-8")]
    [InlineData("image/svg")]
    [InlineData("image/x+xml")]
    [InlineData("video/x+xml")]
    public async Task Source_that_sends_something_else_is_502(string sent)
    {
        await using var one = await OneVideoApp.StartAsync();
        one.Source = OneVideoApp.Bytes("<script>alert(1)</script>"u8.ToArray(), sent);

        var error = await one.Http.GetErrorAsync(OneVideoApp.Content, HttpStatusCode.BadGateway, "provider_invalid_response");

        Assert.DoesNotContain("script", error.ToJsonString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(401, 502, "provider_error")]
    [InlineData(403, 410, "video_expired")]
    [InlineData(404, 410, "video_expired")]
    [InlineData(410, 410, "video_expired")]
    [InlineData(500, 502, "provider_error")]
    [InlineData(302, 502, "provider_error")]
    public async Task Error_of_the_source_is_a_JSON_error_even_if_it_calls_itself_a_video(int sent, int status, string code)
    {
        await using var one = await OneVideoApp.StartAsync();
        one.Source = OneVideoApp.Bytes("AccessDenied at bucket-7"u8.ToArray(), "video/mp4", sent);

        var error = await one.Http.GetErrorAsync(OneVideoApp.Content, (HttpStatusCode)status, code);

        Assert.DoesNotContain("bucket", error.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Throttled_source_is_429_with_its_own_retry_hint()
    {
        await using var one = await OneVideoApp.StartAsync();
        one.Source = context =>
        {
            context.Response.StatusCode = 429;
            context.Response.Headers.RetryAfter = "17";
            return Task.CompletedTask;
        };

        using var response = await one.Http.GetAsync(OneVideoApp.Content);

        await ErrorAssert.IsErrorAsync(response, HttpStatusCode.TooManyRequests, "rate_limit_exceeded");
        Assert.Equal(TimeSpan.FromSeconds(17), response.Headers.RetryAfter!.Delta);
    }

    [Fact]
    public async Task Error_page_without_end_is_not_waited_for()
    {
        await using var one = await OneVideoApp.StartAsync();
        one.Source = async context =>
        {
            context.Response.StatusCode = 500;
            await context.Response.WriteAsync("<html>");
            await context.Response.Body.FlushAsync();
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        };

        await one.Http.GetErrorAsync(OneVideoApp.Content, HttpStatusCode.BadGateway, "provider_error");
    }

    [Fact]
    public async Task Source_that_stays_silent_is_504()
    {
        await using var one = await OneVideoApp.StartAsync(new() { ["RemixProxy:Providers:luma:Timeout"] = "00:00:00.500" });
        one.Source = context => Task.Delay(Timeout.Infinite, context.RequestAborted);

        await one.Http.GetErrorAsync(OneVideoApp.Content, HttpStatusCode.GatewayTimeout, "provider_timeout");
    }

    [Fact]
    public async Task Source_that_breaks_before_its_first_byte_is_a_JSON_error()
    {
        await using var one = await OneVideoApp.StartAsync();
        one.Source = context =>
        {
            context.Response.ContentType = "video/mp4";
            context.Response.ContentLength = 1000;
            // The headers go out whole; the body never comes.
            return context.Response.Body.FlushAsync();
        };

        using var response = await one.Http.GetAsync(OneVideoApp.Content);

        await ErrorAssert.IsErrorAsync(response, HttpStatusCode.BadGateway, "provider_error");
        Assert.Null(response.Content.Headers.ContentRange);
    }

    [Fact]
    public async Task Source_that_breaks_off_breaks_the_download_instead_of_ending_it()
    {
        await using var one = await OneVideoApp.StartAsync();
        one.Source = async context =>
        {
            context.Response.ContentType = "video/mp4";
            context.Response.ContentLength = 1000;
            await context.Response.Body.WriteAsync(Clip);
            await context.Response.Body.FlushAsync();
            context.Abort();
        };

        await Assert.ThrowsAsync<HttpRequestException>(() => one.Http.GetByteArrayAsync(OneVideoApp.Content));
    }

    [Fact]
    public async Task Source_that_ignores_Range_yields_200_with_everything()
    {
        await using var one = await OneVideoApp.StartAsync();
        one.Source = OneVideoApp.Bytes(Clip);
        using var request = new HttpRequestMessage(HttpMethod.Get, OneVideoApp.Content) { Headers = { Range = new(5, 9) } };

        using var response = await one.Http.SendAsync(request);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Null(response.Content.Headers.ContentRange);
        Assert.Equal(Clip, await response.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task Several_ranges_at_once_yield_the_whole_and_never_a_multipart_answer()
    {
        await using var one = await OneVideoApp.StartAsync();
        one.Source = context =>
            OneVideoApp.Bytes(Clip, context.Request.Headers.Range.ToString().Contains(',', StringComparison.Ordinal) ? "multipart/byteranges; boundary=x"
                : "video/mp4")(context);
        using var request = new HttpRequestMessage(HttpMethod.Get, OneVideoApp.Content);
        request.Headers.TryAddWithoutValidation("Range", "bytes=0-1,5-6");

        using var response = await one.Http.SendAsync(request);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(Clip, await response.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task Dead_address_is_refreshed_once_and_the_caller_sees_nothing_of_it()
    {
        await using var one = await OneVideoApp.StartAsync();
        one.Source = context => context.Request.Query["poll"] == "1" ? OneVideoApp.Bytes([], status: 403)(context) : OneVideoApp.Bytes(Clip)(context);

        Assert.Equal(Clip, await one.Http.GetByteArrayAsync(OneVideoApp.Content));
        Assert.Equal((2, 2), (one.Polls, one.Fetches));
    }

    [Fact]
    public async Task Address_that_stays_dead_is_refreshed_no_second_time()
    {
        await using var one = await OneVideoApp.StartAsync();
        one.Source = OneVideoApp.Bytes([], status: 403);

        await one.Http.GetErrorAsync(OneVideoApp.Content, HttpStatusCode.Gone, "video_expired");

        Assert.Equal((2, 2), (one.Polls, one.Fetches));
    }

    [Fact]
    public async Task Dead_address_while_the_provider_is_away_is_no_proof_that_the_video_is_gone()
    {
        await using var one = await OneVideoApp.StartAsync();
        one.Source = OneVideoApp.Bytes(Clip);
        Assert.Equal(Clip, await one.Http.GetByteArrayAsync(OneVideoApp.Content));
        one.App.Time.Advance(TimeSpan.FromHours(2));
        one.Source = context => context.Request.Query["poll"] == "1" ? OneVideoApp.Bytes([], status: 403)(context) : OneVideoApp.Bytes(Clip)(context);
        one.Poll = context =>
        {
            context.Abort();
            return Task.CompletedTask;
        };
        await one.Http.GetErrorAsync(OneVideoApp.Content, HttpStatusCode.ServiceUnavailable, "provider_unavailable");

        one.Poll = null;

        Assert.Equal(Clip, await one.Http.GetByteArrayAsync(OneVideoApp.Content));
    }

    [Theory]
    [InlineData("luma", 2)]
    [InlineData("runway", 25)]
    public async Task Address_whose_signature_ran_out_is_replaced_before_it_is_used(string provider, int hours)
    {
        await using var app = await ProxyApp.StartAsync();
        var id = (await app.CreateFinishedAsync(FinishedVideos.ModelOf(provider)))["id"]!.GetValue<string>();
        app.Time.Advance(TimeSpan.FromHours(hours));

        var bytes = await app.Http.GetByteArrayAsync($"v1/videos/{id}/content");

        Assert.Equal("ftyp"u8.ToArray(), bytes[4..8]);
        Assert.Single(app.Sandbox.Requests, r => r.PathAndQuery.StartsWith("/assets/", StringComparison.Ordinal));
    }
}
