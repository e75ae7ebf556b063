using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using RemixProxy.FunctionalTests.Kit;
using RemixProxy.Sandbox;

namespace RemixProxy.FunctionalTests.Exchanges;

/// <summary>Google Cloud with a service account: whose token goes where, what comes out of a bucket, and what follows a refused turn.</summary>
public sealed class GoogleCloudTests : IAsyncDisposable
{
    private const string Omni = "vertex/gemini-omni-1.1-flash-preview";
    private const string Veo = "vertex-veo/veo-3.1-fast-generate-001";

    private readonly Upstream _upstream = new();
    private SandboxServer? _bucket;
    private Func<HttpContext, RequestDelegate, Task> _onBucket = (http, _) => SendAsync(http);
    private ProxyApp? _app;

    private ProxyApp App => _app!;

    private SandboxServer Bucket => _bucket!;

    public async ValueTask DisposeAsync()
    {
        if (_app is not null) await _app.DisposeAsync();
        if (_bucket is not null) await _bucket.DisposeAsync();
    }

    [Theory]
    [InlineData(Omni)]
    [InlineData(Veo)]
    public async Task One_token_goes_with_all_that_is_sent_to_the_provider_and_its_bucket(string model)
    {
        await StartAsync();
        var video = await App.CreateFinishedAsync(model);
        Assert.Equal("ftyp"u8.ToArray(), (await App.BytesAsync($"v1/videos/{video["id"]}/content"))[4..8]);
        var requests = App.Sandbox.Requests;
        var token = Assert.Single(requests, r => r.PathAndQuery.EndsWith("/token", StringComparison.Ordinal));
        var sent = requests.Where(r => r != token).Concat(Bucket.Requests).ToList();
        Assert.StartsWith("Bearer ya29.sandbox-", Assert.Single(sent.Select(r => r.Headers["Authorization"]).Distinct()), StringComparison.Ordinal);
        Assert.All(requests.Concat(Bucket.Requests), r => Assert.False(r.Headers.ContainsKey("x-goog-api-key")));
        Assert.False(token.Headers.ContainsKey("Authorization"));
        Assert.Contains("/storage/v1/b/my-bucket/o/out%2F", Assert.Single(Bucket.Requests).PathAndQuery, StringComparison.Ordinal);
        Assert.DoesNotContain("googleapis", video.ToJsonString(), StringComparison.Ordinal);
        Assert.DoesNotContain("my-bucket", video.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_token_does_not_follow_a_redirect_of_the_bucket()
    {
        await StartAsync();
        await using var elsewhere = await SandboxServer.StartAsync(new() { Intercept = (http, _) => SendAsync(http) });
        _onBucket = (http, _) =>
        {
            http.Response.Redirect(elsewhere.Address + "clip.mp4");
            return Task.CompletedTask;
        };
        var id = (await App.CreateFinishedAsync(Omni))["id"]!.GetValue<string>();
        // A private address that no configuration names.
        (await App.CallAsync("GET", $"v1/videos/{id}/content")).AssertError(502, "provider_invalid_response");
        Assert.Empty(elsewhere.Requests);
        _onBucket = (http, _) =>
        {
            http.Response.Redirect(Bucket.Address + "again");
            _onBucket = (then, _) => SendAsync(then);
            return Task.CompletedTask;
        };
        await App.BytesAsync($"v1/videos/{id}/content");
        Assert.False(Bucket.Requests[^1].Headers.ContainsKey("Authorization"));
        Assert.True(Bucket.Requests[^2].Headers.ContainsKey("Authorization"));
    }

    [Fact]
    public async Task An_address_elsewhere_in_an_answer_gets_no_token()
    {
        await using var elsewhere = await SandboxServer.StartAsync(new() { Intercept = (http, _) => SendAsync(http) });
        await StartAsync(("RemixProxy:Providers:vertex:AssetHosts:0", elsewhere.Address.Authority));
        var id = (await App.CreateAsync(Omni, "A boat")).Id;
        _upstream.On("vertex", TestedProviders.IsPoll, Upstream.Answers(
            200, $$$"""{"status":"completed","steps":[{"type":"model_output","content":[{"type":"video","uri":"{{{elsewhere.Address}}}clip.mp4"}]}]}"""));
        App.Time.Advance(TimeSpan.FromSeconds(6));
        await App.BytesAsync($"v1/videos/{id}/content");
        Assert.False(Assert.Single(elsewhere.Requests).Headers.ContainsKey("Authorization"));
    }

    [Fact]
    public async Task Without_a_token_nothing_is_sent_and_an_alias_goes_on()
    {
        await StartAsync(("RemixProxy:Models:cloud:0", Omni), ("RemixProxy:Models:cloud:1", "luma/ray-3.2"));
        _upstream.On("vertex", r => r.Path.Value!.EndsWith("/token", StringComparison.Ordinal), Upstream.Answers(401, """{"error":"invalid_client"}"""));
        (await App.CreateAsync(Omni, "A boat")).AssertError(502, "provider_auth_failed");
        Assert.EndsWith(":luma", (await App.CreateAsync("cloud", "Another boat")).Id, StringComparison.Ordinal);
        Assert.All(App.Sandbox.Requests, r => Assert.False(r.PathAndQuery.StartsWith("/vertex/", StringComparison.Ordinal) && !IsToken(r)));
        _upstream.Heal();
        (await App.CreateAsync(Omni, "A boat")).Ok();
    }

    [Fact]
    public async Task Where_the_turn_before_is_refused_the_source_is_named_by_its_place()
    {
        await StartAsync();
        var id = (await App.CreateFinishedAsync(Omni))["id"]!.GetValue<string>();
        _upstream.On("vertex", r => Upstream.IsSubmit(r.Method, r.Path), async (http, next) =>
        {
            using var reader = new StreamReader(http.Request.Body, leaveOpen: true);
            var text = await reader.ReadToEndAsync();
            if (text.Contains("previous_interaction_id", StringComparison.Ordinal))
                await Upstream.Answers(400, """{"error":{"code":400,"message":"previous_interaction_id is not supported."}}""")(http, next);
            else
                await next(http);
        });
        var remix = (await App.CallAsync("POST", $"v1/videos/{id}/remix", new { prompt = "make it snow" })).Ok();
        Assert.Equal(2, App.Sandbox.SubmitsOf("vertex"));
        var body = JsonNode.Parse(App.Sandbox.Requests[^1].BodyText)!;
        Assert.StartsWith("gs://my-bucket/out/", body["input"]![1]!["uri"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal("edit", body["generation_config"]!["video_config"]!["task"]!.GetValue<string>());
        Assert.Equal("completed", (await App.FinishAsync(remix["id"]!.GetValue<string>()))["status"]!.GetValue<string>());
    }

    [Fact]
    public async Task Another_refusal_of_a_remix_stands()
    {
        await StartAsync();
        var id = (await App.CreateFinishedAsync(Omni))["id"]!.GetValue<string>();
        _upstream.OnSubmit("vertex", Upstream.Answers(400, """{"error":{"code":400,"message":"No.","status":"INVALID_ARGUMENT"}}"""));
        (await App.CallAsync("POST", $"v1/videos/{id}/remix", new { prompt = "make it snow" })).AssertError(400, "invalid_value");
        Assert.Equal(2, App.Sandbox.Requests.Count(r => Upstream.IsSubmit(r.Method, r.PathAndQuery)));
    }

    [Theory]
    [InlineData(Omni)]
    [InlineData(Veo)]
    public async Task Without_a_bucket_the_bytes_come_in_the_answer(string model)
    {
        var type = model.Split('/')[0];
        await StartAsync(($"RemixProxy:Providers:{type}:OutputUri", null));
        var video = await App.CreateFinishedAsync(model);
        Assert.Equal("ftyp"u8.ToArray(), (await App.BytesAsync($"v1/videos/{video["id"]}/content"))[4..8]);
        Assert.Empty(Bucket.Requests);
    }

    private static bool IsToken(SandboxRequest request) => request.PathAndQuery.EndsWith("/token", StringComparison.Ordinal);

    private static async Task SendAsync(HttpContext http)
    {
        http.Response.ContentType = "video/mp4";
        await http.Response.Body.WriteAsync(new byte[] { 0, 0, 0, 24, (byte)'f', (byte)'t', (byte)'y', (byte)'p', 1, 2, 3, 4 });
    }

    private async Task StartAsync(params (string Key, string? Value)[] settings)
    {
        _bucket = await SandboxServer.StartAsync(new() { Intercept = (http, next) => _onBucket(http, next) });
        _app = await ProxyApp.StartAsync(new()
        {
            SettingsOf = Account, Settings = settings.ToDictionary(s => s.Key, s => s.Value, StringComparer.Ordinal), Sandbox = _upstream.Sandbox,
        });
    }

    private Dictionary<string, string?> Account(SandboxServer sandbox)
    {
        var all = new Dictionary<string, string?>(StringComparer.Ordinal);
        foreach (var type in new[] { "vertex", "vertex-veo" })
        {
            var path = $"RemixProxy:Providers:{type}:";
            (all[path + "ApiKey"], all[path + "Project"], all[path + "StorageUrl"]) = (null, "paper-boats", Bucket.Address.ToString());
            all[path + "Secrets:Credentials"] = sandbox.GoogleCredentials(type, type);
        }

        return all;
    }
}
