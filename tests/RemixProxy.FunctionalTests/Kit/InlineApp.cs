using System.IO.Compression;
using Microsoft.AspNetCore.Http;
using RemixProxy.TestKit;

namespace RemixProxy.FunctionalTests.Kit;

/// <summary>The proxy before a gemini server that sends a generated clip inside its answer to each poll.</summary>
internal sealed class InlineApp : IAsyncDisposable
{
    public const string Video = "v1/videos/v1_inline:gemini";
    public const string Content = Video + "/content";

    private int _polls;
    private long _sent;

    public ProxyApp App { get; private set; } = null!;

    /// <summary>The length of the clip in the answer to a poll, given how many there were.</summary>
    public Func<int, int> Length { get; set; } = _ => 100_000;

    /// <summary>What the answers are besides.</summary>
    public string Status { get; set; } = "completed";

    /// <summary>What stands in the answer to a poll before the clip, and ends in the middle of its text.</summary>
    public Func<int, string> Head { get; set; } = _ => "";

    public bool IsGzip { get; set; }

    /// <summary>After how many bytes of an answer something else happens, and what.</summary>
    public (long At, Func<int, HttpContext, Task> What)? Then { get; set; }

    public int Polls => Volatile.Read(ref _polls);

    /// <summary>How many bytes of its answers the server was rid of.</summary>
    public long Sent => Volatile.Read(ref _sent);

    public static async Task<InlineApp> StartAsync(Dictionary<string, string?>? settings = null, Func<HttpContext, RequestDelegate, Task>? others = null)
    {
        var inline = new InlineApp();
        inline.App = await ProxyApp.StartAsync(new()
        {
            Settings = settings ?? [],
            Sandbox = new()
            {
                Intercept = (http, simulator) => http.Request.Path.StartsWithSegments("/gemini") ? inline.AnswerAsync(http)
                    : others is null ? simulator(http)
                    : others(http, simulator),
            },
        });
        return inline;
    }

    /// <summary>The bytes of a clip.</summary>
    public static byte[] Clip(int from, int to) => [.. Enumerable.Range(from, to - from).Select(i => ClipAnswer.At(i))];

    public ValueTask DisposeAsync() => App.DisposeAsync();

    private async Task AnswerAsync(HttpContext http)
    {
        var poll = Interlocked.Increment(ref _polls);
        const string Before = """{"id":"v1_inline","status":"@","steps":[{"type":"model_output","content":[{"type":"video","mime_type":"video/mp4",""";
        using var answer = new ClipAnswer(
            Before.Replace("@", Status, StringComparison.Ordinal) + Head(poll) + "\"data\":\"", Length(poll), "\"}]}],\"updated\":\"2026-11-22T09:00:00Z\"}");
        http.Response.ContentType = "application/json";
        if (IsGzip) http.Response.Headers.ContentEncoding = "gzip";
        await using var body = IsGzip ? new GZipStream(http.Response.Body, CompressionLevel.Fastest) : http.Response.Body;
        var (buffer, written) = (new byte[16 << 10], 0L);
        try
        {
            while (await answer.ReadAsync(buffer) is > 0 and var read)
            {
                if (Then is var (at, what) && written <= at && written + read > at) await what(poll, http);
                await body.WriteAsync(buffer.AsMemory(0, read), http.RequestAborted);
                written += read;
                Interlocked.Add(ref _sent, read);
            }
        }
        catch (OperationCanceledException)
        {
            // The proxy wants no more of it.
        }
    }
}
