using System.Text;
using RemixProxy.FunctionalTests.Kit;
using RemixProxy.TestKit.Fuzzing;

namespace RemixProxy.FunctionalTests.Fuzzing;

/// <summary>Callers who send anything, through the door: an answer that callers are promised, at most one submit, and no fault of the process.</summary>
public class CallerFuzzTests
{
    private const int Cases = 250;

    private static readonly string[] Models =
    [
        "openai/sora-2", "openai/whatever", "gemini/gemini-omni-1.1-flash", "luma/ray-3.2", "runway/gen4.5", "runway/whatever", "runway/aleph2", "sora-2",
    ];

    private static readonly string[] Fields =
    [
        "\"seconds\":\"8\"", "\"seconds\":4", "\"duration\":\"5s\"", "\"size\":\"1280x720\"", "\"resolution\":\"720p\"", "\"aspect_ratio\":\"16:9\"",
        "\"input_reference\":{\"image_url\":\"https://cdn.example/a.png\"}", "\"image\":\"data:image/png;base64,iVBORw0KGgoAAAANSUhEUg==\"",
        "\"reference_images\":[\"https://cdn.example/a.png\",{\"url\":\"https://cdn.example/b.png\"}]", "\"last_frame\":{\"file_id\":\"file-1\"}",
        "\"audio\":true", "\"seed\":7", "\"negative_prompt\":\"rain\"", "\"n\":1", "\"user\":\"u\"", "\"metadata\":{\"a\":\"b\"}",
        "\"x\":{\"y\":[1,{\"z\":null}]}",
    ];

    private static readonly string[] Parts =
    [
        "name=\"prompt\"\r\n\r\nA boat", "name=\"prompt\"\r\n\r\nA \"boat\" é😀", "name=\"model\"\r\n\r\nluma/ray-3.2", "name=\"model\"\r\n\r\nopenai/whatever",
        "name=\"seconds\"\r\n\r\n5", "name=\"size\"\r\n\r\n1280x720",
        "name=\"input_reference\"; filename=\"a.png\"\r\nContent-Type: image/png\r\n\r\n\u0089PNG\r\n\u001a\n",
        "name=\"input_reference[image_url]\"\r\n\r\nhttps://cdn.example/a.png", "name=\"images[]\"\r\n\r\nhttps://cdn.example/a.png",
        "name=\"images[1]\"; filename*=UTF-8''b%C3%A9.png\r\n\r\n\u0089PNG",
        "name=\"video[id]\"\r\n\r\nvideo_1:openai", "name=\"video\"; filename=\"v.mp4\"\r\nContent-Type: video/mp4\r\n\r\n\0\0\0\u0018ftypmp42",
        "name=\"tags[][x]\"\r\n\r\n1",
        "name=\"a\\\"b\"\r\n\r\n1", "name=x\r\n\r\n1", "name=\"\"\r\n\r\n1", "filename=\"a\"\r\n\r\n1",
        "name=\"x\"\r\nContent-Transfer-Encoding: base64\r\n\r\nAA==",
    ];

    private static readonly (string Name, string Value)[] Headers =
    [
        ("Cache-Control", "no-cache"), ("x-remix-cache", "semantic"), ("x-remix-cache-threshold", "0.9"), ("x-remix-cache-ttl", "60"),
        ("Idempotency-Key", "key-1"),
        ("X-Stainless-Retry-Count", "1"), ("Range", "bytes=0-9"), ("If-Range", "\"x\""), ("If-None-Match", "\"x\""), ("Origin", "http://localhost"),
        ("Sec-Fetch-Site", "same-origin"), ("Prefer", "wait=1"), ("x-remix-raw", "true"), ("Accept", "application/json"), ("Authorization", "Bearer sk-a"),
        ("x-api-key", "k"), ("X-Forwarded-For", "127.0.0.1"), ("Forwarded", "for=127.0.0.1"), ("X-Forwarded-Proto", "https"), ("traceparent", "00-1-2-01"),
        ("Content-Encoding", "identity"), ("Cookie", "a=b"), ("x-request-id", "mine"), ("Accept-Language", "de"),
        ("If-Modified-Since", "Wed, 21 Oct 2026 07:28:00 GMT"),
    ];

    [Fact]
    public async Task Any_submit_has_the_answer_that_is_promised()
    {
        await using var fuzzed = await FuzzedApp.StartAsync();
        var id = (await fuzzed.App.CreateFinishedAsync("luma/ray-3.2"))["id"]!.GetValue<string>();
        await Fuzz.RunAsync(2 * Cases, async one =>
        {
            var path = one.OneOf(["v1/videos", "v1/videos", "v1/videos/edits", "v1/videos/extensions", $"v1/videos/{id}/remix"]);
            using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = one.Random.Next(3) == 0 ? Form(one) : Json(one, id) };
            AddHeaders(one, request);
            await fuzzed.SendAsync(one, request, 2);
            if (one.Random.Next(20) == 0) await fuzzed.AssertServesAsync(one, "luma/ray-3.2");
            fuzzed.CheckLog();
        });
        await fuzzed.AssertServesAsync(new FuzzCase(0, new HashSet<int>()), "luma/ray-3.2");
    }

    [Fact]
    public async Task Any_read_has_the_answer_that_is_promised()
    {
        await using var fuzzed = await FuzzedApp.StartAsync();
        string[] ids =
        [
            .. await Task.WhenAll(FaultyProviders.Types.Select(async t => (await fuzzed.App.CreateAsync(FaultyProviders.ModelOf(t), "A boat")).Id)),
            "nobody:openai", "~Li4vLi4v:luma", "x:nobody", "edits", "extensions", "characters",
        ];
        string[] queries =
        [
            "", "?include=base64", "?limit=5&order=asc", "?after=video_1:openai", "?variant=thumbnail&index=1", "?exp=1&sig=x", "?api-version=1", "?client=a",
        ];
        await Fuzz.RunAsync(2 * Cases, async one =>
        {
            var name = one.OneOf(ids);
            if (one.Random.Next(4) == 0) name = one.Change(name, Mutation.Text);
            var path = one.OneOf(["v1/videos", "v1/videos/{0}", "v1/videos/{0}/content", "v1/videos/{0}/cancel", "v1/models", "v1/models/{0}"])
                .Replace("{0}", one.Random.Next(4) == 0 ? Plain(name) : Uri.EscapeDataString(Plain(name)), StringComparison.Ordinal);
            var query = "?" + Plain(one.Change(one.OneOf(queries), Mutation.Text)).TrimStart('?');
            var asIs = new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true };
            if (!Uri.TryCreate(fuzzed.App.Http.BaseAddress + path + query, asIs, out var url)
                || url.PathAndQuery.Any(c => c is <= ' ' or > '~')) return;
            if (!url.AbsolutePath.StartsWith("/v1/", StringComparison.Ordinal) || url.AbsolutePath.Contains("..", StringComparison.Ordinal)) return;
            using var request = new HttpRequestMessage(new(one.OneOf(["GET", "GET", "HEAD", "DELETE", "POST", "PUT"])), url);
            AddHeaders(one, request);
            fuzzed.App.Time.Advance(TimeSpan.FromSeconds(1));
            await fuzzed.SendAsync(one, request, 0);
            fuzzed.CheckLog();
        });
        await fuzzed.AssertServesAsync(new FuzzCase(0, new HashSet<int>()), "luma/ray-3.2");
    }

    [Fact]
    public async Task Any_bytes_on_the_wire_leave_the_process_as_it_was()
    {
        await using var fuzzed = await FuzzedApp.StartAsync();
        var address = fuzzed.App.Http.BaseAddress!;
        await Fuzz.RunAsync(Cases, async one =>
        {
            var body = one.Change("{\"model\":\"luma/ray-3.2\",\"prompt\":\"A boat\"}", Mutation.Json);
            var head = Invariant(
                $"POST /v1/videos HTTP/1.1\r\nHost: {address.Authority}\r\nContent-Type: application/json\r\nIdempotency-Key: k\r\nConnection: close\r\n");
            var bytes = Encoding.UTF8.GetBytes(body);
            byte[] sent =
            [
                .. one.Change(Encoding.ASCII.GetBytes(head), Mutation.Bytes),
                .. Encoding.ASCII.GetBytes(one.OneOf([
                    Invariant($"Content-Length: {bytes.Length}"), Invariant($"Content-Length: {bytes.Length + 5}"), "Transfer-Encoding: chunked",
                    "Content-Length: -1", "Content-Length: 1, 1",
                ])),
                .. "\r\n\r\n"u8, .. bytes,
            ];
            one.Note("sent", sent);
            using var client = await RawClient.ConnectAsync(address);
            try
            {
                await client.WriteAsync(sent);
                client.EndWriting();
                var answer = await client.ReadAnswerAsync();
                one.Note("answer", answer);
                Assert.StartsWith("HTTP/1.1 ", answer, StringComparison.Ordinal);
                Assert.DoesNotContain("HTTP/1.1 500", answer, StringComparison.Ordinal);
            }
            catch (IOException)
            {
                // The connection may be closed on what is no request.
            }

            // A submit whose caller hung up may reach the provider meanwhile.
            if (one.Random.Next(10) == 0) await fuzzed.AssertServesAsync(one, "luma/ray-3.2", Cases);
            fuzzed.CheckLog();
        });
        await fuzzed.AssertServesAsync(new FuzzCase(0, new HashSet<int>()), "luma/ray-3.2", Cases);
    }

    private static ByteArrayContent Json(FuzzCase one, string id)
    {
        string[] fields =
        [
            $"\"prompt\":\"A boat {one.Seed} {{}}\"", $"\"model\":\"{one.OneOf(Models)}\"", $"\"video\":{{\"id\":\"{id}\"}}",
            .. Enumerable.Range(0, one.Random.Next(4)).Select(_ => one.OneOf(Fields)),
        ];
        if (one.Random.Next(2) == 0) fields = [.. fields.Take(2), .. fields.Skip(3)];
        var bytes = Encoding.UTF8.GetBytes(one.Change($"{{{string.Join(',', fields)}}}", Mutation.Json));
        if (one.Random.Next(5) == 0) bytes = one.Change(bytes, Mutation.Bytes);
        if (one.Random.Next(20) == 0) bytes = [0xEF, 0xBB, 0xBF, .. bytes];
        return Content(one, bytes, one.Random.Next(10) == 0 ? one.Change("application/json; charset=utf-8", Mutation.Text) : "application/json");
    }

    private static ByteArrayContent Form(FuzzCase one)
    {
        var body = new StringBuilder();
        for (var i = one.Random.Next(30) == 0 ? 3_000 : one.Random.Next(8); i >= 0; i--)
        {
            var part = i < 2 ? Parts[i == 1 ? 0 : 2] : one.OneOf(Parts);
            if (one.Random.Next(4) == 0 && i < 100) part = one.Change(part, Mutation.Text, 1);
            body.Append("--b\r\nContent-Disposition: form-data; ").Append(part).Append("\r\n");
        }

        var bytes = Encoding.Latin1.GetBytes(body.Append("--b--\r\n").ToString());
        if (one.Random.Next(4) == 0) bytes = one.Change(bytes, Mutation.Bytes);
        return Content(one, bytes, one.Random.Next(10) == 0 ? one.Change("multipart/form-data; boundary=b", Mutation.Text) : "multipart/form-data; boundary=b");
    }

    private static ByteArrayContent Content(FuzzCase one, byte[] bytes, string type)
    {
        one.Note(type, bytes);
        var content = new ByteArrayContent(bytes);
        content.Headers.TryAddWithoutValidation("Content-Type", Visible(type));
        return content;
    }

    private static void AddHeaders(FuzzCase one, HttpRequestMessage request)
    {
        for (var i = one.Random.Next(4); i > 0; i--)
        {
            var (name, value) = one.OneOf(Headers);
            var sent = Visible(one.Random.Next(2) == 0 ? one.Change(value, Mutation.Text) : value);
            one.Note(name, sent);
            if (name.StartsWith("Content", StringComparison.Ordinal)) request.Content?.Headers.TryAddWithoutValidation(name, sent);
            else request.Headers.TryAddWithoutValidation(name, sent);
        }
    }

    // The client itself sends no others. Long ones are refused by the server before anything of ours.
    private static string Visible(string text) => new([.. text.Where(c => c is >= ' ' and <= '~').Take(2_000)]);

    private static string Plain(string text) => string.Concat(text.Take(600).Select(
        c => c is > ' ' and <= '~' ? c.ToString() : char.IsSurrogate(c) ? "" : Uri.EscapeDataString(c.ToString())));
}
