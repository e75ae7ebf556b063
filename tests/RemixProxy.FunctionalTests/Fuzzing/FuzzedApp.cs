using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using RemixProxy.FunctionalTests.Kit;
using RemixProxy.Telemetry;
using RemixProxy.TestKit.Fuzzing;

namespace RemixProxy.FunctionalTests.Fuzzing;

/// <summary>
/// A proxy for random cases: what its providers answer may change on the way, and whatever it answers is held against what callers are promised.
/// </summary>
internal sealed class FuzzedApp : IAsyncDisposable
{
    private static readonly int[] Statuses = [200, 201, 202, 204, 206, 301, 302, 304, 307, 400, 401, 402, 403, 404, 405, 408, 409, 410, 413, 415, 416, 418, 422,
        424, 429, 451, 500, 501, 502, 503, 504, 520, 599, 999];

    private static readonly (string Name, string[] Values)[] Headers =
    [
        ("Content-Type", ["", "text/html", "application/json; charset=utf-16", "video/mp4", "image/svg+xml", "x", "multipart/mixed"]),
        ("Content-Encoding", ["gzip", "br", "deflate", "identity", "x", "gzip, br"]),
        ("Retry-After", ["-1", "0", "1e9", "99999999999999999999", "Wed, 21 Oct 2026 07:28:00 GMT", "x"]),
        ("Location", ["", "//", "http://127.0.0.1:1/", "https://[::1", "/x", "?", "x:y", "https://xn--/"]),
        ("Content-Range", ["bytes 0-1/2", "bytes */0", "x", "bytes 5-1/99999999999999999999", "bytes */*"]),
        ("ETag", ["x", "\"", "W/", "\"a\" \"b\"", "*"]), ("Last-Modified", ["x", "0", "Wed, 21 Oct 9999 07:28:00 GMT"]),
        ("Accept-Ranges", ["x", "bytes, none"]), ("x-goog-upload-url", ["", "x", "http://127.0.0.1:1/", "//"]), ("Set-Cookie", ["a=b"]),
        ("Connection", ["close"]), ("x-request-id", ["theirs"]), ("retry-after-ms", ["1e400", "-5"]),
    ];

    private readonly string[] _words;
    private int _submits;

    private FuzzedApp(string type) => _words = [KeyOf(type), Convert.ToHexString(Encoding.UTF8.GetBytes(KeyOf(type))), Marker];

    public ProxyApp App { get; private set; } = null!;

    /// <summary>A word of every prompt, which no log has.</summary>
    public const string Marker = "the heron 71c9 of this fuzz";

    /// <summary>The case whose answers change; null: they come as they are.</summary>
    public FuzzCase? Changing { get; set; }

    /// <summary>How many submits have reached a provider.</summary>
    public int Submits => Volatile.Read(ref _submits);

    /// <param name="type">The provider that quotes what it was sent.</param>
    public static async Task<FuzzedApp> StartAsync(string type = "luma")
    {
        var fuzzed = new FuzzedApp(type);
        fuzzed.App = await ProxyApp.StartAsync(new()
        {
            Settings = { ["RemixProxy:AllowRaw"] = "true", [$"RemixProxy:Providers:{type}:ApiKey"] = KeyOf(type) },
            Sandbox = new() { Intercept = fuzzed.AnswerAsync },
        });
        return fuzzed;
    }

    public ValueTask DisposeAsync() => App.DisposeAsync();

    /// <summary>Sends a request, lets time pass while it is under way, and holds the answer against what is promised.</summary>
    /// <param name="one">Notes the request and its answer.</param>
    /// <param name="request">The request.</param>
    /// <param name="mostSubmits">How many submits it may cause.</param>
    public async Task<Reply> SendAsync(FuzzCase one, HttpRequestMessage request, int mostSubmits)
    {
        var before = Submits;
        var what = $"{request.Method} {request.RequestUri}";
        var sending = App.SendAsync(request);
        while (await Task.WhenAny(sending, Task.Delay(40, TestContext.Current.CancellationToken)) != sending) App.Time.Advance(TimeSpan.FromSeconds(1));
        var reply = await sending;
        one.Note(what, Invariant($"{reply.Status} {reply.Header("Content-Type")} ") + (IsJson(reply) ? reply.Text : ""));
        Assert.InRange(Submits - before, 0, mostSubmits);
        Check(reply, request.Method == HttpMethod.Head);
        return reply;
    }

    /// <summary>Whether it goes on serving what is right.</summary>
    public async Task AssertServesAsync(FuzzCase one, string model, int mostSubmits = 1)
    {
        Changing = null;
        using var request = Calls.Request("POST", "v1/videos", new { model, prompt = Invariant($"A boat {Guid.NewGuid()} {Marker}") });
        Assert.Equal(200, (await SendAsync(one, request, mostSubmits)).Status);
    }

    /// <summary>No line of the log has a key or a prompt, or tells of a defect.</summary>
    public void CheckLog()
    {
        while (App.Log.TryDequeue(out var line))
        {
            Assert.DoesNotContain("secret-7f3Q9z", line, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain(Marker, line, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain(Invariant($"[{EventIds.CallFailed}]"), line, StringComparison.Ordinal);
            Assert.DoesNotContain(Invariant($"[{EventIds.SubmitFailed}]"), line, StringComparison.Ordinal);
            Assert.DoesNotContain("Kestrel[13]", line, StringComparison.Ordinal);
        }
    }

    private void Check(Reply reply, bool isHead)
    {
        // The web server's own answer to what is no request.
        if (reply.Status == 400 && reply.Bytes.Length == 0 && reply.Header("x-request-id") is null) return;
        Assert.True(reply.Status is 200 or 206 or 304 or (>= 400 and < 500) or 502 or 503 or 504, $"{reply.Status}");
        Assert.False(string.IsNullOrEmpty(reply.Header("x-request-id")) || reply.Header("x-request-id") == "theirs", "x-request-id");
        Assert.DoesNotContain("secret-7f3Q9z", string.Join('\n', reply.Headers.Values), StringComparison.OrdinalIgnoreCase);
        Assert.Null(reply.Header("Set-Cookie"));
        if (isHead) return;
        if (IsJson(reply))
        {
            Assert.DoesNotContain("secret-7f3Q9z", reply.Text, StringComparison.OrdinalIgnoreCase);
            if (reply.Status >= 400) CheckError(reply.Json["error"]!.AsObject());
            else if (reply.Json["object"]?.GetValue<string>() == "video") CheckVideo(reply.Json);
        }
        else if (reply.Status is 200 or 206)
        {
            var type = reply.Header("Content-Type") ?? "";
            var isMedia = type.StartsWith("video/", StringComparison.Ordinal)
                || type is "image/png" or "image/jpeg" or "image/webp" or "application/octet-stream";
            Assert.True(isMedia, type);
            Assert.Equal("nosniff", reply.Header("X-Content-Type-Options"));
        }
        else
        {
            Assert.Empty(reply.Bytes);
        }
    }

    private static string KeyOf(string type) => $"secret-7f3Q9z-of-{type}";

    private static bool IsJson(Reply reply) => reply.Header("Content-Type")?.StartsWith("application/json", StringComparison.Ordinal) == true;

    private void CheckError(JsonObject error)
    {
        var message = error["message"]!.GetValue<string>();
        Assert.InRange(message.Length, 1, 1_500);
        // A caller's own words are told as they are.
        if (Changing is not null) Assert.DoesNotContain(message, char.IsControl);
        Assert.DoesNotContain(App.Sandbox.Address.Authority, message, StringComparison.Ordinal);
        Assert.InRange(error["param"]?.GetValue<string>().Length ?? 0, 0, 400);
    }

    private void CheckVideo(JsonObject video)
    {
        var (status, progress) = (video["status"]!.GetValue<string>(), video["progress"]!.GetValue<int>());
        Assert.InRange(progress, 0, 100);
        Assert.Equal(status == "completed", progress == 100);
        Assert.Equal(status == "failed", video["error"] is not null);
        Assert.Equal(status == "completed", video["videos"] is JsonArray { Count: > 0 });
        Assert.Matches("^[A-Za-z0-9._~:-]{1,512}$", video["id"]!.GetValue<string>());
        foreach (var output in video["videos"]?.AsArray() ?? [])
        {
            if (output!["url"]?.GetValue<string>() is not { } url) continue;
            Assert.True(Uri.TryCreate(url, UriKind.Absolute, out var address) && address.Scheme is "http" or "https", url);
            // Only its own address, or one that anybody may fetch.
            Assert.True(url.StartsWith(App.Http.BaseAddress!.AbsoluteUri, StringComparison.Ordinal) || RemixProxy.Contract.PublicAddress.IsUrl(url)
                || url.StartsWith(App.Sandbox.Address.AbsoluteUri, StringComparison.Ordinal), url);
        }
    }

    private async Task AnswerAsync(HttpContext http, RequestDelegate simulator)
    {
        if (Upstream.IsSubmit(http.Request.Method, http.Request.Path)) Interlocked.Increment(ref _submits);
        if (Changing is not { } one || one.Random.Next(3) == 0)
        {
            await simulator(http);
            return;
        }

        var (wire, good) = (http.Response.Body, new MemoryStream());
        http.Response.Body = good;
        await simulator(http);
        http.Response.Body = wire;
        await ChangeAsync(one, http, good.ToArray());
    }

    private async Task ChangeAsync(FuzzCase one, HttpContext http, byte[] body)
    {
        var response = http.Response;
        if (one.Random.Next(40) == 0)
        {
            one.Note("hangs up", http.Request.Path);
            http.Abort();
            return;
        }

        if (one.Random.Next(4) == 0) response.StatusCode = one.OneOf(Statuses);
        var isText = response.ContentType?.StartsWith("application/json", StringComparison.Ordinal) != false;
        body = isText && body.Length < 200_000
            ? Encoding.UTF8.GetBytes(one.Change(Encoding.UTF8.GetString(body), (random, json) => Mutation.Json(random, json, _words)))
            : one.Change(body, Mutation.Bytes);
        if (one.Random.Next(10) == 0) body = one.Change(body, Mutation.Bytes);
        for (var i = one.Random.Next(3) == 0 ? one.Random.Next(1, 3) : 0; i > 0; i--)
        {
            var (name, values) = one.OneOf(Headers);
            response.Headers[name] = one.OneOf(values);
        }

        var hasBody = response.StatusCode is not (204 or 304) && http.Request.Method != "HEAD";
        var missing = one.Random.Next(30) == 0 ? 10 : 0;
        response.ContentLength = hasBody ? body.Length + missing : null;
        var headers = string.Join("; ", response.Headers.Select(h => $"{h.Key}: {h.Value}"));
        one.Note(
            Invariant($"{http.Request.Method} {http.Request.Path} {response.StatusCode} {missing} {headers}"),
            isText ? body : body.AsSpan(0, Math.Min(body.Length, 100)));
        if (!hasBody) return;
        await response.Body.WriteAsync(body);
        if (missing > 0)
        {
            await response.Body.FlushAsync();
            http.Abort();
        }
    }
}
