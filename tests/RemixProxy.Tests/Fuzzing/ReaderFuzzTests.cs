using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Primitives;
using RemixProxy.Adapters;
using RemixProxy.Cache.Embedding;
using RemixProxy.Cache.Language;
using RemixProxy.Contract;
using RemixProxy.Exchanges;
using RemixProxy.Operations;
using RemixProxy.Operations.Submit;
using RemixProxy.Pipeline;
using RemixProxy.Providers;
using RemixProxy.TestKit;
using RemixProxy.TestKit.Fuzzing;

namespace RemixProxy.Tests.Fuzzing;

/// <summary>What reads callers' bodies, ids, headers and prompts: whatever comes, it reads it or refuses it, and never throws anything else.</summary>
public sealed class ReaderFuzzTests : IDisposable
{
    private const int Cases = 1_500;

    private static readonly string[] Bodies =
    [
        """{"prompt":"A paper boat on a canal","model":"openai/sora-2","seconds":"8","size":"1280x720"}""",
        """{"prompt":"é😀 \"quoted\" \\ \u00e9","seconds":4.5,"resolution":"720p","aspect_ratio":"16:9","seed":7,"negative_prompt":"rain","n":1}""",
        """{"prompt":"a","input_reference":{"image_url":"https://cdn.example/a.png"},"last_frame":"https://cdn.example/b.png","audio":true,"x":{"y":[1,{}]}}""",
        """{"prompt":"a","input_reference":"data:image/png;base64,iVBORw0KGgoAAAA=","reference_images":[{"url":"https://cdn.example/a.png"}],"user":"u"}""",
        """{"prompt":"a","images":["https://cdn.example/a.png"],"generate_audio":"on","num_videos":"2","metadata":{"k":"v"},"workflow":"{\"a\":[1]}"}""",
        """{"prompt":"on","video":{"id":"task_abc:runway"},"seconds":5,"durationSeconds":5}""",
    ];

    private static readonly string[] PartNames =
    [
        "prompt", "model", "seconds", "size", "input_reference", "input_reference[image_url]", "images[]", "images[0]", "images[1][url]", "video", "video[id]",
        "tags[][x]", "tags[][y]", "reference_videos", "last_frame", "a[b][c][d]", "seed", "x",
    ];

    private static readonly string[] PartTypes =
        ["", "text/plain", "text/plain; charset=utf-16", "application/json", "image/png", "IMAGE/JPG", "video/mp4", "application/octet-stream", "x", ";"];

    private static readonly string[] Ids =
    [
        "task_abc123:runway", "video_1:openai", "~Li4vLi4v:luma", "a:b:c:openai", "x:runway:runway", "gen-1:luma-eu", "models/veo/operations/x:gemini",
        "~w6k:openai",
    ];

    private static readonly string[] HeaderValues =
    [
        "no-cache", "max-age=0, no-store", "bytes=0-99", "bytes=-5", "\"etag\"", "W/\"etag\"", "Wed, 21 Oct 2026 07:28:00 GMT", "semantic", "off", "0.95",
        "3600", "wait=10", "127.0.0.1", "for=\"[::1]:80\";by=127.0.0.1", "http://localhost:8080", "Bearer sk-abc", "key-1", "application/json", "1",
        "attachment; filename=\"a.mp4\"", "bytes 0-9/100", "video/mp4", "gzip",
    ];

    private static readonly string[] Prompts =
    [
        "A paper boat on a canal, without people, two ducks at 10:30", "make it \"snow\" — not rain", "車を赤くして", "ein rotes Auto und ein blaues Haus",
        "zoom in by 50% over #ff0000 hills", "two 👩‍👩‍👧 dogs, ½ off, 1,000.5 birds", "ПОВЕРНИ налево", "לא גשם",
    ];

    private readonly ServiceProvider _services;
    private readonly BodyBudget _budget;

    public ReaderFuzzTests()
    {
        var configuration = new ConfigurationBuilder().Build();
        var services = new ServiceCollection().AddLogging().AddSingleton<IConfiguration>(configuration);
        services.AddReverseProxy().AddRemixProxy(configuration);
        _services = services.BuildServiceProvider();
        _budget = _services.GetRequiredService<BodyBudget>();
    }

    public void Dispose() => _services.Dispose();

    [Fact]
    public Task Any_JSON_body_is_read_or_refused() => Fuzz.RunAsync(Cases, async one =>
    {
        var body = Encoding.UTF8.GetBytes(one.Change(one.OneOf(Bodies), Mutation.Json));
        if (one.Random.Next(4) == 0) body = one.Change(body, Mutation.Bytes);
        await ReadAsync(one, body, one.Random.Next(8) == 0 ? one.Change("application/json; charset=utf-8", Mutation.Text) : "application/json");
    });

    [Fact]
    public Task Any_form_is_read_or_refused() => Fuzz.RunAsync(Cases, async one =>
    {
        var form = new MemoryStream();
        for (var parts = one.Random.Next(20) == 0 ? one.Random.Next(300) : one.Random.Next(8); parts >= 0; parts--)
        {
            var name = one.Random.Next(6) == 0 ? one.Change(one.OneOf(PartNames), Mutation.Text) : one.OneOf(PartNames);
            var (file, type) = (one.Random.Next(3) == 0 ? $"; filename=\"{one.Change("a.png", Mutation.Text, 1)}\"" : "", one.OneOf(PartTypes));
            form.Write(Encoding.UTF8.GetBytes(
                $"--b\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n{(type.Length == 0 ? "" : $"Content-Type: {type}\r\n")}\r\n"));
            var value = JsonNode.Parse(one.OneOf(Bodies))!.AsObject().ElementAt(0).Value!.ToString();
            form.Write(Encoding.UTF8.GetBytes(one.Random.Next(3) == 0 ? one.Change(value, Mutation.Text) : value));
            form.Write("\r\n"u8);
        }

        form.Write("--b--\r\n"u8);
        var body = form.ToArray();
        if (one.Random.Next(3) == 0) body = one.Change(body, Mutation.Bytes);
        await ReadAsync(one, body, one.Random.Next(8) == 0 ? one.Change("multipart/form-data; boundary=b", Mutation.Text) : "multipart/form-data; boundary=b");
    });

    [Fact]
    public Task Any_id_stays_the_same_on_its_way() => Fuzz.RunAsync(Cases, one =>
    {
        var text = one.Change(one.OneOf(Ids), Mutation.Text);
        one.Note("id", text);
        _ = VideoId.IsAcceptable(text);
        // Neither a body nor an answer that holds half a character is read.
        if (!IsWhole(text)) return;
        if (VideoId.TryParse(text, out var id) && VideoId.TryParse(id.Value.ToString(), out var again)) Assert.Equal(id, again);
        if (!VideoId.TryDecodeNative(text, out var native)) return;
        var encoded = VideoId.EncodeNative(native);
        Assert.True(encoded.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-' or '~') && encoded is not ("." or ".."), encoded);
    });

    [Fact]
    public Task Any_header_is_read_or_refused() => Fuzz.RunAsync(Cases, one =>
    {
        var http = new DefaultHttpContext();
        foreach (var name in new[]
        {
            "Cache-Control", CacheHeaders.Mode, CacheHeaders.Threshold, CacheHeaders.Ttl, "Idempotency-Key", "X-Stainless-Retry-Count", "Range", "If-Range",
            "X-Forwarded-For", "Forwarded", "X-Real-IP", "Origin", "Host", "Authorization", "x-api-key",
        })
        {
            if (one.Random.Next(3) == 0) continue;
            var value = one.Change(one.OneOf(HeaderValues), Mutation.Text);
            one.Note(name, value);
            http.Request.Headers[name] = one.Random.Next(10) == 0 ? new StringValues([value, one.OneOf(HeaderValues)]) : value;
        }

        Allow(() => CacheHeaders.Read(http.Request, new()));
        Allow(() => SubmitHeaders.ReadKey(http.Request));
        _ = SubmitHeaders.IsRetry(http.Request);
        _ = ForwardedAddresses.AreLoopback(http.Request.Headers);
        http.Connection.RemoteIpAddress = IPAddress.Loopback;
        _ = OpenAccess.Check(http, new());
        _ = Arrival.Of(http);
    });

    [Fact]
    public Task Any_header_of_a_source_is_copied_or_refused() => Fuzz.RunAsync(Cases, one =>
    {
        using var source = new HttpResponseMessage(one.OneOf([HttpStatusCode.OK, HttpStatusCode.PartialContent, HttpStatusCode.NotModified]))
        {
            Content = new ByteArrayContent([1, 2, 3]),
        };
        foreach (var name in new[] { "Content-Type", "Content-Length", "Content-Range", "Content-Encoding", "ETag", "Last-Modified", "Accept-Ranges" })
        {
            if (one.Random.Next(3) == 0) continue;
            var value = one.Change(one.OneOf(HeaderValues), Mutation.Text);
            one.Note(name, value);
            if (!source.Headers.TryAddWithoutValidation(name, value))
            {
                source.Content.Headers.Remove(name);
                source.Content.Headers.TryAddWithoutValidation(name, value);
            }
        }

        var range = one.Change("bytes=0-99", Mutation.Text, 1);
        one.Note("Range", range);
        // As the caller's are looked at before they go on.
        var asked = RangeHeaderValue.TryParse(range, out var read) && read.Ranges.Count == 1 ? new[] { KeyValuePair.Create("Range", range) } : [];
        var target = new DefaultHttpContext().Response;
        if (!ContentHeaders.TryCopy(source, asked, target)) return;
        Assert.All(target.Headers, h => Assert.DoesNotContain(h.Value.ToString(), c => c is < ' ' or > '~'));
        Assert.True(target.StatusCode == 304 || MediaTypes.Served(target.ContentType) == target.ContentType, target.ContentType);
    });

    [Fact]
    public Task Any_text_is_cleaned_whole_and_short() => Fuzz.RunAsync(Cases, one =>
    {
        const string Key = "sk-Ab+1/x=Z9";
        string[] said =
        [
            $"key {Key} at https://api.vendor.com:8443/v1/x failed", "Invalid 'seconds': must be 4, 8 or 12; see db:5432",
            "in /srv/models/run.py: [fd00::77]:80",
            "10.0.0.1, c:\\srv\\x, gpu-7.farm.internal:80", $"{Uri.EscapeDataString(Key)} {JsonValue.Create(Key)!.ToJsonString()}",
        ];
        var text = one.Change(one.OneOf(said), Mutation.Text, 6);
        one.Note("said", text);
        var provider = new Provider
        {
            Name = "openai", Adapter = BuiltInAdapters.All.Single(a => a.Profile.Type == "openai"), BaseUrl = new("https://server.example/v1/"),
            Credential = new() { Provider = "openai", ApiKey = Key }, KeySource = null, Options = new(),
        };
        var clean = ProviderText.Clean(text, provider);
        Assert.InRange(clean.Length, 0, 501);
        Assert.DoesNotContain(clean, char.IsControl);
        Assert.DoesNotContain(Key, clean, StringComparison.OrdinalIgnoreCase);
        Assert.True(IsWhole(clean) || !IsWhole(text), "half a character");
        _ = ProviderText.WithoutQuotes(text, one.Change(one.OneOf(said), Mutation.Text), null);
        _ = ProviderText.FieldName(text);
        var shown = FieldNames.Shown(text);
        Assert.True(shown.Length <= 65 && (IsWhole(shown) || !IsWhole(text)), "half a character");
    });

    [Fact]
    public Task Any_small_text_is_read_or_not() => Fuzz.RunAsync(Cases, one =>
    {
        var text = one.Change(
            one.OneOf(["8", "8.5", "8s", "1280x720", "16:9", "data:image/png;base64,iVBORw0KGgo=", "https://cdn.example/a.png", "[::1]:80", "image/png"]),
            Mutation.Text);
        one.Note("text", text);
        if (Durations.Read(text) is { } seconds) _ = Durations.Text(seconds);
        if (VideoSize.TryParse(text, out var size)) Assert.True(VideoSize.TryParse(size.ToString(), out var same) && same == size);
        _ = DataUrl.TryRead(text, out _, out _);
        var url = new MarkedData().Take(Encoding.UTF8.GetBytes(text));
        Assert.True(url is null || text.StartsWith("data:", StringComparison.OrdinalIgnoreCase), url);
        if (PublicAddress.IsUrl(text)) Assert.True(new Uri(text) is { Scheme: "https", UserInfo: "" } address && address.Host.Contains('.'), text);
        _ = PublicAddress.IsAddress(text);
        if (Origin.TryReadHost(text, out var host, out _)) Assert.NotEmpty(host);
        _ = MediaTypes.Of(text, Encoding.UTF8.GetBytes(text));
    });

    [Fact]
    public Task Any_clip_says_its_size_or_nothing() => Fuzz.RunAsync(Cases, async one =>
    {
        var bytes = one.Change(one.OneOf(Clips.Value), Mutation.Bytes, 8);
        one.Note("clip", bytes.AsSpan(0, Math.Min(bytes.Length, 2_000)));
        var clip = await ClipHeader.ReadAsync(MediaFile.From("a.mp4", "video/mp4", bytes), CancellationToken.None);
        Assert.True(clip.Seconds is null or > 0 and <= 86_400 or 0, $"{clip.Seconds}");
        _ = MediaTypes.Of(null, bytes);
    });

    [Fact]
    public Task Any_two_prompts_can_be_compared() => Fuzz.RunAsync(Cases / 3, one =>
    {
        var (a, b) = (one.Change(one.OneOf(Prompts), Mutation.Text), one.Change(one.OneOf(Prompts), Mutation.Text));
        one.Note("a", a);
        one.Note("b", b);
        var (first, second) = (Fingerprint.PromptOf(a), Fingerprint.PromptOf(b));
        _ = LexicalConflict.Find(first, second, ConflictWords.Shipped);
        Assert.Null(LexicalConflict.Find(first, first, ConflictWords.Shipped));
        var vector = LexicalEmbedder.Embed(PromptText.Read(first));
        Assert.All(vector, v => Assert.True(float.IsFinite(v)));
    });

    private static Lazy<byte[][]> Clips { get; } = new(() =>
        [.. Directory.EnumerateFiles(Path.Combine(Repository.Root, "src", "RemixProxy.Sandbox"), "*.mp4", SearchOption.AllDirectories)
            .Where(f => !f.Contains("obj", StringComparison.Ordinal) && !f.Contains("bin", StringComparison.Ordinal)).Order(StringComparer.Ordinal)
            .Select(File.ReadAllBytes)]);

    private async Task ReadAsync(FuzzCase one, byte[] body, string type)
    {
        one.Note(type, body);
        var http = new DefaultHttpContext();
        http.Request.Body = new MemoryStream(body.ToArray());
        http.Request.ContentType = type;
        if (one.Random.Next(2) == 0) http.Request.ContentLength = body.Length;
        using var lease = _budget.Rent();
        try
        {
            var read = await RequestBody.ReadAsync(http.Request, new(), lease, TimeProvider.System, CancellationToken.None);
            var operation = one.OneOf([VideoOperation.Create, VideoOperation.Remix, VideoOperation.Edit, VideoOperation.Extend]);
            var intent = SubmitIntent.Read(operation, read, operation == VideoOperation.Remix ? "video_1:openai" : null);
            _ = intent.ToWritten();
            _ = intent.FaultyAddress(_ => true);
            _ = intent.OwnTexts.Count() + intent.Images.Count() + intent.OtherFiles.Count();
            _ = intent.PolicyOf(new() { Mode = CacheMode.Semantic, Threshold = null, Ttl = TimeSpan.FromDays(1) });
            _ = await Fingerprint.OfAsync(operation, intent.SourceId, read, CancellationToken.None);
            foreach (var (name, value) in intent.Fields) Assert.True(IsWhole(name) && IsWhole(value.GetRawText()), name);
        }
        catch (ApiException e)
        {
            Check(e.Error);
        }
    }

    private static void Allow<T>(Func<T> read)
    {
        try
        {
            _ = read();
        }
        catch (ApiException e)
        {
            Check(e.Error);
        }
    }

    private static void Check(ApiError error)
    {
        Assert.True(error.Status is >= 400 and < 500 or 503, $"{error.Status}");
        Assert.InRange(error.Message.Length, 1, 500);
        Assert.True(IsWhole(error.Message) && IsWhole(error.Param ?? ""), $"{error.Param}: {error.Message}");
    }

    private static bool IsWhole(string text) => !text.EnumerateRunes().Any(r => r == Rune.ReplacementChar) || text.Contains('\ufffd');
}
