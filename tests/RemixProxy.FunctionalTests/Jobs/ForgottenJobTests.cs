using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using RemixProxy.FunctionalTests.Kit;

namespace RemixProxy.FunctionalTests.Jobs;

/// <summary>Jobs that are remembered here and no longer as they were at their provider.</summary>
public class ForgottenJobTests
{
    private const string Video = "v1/videos/clip:luma";

    [Theory]
    [InlineData(404, "video_not_found")]
    [InlineData(410, "video_expired")]
    public async Task An_unfinished_job_that_its_provider_forgot_is_an_error_until_its_time_is_up_and_failed_from_then_on(int status, string code)
    {
        await using var one = await OneVideoApp.StartAsync();
        one.Poll = context => context.Response.WriteAsync("""{"id":"clip","state":"queued"}""");
        Assert.Equal("queued", (await one.App.GetAsync(Video))["status"]!.GetValue<string>());
        one.Poll = OneVideoApp.Bytes("{}"u8.ToArray(), "application/json", status);

        one.App.Time.Advance(TimeSpan.FromHours(1));
        (await one.App.SendAsync(HttpMethod.Get, Video)).AssertError(status, code);
        one.App.Time.Advance(TimeSpan.FromMinutes(1));
        var failed = await one.App.GetAsync(Video);
        Assert.Equal(("failed", "expired"), (failed["status"]!.GetValue<string>(), failed["error"]!["code"]!.GetValue<string>()));

        var polls = one.Polls;
        one.App.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal("failed", (await one.App.GetAsync(Video))["status"]!.GetValue<string>());
        Assert.Equal(polls, one.Polls);
    }

    [Fact]
    public async Task A_finished_job_that_its_provider_forgot_stays_finished()
    {
        await using var one = await OneVideoApp.StartAsync();
        await one.App.GetAsync(Video);
        one.Poll = OneVideoApp.Bytes("{}"u8.ToArray(), "application/json", StatusCodes.Status404NotFound);
        one.App.Time.Advance(TimeSpan.FromHours(2));
        Assert.Equal("completed", (await one.App.GetAsync(Video))["status"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_url_past_its_time_that_can_t_be_refreshed_is_shown_as_this_proxys_own()
    {
        await using var one = await OneVideoApp.StartAsync();
        Assert.Equal(one.Url(1), UrlOf(await one.App.GetAsync(Video)));
        Assert.Equal(one.Url(1), await ListedAsync());
        one.Poll = OneVideoApp.Bytes("{}"u8.ToArray(), "application/json", StatusCodes.Status500InternalServerError);
        one.App.Time.Advance(TimeSpan.FromHours(1));

        var own = $"{one.Http.BaseAddress}{OneVideoApp.Content}";
        Assert.Equal(own, await ListedAsync());
        Assert.Equal(own, UrlOf(await one.App.GetAsync(Video)));

        one.Poll = null;
        one.App.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(one.Url(3), UrlOf(await one.App.GetAsync(Video)));

        async Task<string> ListedAsync() => UrlOf((await one.App.GetAsync("v1/videos"))["data"]![0]!);

        static string UrlOf(JsonNode video) => video["videos"]![0]!["url"]!.GetValue<string>();
    }
}
