using System.Diagnostics.Metrics;
using RemixProxy.Sandbox;
using RemixProxy.Sandbox.Content;
using RemixProxy.Sandbox.Hosting;
using RemixProxy.Sandbox.Jobs;

namespace RemixProxy.Tests.Sandbox;

public class SandboxServerTests() : SandboxTestBase("luma")
{
    private const string Body = """{"model":"ray-3.2","type":"video","prompt":"A paper boat"}""";

    private Func<Microsoft.AspNetCore.Http.HttpContext, Microsoft.AspNetCore.Http.RequestDelegate, Task>? _intercept;

    internal override SandboxOptions Options => new()
    {
        Time = Time,
        SeparateAssetHost = true,
        MaxJobs = 2,
        Intercept = (http, next) => _intercept is { } intercept ? intercept(http, next) : next(http),
    };

    private async Task<string> AssetAsync()
    {
        var created = await SendAsync("POST", "/v1/generations", Body);
        LetJobsEnd();
        return (await SendAsync("GET", $"/v1/generations/{created.Field("id")}")).Json["output"]![0]!["url"]!.GetValue<string>();
    }

    [Fact]
    public async Task Assets_serve_ranges_with_validators()
    {
        string url = await AssetAsync();
        var whole = await GetBareAsync(url);
        Assert.Equal((200, "bytes"), (whole.Status, whole.Header("Accept-Ranges")));
        Assert.NotNull(whole.Header("Last-Modified"));
        var part = await GetBareAsync(url, ("Range", "bytes=4-7"), ("If-Range", whole.Header("ETag")!));
        Assert.Equal((206, "ftyp", $"bytes 4-7/{whole.Body.Length}"), (part.Status, part.Text, part.Header("Content-Range")));
        Assert.Equal(200, (await GetBareAsync(url, ("Range", "bytes=4-7"), ("If-Range", "\"other\""))).Status);
        Assert.Equal(416, (await GetBareAsync(url, ("Range", "bytes=99999999-"))).Status);
        using var request = new HttpRequestMessage(HttpMethod.Head, url);
        var head = await SendAsync(request);
        Assert.Equal((200, whole.Body.Length.ToString(), 0), (head.Status, head.Header("Content-Length"), head.Body.Length));
    }

    [Fact]
    public async Task The_asset_host_takes_no_credential_and_serves_nothing_else()
    {
        string url = await AssetAsync();
        Assert.StartsWith(Server.AssetAddress.ToString(), url, StringComparison.Ordinal);
        Assert.NotEqual(Server.Address.Port, Server.AssetAddress.Port);
        Assert.Equal(400, (await GetBareAsync(url, ("Authorization", "Bearer any-key"))).Status);
        Assert.Equal(404, (await GetBareAsync(url.Replace($":{Server.AssetAddress.Port}/", $":{Server.Address.Port}/", StringComparison.Ordinal))).Status);
        Assert.Equal(404, (await SendAsync("POST", $"{Server.AssetAddress}luma/main/v1/generations", Body)).Status);
    }

    [Fact]
    public async Task Requests_are_recorded_with_their_bodies()
    {
        await SendAsync("POST", "/v1/generations?a=%2Fb", Body);
        var seen = Assert.Single(Server.Requests);
        Assert.Equal(("POST", "/luma/main/v1/generations?a=%2Fb", Body), (seen.Method, seen.PathAndQuery, seen.BodyText));
        Assert.Equal("Bearer any-key", seen.Headers["authorization"]);
    }

    [Fact]
    public async Task Accounts_are_apart_and_keep_their_newest_jobs()
    {
        var first = await SendAsync("POST", "/v1/generations", Body);
        string elsewhere = $"{Server.BaseUrl("luma", "other")}/v1/generations/{first.Field("id")}";
        Assert.Equal(404, (await SendAsync("GET", elsewhere)).Status);
        await SendAsync("POST", "/v1/generations", Body);
        Assert.Equal(200, (await SendAsync("GET", $"/v1/generations/{first.Field("id")}")).Status);
        await SendAsync("POST", "/v1/generations", Body);
        Assert.Equal(404, (await SendAsync("GET", $"/v1/generations/{first.Field("id")}")).Status);
        Assert.Equal((3, 3, 0), (Server.Submits, Server.SubmitsOf("luma", "main"), Server.SubmitsOf("luma", "other")));
    }

    [Fact]
    public async Task An_interceptor_can_answer_instead_or_read_along()
    {
        _intercept = (http, _) =>
        {
            http.Response.StatusCode = 500;
            return Task.CompletedTask;
        };
        Assert.Equal(500, (await SendAsync("POST", "/v1/generations", Body)).Status);
        Assert.Equal(0, Server.Submits);
        _intercept = async (http, next) =>
        {
            await new StreamReader(http.Request.Body).ReadToEndAsync(Ct);
            await next(http);
        };
        Assert.Equal(201, (await SendAsync("POST", "/v1/generations", Body)).Status);
    }

    [Fact]
    public async Task An_interceptor_can_lose_the_answer_of_a_job_that_was_made()
    {
        _intercept = async (http, next) =>
        {
            http.Response.Body = new MemoryStream();
            await next(http);
            http.Abort();
        };
        await Assert.ThrowsAsync<HttpRequestException>(() => SendAsync("POST", "/v1/generations", Body));
        Assert.Equal(1, Server.Submits);
    }

    [Fact]
    public async Task A_stopped_sandbox_cuts_hanging_requests_and_refuses_connections()
    {
        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _intercept = async (http, _) =>
        {
            arrived.SetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, http.RequestAborted);
        };
        var hanging = SendAsync("POST", "/v1/generations", Body);
        await arrived.Task.WaitAsync(Ct);
        await Server.DisposeAsync();
        await Assert.ThrowsAsync<HttpRequestException>(() => hanging);
        await Assert.ThrowsAsync<HttpRequestException>(() => SendAsync("POST", "/v1/generations", Body));
        Assert.Single(Server.Requests);
    }

    [Fact]
    public async Task Its_metrics_do_not_count_as_the_proxys()
    {
        using var listener = new MeterListener();
        List<string> meters = [];
        listener.InstrumentPublished = (instrument, _) =>
        {
            if (instrument.Meter.Scope is PrefixedMeters)
            {
                lock (meters)
                    meters.Add(instrument.Meter.Name);
            }
        };
        listener.Start();
        await SendAsync("GET", "/v1/generations/x");
        lock (meters)
        {
            Assert.NotEmpty(meters);
            Assert.All(meters, name => Assert.StartsWith("RemixProxy.Sandbox.", name, StringComparison.Ordinal));
        }
    }

    [Fact]
    public void Clips_are_small_and_an_edit_never_looks_like_its_source()
    {
        var clips = new ClipLibrary();
        foreach (var shape in Enum.GetValues<ClipShape>())
        {
            for (uint hash = 0; hash < 20; hash++)
            {
                var clip = clips.Choose(hash, new(JobKind.Generate, "", "") { Shape = shape });
                AssertMp4(clip.Bytes);
                Assert.InRange(clip.Bytes.Length, 1000, 30 * 1024);
                Assert.NotEqual(clip.Look, clips.Choose(hash, new(JobKind.Edit, "", "") { Shape = shape, SourceClip = clip }).Look);
                Assert.Same(clip, clips.Recognise(clip.Bytes));
            }
        }
    }

    [Theory]
    [InlineData("a SLOW, EXPIRE boat", MagicWords.Slow | MagicWords.Expire)]
    [InlineData("MODERATELY FAILing slow REFUSED", MagicWords.None)]
    [InlineData("FAIL_1", MagicWords.Fail)]
    internal void Magic_words_stand_alone(string prompt, MagicWords expected) => Assert.Equal(expected, Prompt.MagicWordsOf(prompt));
}
