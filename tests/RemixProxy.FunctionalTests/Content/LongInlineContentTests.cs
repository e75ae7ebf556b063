using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using RemixProxy.Adapters;
using RemixProxy.FunctionalTests.Kit;
using RemixProxy.Sandbox;
using RemixProxy.TestKit;

namespace RemixProxy.FunctionalTests.Content;

/// <summary>Clips inside answers that nobody could hold: polls read past them, and content streams out of the answer.</summary>
public class LongInlineContentTests
{
    private const int Length = 45_000_001;

    [Fact]
    public async Task A_clip_in_an_answer_of_60_MB_is_served_whole_and_each_time_out_of_one_answer()
    {
        await using var inline = await InlineApp.StartAsync(
            new() { ["RemixProxy:Limits:MaxAnswerBytes"] = "1024", ["RemixProxy:Limits:MaxClipBytes"] = "1024" });
        inline.Length = _ => Length;

        Assert.Equal("completed", (await inline.App.GetAsync(InlineApp.Video))["status"]!.GetValue<string>());
        Assert.Equal(1, inline.Polls);
        using var client = NewClient(inline);
        using var response = await client.GetAsync(InlineApp.Content, HttpCompletionOption.ResponseHeadersRead);
        var (count, wrong) = await CompareAsync(await response.Content.ReadAsStreamAsync());

        Assert.Equal((Length, 0), (count, wrong));
        Assert.Equal(2, inline.Polls);
        Assert.Equal(Length, response.Content.Headers.ContentLength);
        Assert.Equal("video/mp4", response.Content.Headers.ContentType!.ToString());
        Assert.Equal("private", response.Headers.CacheControl!.ToString());
        Assert.Equal(["nosniff"], response.Headers.GetValues("X-Content-Type-Options"));
    }

    [Fact]
    public async Task A_caller_who_reads_slowly_holds_the_answer_back()
    {
        await using var inline = await InlineApp.StartAsync();
        inline.Length = _ => 3 * Length;
        _ = await inline.App.GetAsync(InlineApp.Video);
        var before = inline.Sent;
        using var client = NewClient(inline);
        using var response = await client.GetAsync(InlineApp.Content, HttpCompletionOption.ResponseHeadersRead);
        var stream = await response.Content.ReadAsStreamAsync();
        await stream.ReadExactlyAsync(new byte[1_000_000]);

        // Until nothing moves any more. What is under way stands in the buffers of two connections.
        for (var last = -1L; inline.Sent != last; await Task.Delay(500, TestContext.Current.CancellationToken)) last = inline.Sent;

        Assert.InRange(inline.Sent - before, 1_000_000, 2L * Length);
    }

    [Theory]
    [InlineData("bytes=30000000-30000099", 30_000_000, 30_000_100)]
    [InlineData("bytes=0-0", 0, 1)]
    [InlineData("bytes=45000000-", 45_000_000, Length)]
    [InlineData("bytes=-7", Length - 7, Length)]
    public async Task A_range_is_cut_out_of_it(string range, int from, int to)
    {
        await using var inline = await InlineApp.StartAsync();
        inline.Length = _ => Length;

        var reply = await inline.App.SendAsync(HttpMethod.Get, InlineApp.Content, null, ("Range", range));

        Assert.Equal(206, reply.Status);
        Assert.Equal(InlineApp.Clip(from, to), reply.Bytes);
        Assert.Equal(Invariant($"bytes {from}-{to - 1}/{Length}"), reply.Header("Content-Range"));
        Assert.Equal(Invariant($"{to - from}"), reply.Header("Content-Length"));
    }

    [Fact]
    public async Task Head_several_ranges_conditions_and_wrong_ranges_are_as_for_a_short_one()
    {
        await using var inline = await InlineApp.StartAsync();

        var head = await inline.App.SendAsync(HttpMethod.Head, InlineApp.Content);
        Assert.Equal((200, "100000", "bytes"), (head.Status, head.Header("Content-Length"), head.Header("Accept-Ranges")));
        var several = await inline.App.SendAsync(HttpMethod.Get, InlineApp.Content, null, ("Range", "bytes=0-1,5-6"));
        Assert.Equal((200, 100_000), (several.Status, several.Bytes.Length));
        var conditional = await inline.App.SendAsync(HttpMethod.Get, InlineApp.Content, null, ("Range", "bytes=0-1"), ("If-Range", "\"other\""));
        Assert.Equal((200, 100_000), (conditional.Status, conditional.Bytes.Length));
        var behind = await inline.App.SendAsync(HttpMethod.Get, InlineApp.Content, null, ("Range", "bytes=100000-"));
        behind.AssertError(416, "invalid_value");
        Assert.Equal("bytes */100000", behind.Header("Content-Range"));
    }

    [Fact]
    public async Task A_compressed_answer_is_one_too()
    {
        await using var inline = await InlineApp.StartAsync();
        (inline.IsGzip, inline.Length) = (true, _ => 2_000_000);

        Assert.Equal(InlineApp.Clip(0, 2_000_000), await inline.App.BytesAsync(InlineApp.Content));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_answer_that_breaks_off_breaks_the_download(bool isWrong)
    {
        await using var inline = await InlineApp.StartAsync();
        inline.Length = _ => Length;
        _ = await inline.App.GetAsync(InlineApp.Video);
        inline.Then = (20_000_000, async (_, http) =>
        {
            if (isWrong) await http.Response.WriteAsync("?");
            else http.Abort();
        }
        );

        using var client = NewClient(inline);
        using var response = await client.GetAsync(InlineApp.Content, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        await Assert.ThrowsAnyAsync<IOException>(async () => await CompareAsync(await response.Content.ReadAsStreamAsync()));

        inline.Then = null;
        Assert.Equal(InlineApp.Clip(5, 10), (await inline.App.SendAsync(HttpMethod.Get, InlineApp.Content, null, ("Range", "bytes=5-9"))).Bytes);
    }

    [Fact]
    public async Task An_answer_that_breaks_off_before_the_first_byte_is_an_error()
    {
        await using var inline = await InlineApp.StartAsync();
        _ = await inline.App.GetAsync(InlineApp.Video);
        inline.Then = (20_000, (_, http) =>
        {
            http.Abort();
            return Task.CompletedTask;
        }
        );

        // Whether the head has come before the end is a matter of luck.
        var reply = await inline.App.CallAsync("GET", InlineApp.Content);
        reply.AssertError(reply.Status == 502 ? 502 : 503, reply.Status == 502 ? "provider_error" : "provider_unavailable");
    }

    [Fact]
    public async Task A_provider_that_goes_silent_is_given_up()
    {
        await using var inline = await InlineApp.StartAsync();
        inline.Length = _ => Length;
        _ = await inline.App.GetAsync(InlineApp.Video);
        var silent = new TaskCompletionSource();
        inline.Then = (20_000_000, (_, http) =>
        {
            silent.TrySetResult();
            return Task.Delay(Timeout.Infinite, http.RequestAborted);
        }
        );
        using var client = NewClient(inline);
        using var response = await client.GetAsync(InlineApp.Content, HttpCompletionOption.ResponseHeadersRead);

        var read = CompareAsync(await response.Content.ReadAsStreamAsync());
        await silent.Task;
        while (!read.IsCompleted)
        {
            inline.App.Time.Advance(TimeSpan.FromSeconds(50));
            await Task.WhenAny(read, Task.Delay(100, TestContext.Current.CancellationToken));
        }

        await Assert.ThrowsAnyAsync<IOException>(() => read);
    }

    [Theory]
    [InlineData(60_000)]
    [InlineData(99_999)]
    [InlineData(100_001)]
    [InlineData(2_000_000)]
    public async Task Another_clip_than_the_last_poll_saw_never_ends_well_and_is_found_the_next_time(int length)
    {
        await using var inline = await InlineApp.StartAsync();
        _ = await inline.App.GetAsync(InlineApp.Video);
        inline.Length = _ => length;

        using var client = NewClient(inline);
        await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            using var response = await client.GetAsync(InlineApp.Content, HttpCompletionOption.ResponseHeadersRead);
            response.EnsureSuccessStatusCode();
            _ = await CompareAsync(await response.Content.ReadAsStreamAsync());
        });

        Assert.Equal(InlineApp.Clip(0, length), await inline.App.BytesAsync(InlineApp.Content));
    }

    [Fact]
    public async Task A_clip_that_is_short_now_or_stands_elsewhere_is_found_at_once()
    {
        await using var inline = await InlineApp.StartAsync();
        inline.Head = poll => poll == 1 ? $"\"thought\":\"{new string('A', 50_000)}\"," : "";
        _ = await inline.App.GetAsync(InlineApp.Video);
        Assert.Equal(InlineApp.Clip(0, 100_000), await inline.App.BytesAsync(InlineApp.Content));
        // One answer without the second clip, and one with the first; then it is known.
        Assert.Equal(3, inline.Polls);
        Assert.Equal(InlineApp.Clip(0, 100_000), await inline.App.BytesAsync(InlineApp.Content));
        Assert.Equal(4, inline.Polls);

        inline.Length = _ => 500;
        Assert.Equal(InlineApp.Clip(0, 500), await inline.App.BytesAsync(InlineApp.Content));
    }

    [Fact]
    public async Task A_clip_that_is_gone_is_410_and_one_that_is_no_base64_is_502()
    {
        await using var inline = await InlineApp.StartAsync();
        _ = await inline.App.GetAsync(InlineApp.Video);
        (inline.Length, inline.Status) = (_ => 0, "failed");
        (await inline.App.CallAsync("GET", InlineApp.Content)).AssertError(410, "video_expired");

        await using var wrong = await InlineApp.StartAsync();
        wrong.Then = (100_000, (_, http) => http.Response.WriteAsync("?"));
        Assert.Equal("completed", (await wrong.App.GetAsync(InlineApp.Video))["status"]!.GetValue<string>());
        (await wrong.App.CallAsync("GET", InlineApp.Content)).AssertError(502, "provider_invalid_response");
    }

    [Fact]
    public async Task Base64_is_given_up_to_its_limit_without_the_bytes_of_a_larger_one()
    {
        await using var inline = await InlineApp.StartAsync();
        inline.Length = _ => 3_000_000;
        var video = (await inline.App.CallAsync("GET", InlineApp.Video + "?include=base64")).Ok();
        Assert.Equal(InlineApp.Clip(0, 3_000_000), Convert.FromBase64String(video["videos"]![0]!["base64"]!.GetValue<string>()));

        inline.Length = _ => Length;
        await using var large = await InlineApp.StartAsync();
        large.Length = _ => Length;
        (await large.App.CallAsync("GET", InlineApp.Video + "?include=base64")).AssertError(413, "request_too_large");
    }

    [Fact]
    public async Task A_remix_elsewhere_streams_it_from_one_provider_to_the_other()
    {
        byte[] body = [];
        await using var inline = await InlineApp.StartAsync(
            new() { ["RemixProxy:Limits:MaxBufferedBytes"] = "100000" },
            async (http, simulator) =>
            {
                if (http.Request.Method == "POST" && http.Request.Path.StartsWithSegments("/openai"))
                {
                    var copy = new MemoryStream();
                    await http.Request.Body.CopyToAsync(copy);
                    body = copy.ToArray();
                    await ScriptedApp.JsonAsync(http, 200, """{"id":"video_1","object":"video","status":"queued"}""");
                    return;
                }

                await simulator(http);
            });
        inline.Length = _ => 3_000_000;

        using var reply = await inline.App.Http.PostAsync(
            InlineApp.Video + "/remix", JsonContent.Create(new { model = "openai/sora-2", prompt = "make it snow" }));

        Assert.Equal(HttpStatusCode.OK, reply.StatusCode);
        Assert.True(body.AsSpan().IndexOf(InlineApp.Clip(0, 3_000_000)) > 0);
        Assert.Equal(2, inline.Polls);
    }

    [Fact]
    public async Task Of_several_clips_in_several_answers_the_index_says_which()
    {
        var clips = new Dictionary<string, byte[]> { ["first"] = InlineApp.Clip(0, 60_000), ["second"] = InlineApp.Clip(7, 80_007) };
        await using var vendor = await SandboxServer.StartAsync(new()
        {
            Intercept = (http, _) =>
            {
                var name = http.Request.Path.Value!.Split('/')[^1];
                var url = $"data:video/{(name == "first" ? "mp4" : "webm")};base64,{Convert.ToBase64String(clips[name])}";
                return ScriptedApp.JsonAsync(http, 200, new JsonObject { ["thumbnail"] = new string('A', 40_000), ["url"] = url }.ToJsonString());
            },
        });
        await using var app = await ProxyApp.StartAsync(new()
        {
            Settings = new() { ["RemixProxy:Providers:two:ApiKey"] = "secret-two", ["RemixProxy:Providers:two:BaseUrl"] = vendor.Address + "two" },
            Proxy = proxy => proxy.Services.AddSingleton<IVideoAdapter, TwoClipsAdapter>(),
        });

        Assert.Equal(clips["first"], await app.BytesAsync("v1/videos/x:two/content"));
        Assert.Equal(clips["second"], await app.BytesAsync("v1/videos/x:two/content?index=1"));
        Assert.Equal("video/webm", (await app.SendAsync(HttpMethod.Head, "v1/videos/x:two/content?index=1")).Header("Content-Type"));
    }

    private static HttpClient NewClient(InlineApp inline) => new() { BaseAddress = inline.App.Http.BaseAddress };

    private static async Task<(long Count, int Wrong)> CompareAsync(Stream stream)
    {
        var (buffer, count, wrong) = (new byte[64 << 10], 0L, 0);
        while (await stream.ReadAsync(buffer) is > 0 and var read)
        {
            for (var i = 0; i < read; i++) wrong += buffer[i] == ClipAnswer.At(count + i) ? 0 : 1;
            count += read;
        }

        return (count, wrong);
    }
}
