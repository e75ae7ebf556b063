using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Net.Http.Headers;
using RemixProxy.Benchmarks.Load;

namespace RemixProxy.Benchmarks.Compare;

/// <summary>
/// An OpenAI-compatible provider in a process of its own, as fast as Kestrel can be: its answers are prepared bytes. What becomes of a video stands in its id,
/// <c>video_{kind}_{number}</c>: <c>run</c> never ends; <c>src</c>, <c>done</c> and <c>mb{size}</c> are completed from the start. A create takes the kind from
/// what stands before the colon of its prompt; a remix of a <c>src</c> runs, any other is done. In the manner of xAI it makes and describes a <c>clip</c>,
/// whose URL has 300 characters.
/// </summary>
internal sealed class NativeUpstream
{
    /// <summary>The command that starts it.</summary>
    public const string Door = "compare-upstream";

    /// <summary>Where it tells how many calls it has answered.</summary>
    public const string CallsPath = "/-/calls";

    private const string Videos = "/v1/videos";

    private static readonly byte[] Running = Describe("run", "in_progress", 42);
    private static readonly byte[] Completed = Describe("done", "completed", 100);
    private static readonly byte[] Page = Encoding.UTF8.GetBytes(
        $$"""{"object":"list","data":[{{string.Join(',', Enumerable.Repeat(Encoding.UTF8.GetString(Completed), 20))}}],"has_more":true}""");

    private static readonly byte[] Clip = Encoding.UTF8.GetBytes(
        $$$"""{"status":"done","video":{"url":"{{{"https://clips.example.com/".PadRight(300, 'a')}}}"},"model":"grok-imagine-video"}""");

    private static readonly byte[] Block = new byte[1 << 20];

    private long _calls;
    private long _made;

    /// <summary>Serves until nobody listens any more.</summary>
    public static async Task<int> ServeAsync()
    {
        var upstream = new NativeUpstream();
        var (app, address) = await Doors.StartAsync(_ => { }, app => app.Run(upstream.AnswerAsync));
        await using (app)
        {
            Console.WriteLine(address);
            await app.WaitForShutdownAsync();
            return 0;
        }
    }

    private static string IdOf(string kind, long number) => string.Create(CultureInfo.InvariantCulture, $"video_{kind}_{number:D12}");

    private static byte[] Describe(string kind, string status, int progress) => Encoding.UTF8.GetBytes(
        $$"""{"id":"{{IdOf(kind, 0)}}","object":"video","model":"sora-2","status":"{{status}}","progress":{{progress}},"created_at":1795343000,"completed_at":{{(progress == 100 ? "1795343060" : "null")}},"expires_at":null,"size":"1280x720","seconds":"4","remixed_from_video_id":null,"error":null}""");

    private Task AnswerAsync(HttpContext http)
    {
        var path = http.Request.Path.Value!;
        if (path == CallsPath) return http.Response.WriteAsync(Interlocked.Read(ref _calls).ToString(CultureInfo.InvariantCulture));
        Interlocked.Increment(ref _calls);
        if (HttpMethods.IsPost(http.Request.Method)) return MakeAsync(http, path);
        if (path.Length == Videos.Length) return WriteAsync(http, Page);
        var kind = KindOf(path);
        if (path.EndsWith("/content", StringComparison.Ordinal)) return SendAsync(http, kind);
        return WriteAsync(http, kind == "run" ? Running : kind == "clip" ? Clip : Completed);
    }

    private static string KindOf(string path)
    {
        var begin = path.IndexOf('_', StringComparison.Ordinal) + 1;
        return path[begin..path.IndexOf('_', begin)];
    }

    private static async Task WriteAsync(HttpContext http, byte[] answer)
    {
        http.Response.ContentType = "application/json";
        http.Response.ContentLength = answer.Length;
        await http.Response.BodyWriter.WriteAsync(answer);
    }

    private async Task MakeAsync(HttpContext http, string path)
    {
        var isClip = path.EndsWith("/generations", StringComparison.Ordinal);
        var kind = path.Length == Videos.Length ? "" : isClip ? "clip" : KindOf(path) == "src" ? "run" : "done";
        var (reader, length) = (http.Request.BodyReader, 0L);
        while (true)
        {
            var read = await reader.ReadAsync();
            // All of it at once, as long as it is as short as here.
            if (read.IsCompleted && kind.Length == 0) kind = KindOfPrompt(Encoding.UTF8.GetString(read.Buffer));
            length += read.IsCompleted ? read.Buffer.Length : 0;
            reader.AdvanceTo(read.IsCompleted ? read.Buffer.End : read.Buffer.Start, read.Buffer.End);
            if (read.IsCompleted) break;
        }

        if (length == 0) throw new InvalidOperationException("A submit without a body.");
        var id = IdOf(kind, Interlocked.Increment(ref _made));
        var (status, progress) = kind == "run" ? ("queued", 0) : ("completed", 100);
        var answer = isClip ? $$"""{"request_id":"{{id}}"}""" : $$"""{"id":"{{id}}","object":"video","model":"sora-2","status":"{{status}}","progress":{{progress}},"created_at":{{DateTimeOffset.UtcNow.ToUnixTimeSeconds()}},"size":"1280x720","seconds":"4"}""";
        await WriteAsync(http, Encoding.UTF8.GetBytes(answer));
    }

    private static string KindOfPrompt(string body)
    {
        const string Name = "\"prompt\":\"";
        var begin = body.IndexOf(Name, StringComparison.Ordinal) + Name.Length;
        return body[begin..body.IndexOf(':', begin)];
    }

    private static async Task SendAsync(HttpContext http, string kind)
    {
        var size = int.Parse(kind.AsSpan(2), CultureInfo.InvariantCulture) * (long)Block.Length;
        var (from, to) = (0L, size - 1);
        if (http.Request.GetTypedHeaders().Range is { Ranges: { Count: 1 } ranges } && ranges.First() is { From: { } first } range)
        {
            (from, to) = (first, range.To ?? to);
            http.Response.StatusCode = StatusCodes.Status206PartialContent;
            http.Response.GetTypedHeaders().ContentRange = new ContentRangeHeaderValue(from, to, size);
        }

        http.Response.ContentType = "video/mp4";
        http.Response.ContentLength = to - from + 1;
        http.Response.Headers.AcceptRanges = "bytes";
        for (var at = from; at <= to;)
        {
            var length = (int)Math.Min(to - at + 1, 64 << 10);
            if ((await http.Response.BodyWriter.WriteAsync(Block.AsMemory(0, length), http.RequestAborted)).IsCompleted) return;
            at += length;
        }
    }
}
