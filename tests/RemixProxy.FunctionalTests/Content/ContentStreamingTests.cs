using System.Net;
using Microsoft.AspNetCore.Http;
using RemixProxy.FunctionalTests.Kit;

namespace RemixProxy.FunctionalTests.Content;

/// <summary>Large downloads. Alone in the process, because memory is measured.</summary>
[Collection(nameof(Undisturbed))]
public class ContentStreamingTests
{
    private const int Mega = 1 << 20;

    private static readonly byte[] Block = new byte[64 * 1024];

    [Fact]
    public async Task Three_hundred_megabytes_pass_without_being_held()
    {
        await using var one = await OneVideoApp.StartAsync();
        one.Source = context => SendAsync(context, 300L * Mega, _ => { });
        await DownloadAsync(one, 0);
        var before = GC.GetTotalAllocatedBytes();

        var received = await DownloadAsync(one, long.MaxValue);

        // Client, proxy and source together.
        Assert.Equal(300L * Mega, received);
        Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, 40L * Mega);
    }

    [Fact]
    public async Task Reader_that_stops_stops_the_source_and_later_gets_the_rest()
    {
        const long Size = 128L * Mega;
        await using var one = await OneVideoApp.StartAsync();
        var sent = 0L;
        one.Source = context => SendAsync(context, Size, total => Volatile.Write(ref sent, total));
        using var response = await one.Http.GetAsync(OneVideoApp.Content, HttpCompletionOption.ResponseHeadersRead);
        await using var stream = await response.Content.ReadAsStreamAsync();
        await stream.ReadExactlyAsync(new byte[Mega]);

        // Buffers on the way fill up, then nothing moves.
        var held = -1L;
        for (var still = 0; still < 10; still = held == Volatile.Read(ref sent) ? still + 1 : 0)
        {
            held = Volatile.Read(ref sent);
            await Task.Delay(20);
        }

        Assert.InRange(held, Mega, Size / 2);
        Assert.Equal(Size - Mega, await ReadAsync(stream, long.MaxValue));
    }

    [Fact]
    public async Task Caller_that_hangs_up_ends_the_request_to_the_source()
    {
        await using var one = await OneVideoApp.StartAsync();
        var ended = new TaskCompletionSource();
        one.Source = async context =>
        {
            try
            {
                await SendAsync(context, long.MaxValue, _ => { });
            }
            finally
            {
                ended.SetResult();
            }
        };

        await DownloadAsync(one, Mega);

        await ended.Task.WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task HEAD_of_a_large_video_does_not_fetch_it()
    {
        const long Size = 300L * Mega;
        await using var one = await OneVideoApp.StartAsync();
        var cutOff = new TaskCompletionSource();
        one.Source = async context =>
        {
            try
            {
                // What is written to a closed connection is lost without a word, and after the last byte Kestrel no longer says that the client left.
                context.Response.ContentLength = Size;
                await SendAsync(context, Size - Block.Length, _ => { });
                await Task.Delay(Timeout.Infinite, context.RequestAborted);
            }
            finally
            {
                cutOff.SetResult();
            }
        };

        using var response = await one.Http.SendAsync(new(HttpMethod.Head, OneVideoApp.Content));

        Assert.Equal(Size, response.Content.Headers.ContentLength);
        await cutOff.Task.WaitAsync(TimeSpan.FromSeconds(60));
    }

    private static async Task SendAsync(HttpContext context, long size, Action<long> sent)
    {
        context.Response.ContentType = "video/mp4";
        if (size != long.MaxValue) context.Response.ContentLength ??= size;
        for (var total = 0L; total < size && !context.RequestAborted.IsCancellationRequested; total += Block.Length, sent(total))
            await context.Response.Body.WriteAsync(Block, context.RequestAborted);
    }

    private static async Task<long> DownloadAsync(OneVideoApp one, long limit)
    {
        using var response = await one.Http.GetAsync(OneVideoApp.Content, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        await using var stream = await response.Content.ReadAsStreamAsync();
        return await ReadAsync(stream, limit);
    }

    private static async Task<long> ReadAsync(Stream stream, long limit)
    {
        var buffer = new byte[64 * 1024];
        var total = 0L;
        while (total < limit && await stream.ReadAsync(buffer) is > 0 and var read) total += read;
        return total;
    }
}
