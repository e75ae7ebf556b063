using System.Net;
using System.Text.Json.Nodes;
using Google.Apis.Auth.OAuth2.Responses;
using Microsoft.AspNetCore.Http;
using RemixProxy.Adapters;
using RemixProxy.Providers.Google;
using RemixProxy.Sandbox;

namespace RemixProxy.Tests.Providers;

/// <summary>Credentials of Google Cloud, with a token server that checks each assertion.</summary>
public sealed class GoogleSignerTests : IDisposable
{
    private readonly string _file = Path.Combine(Path.GetTempPath(), $"remixproxy-{Guid.NewGuid():N}.json");
    private readonly GoogleSigner _signer = new(() => new WebProxy());
    private int _tokens;
    private Func<HttpContext, Task<bool>>? _token;

    public void Dispose() => File.Delete(_file);

    [Fact]
    public async Task A_token_is_got_once_and_goes_with_every_request()
    {
        await using var sandbox = await StartAsync();
        var credential = Of(sandbox.GoogleCredentials("vertex", "main"));
        var first = await SignedAsync(credential);
        Assert.Equal("Bearer", first.Authorization!.Scheme);
        Assert.StartsWith("ya29.", first.Authorization.Parameter, StringComparison.Ordinal);
        Assert.False(first.Contains("x-goog-api-key"));
        var others = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => SignedAsync(credential)));
        Assert.All(others, h => Assert.Equal(first.Authorization, h.Authorization));
        Assert.Equal(1, _tokens);
    }

    [Fact]
    public async Task A_token_that_expires_soon_is_refreshed()
    {
        _token = async http =>
        {
            await http.Response.WriteAsJsonAsync(new JsonObject { ["access_token"] = "t" + _tokens, ["expires_in"] = 60, ["token_type"] = "Bearer" });
            return true;
        };
        await using var sandbox = await StartAsync();
        var credential = Of(sandbox.GoogleCredentials("vertex", "main"));
        Assert.Equal("t1", (await SignedAsync(credential)).Authorization!.Parameter);
        Assert.Equal("t2", (await SignedAsync(credential)).Authorization!.Parameter);
    }

    [Fact]
    public async Task A_refused_refresh_fails_and_the_next_one_may_succeed()
    {
        _token = async http =>
        {
            if (_tokens > 1) return false;
            http.Response.StatusCode = 401;
            await http.Response.WriteAsJsonAsync(new JsonObject { ["error"] = "invalid_client", ["error_description"] = "no" });
            return true;
        };
        await using var sandbox = await StartAsync();
        var credential = Of(sandbox.GoogleCredentials("vertex", "main"));
        await Assert.ThrowsAsync<TokenResponseException>(() => SignedAsync(credential));
        Assert.NotNull((await SignedAsync(credential)).Authorization);
    }

    [Fact]
    public async Task A_key_stands_alone()
    {
        var secrets = new Dictionary<string, string>(StringComparer.Ordinal) { ["Credentials"] = "/no/file" };
        var headers = await SignedAsync(new() { Provider = "vertex", ApiKey = "the-key", Secrets = secrets });
        Assert.Equal("the-key", Assert.Single(headers.GetValues("x-goog-api-key")));
        Assert.Null(headers.Authorization);
    }

    [Fact]
    public async Task A_replaced_file_is_read_anew()
    {
        await using var one = await StartAsync();
        await using var other = await StartAsync();
        await File.WriteAllTextAsync(_file, one.GoogleCredentials("vertex", "one"), TestContext.Current.CancellationToken);
        await SignedAsync(Of(_file));
        Assert.Single(one.Requests);
        await File.WriteAllTextAsync(_file, other.GoogleCredentials("vertex", "other"), TestContext.Current.CancellationToken);
        File.SetLastWriteTimeUtc(_file, new(2026, 11, 28, 0, 0, 1, DateTimeKind.Utc));
        await SignedAsync(Of(_file));
        Assert.Single(one.Requests);
        Assert.Single(other.Requests);
    }

    [Theory]
    [InlineData("{\"type\":\"service_account\",\"private_key\":\"-----BEGIN PRIVATE KEY-----\\nc2VjcmV0\\n-----END PRIVATE KEY-----\"}", "must be the JSON")]
    [InlineData("{\"type\":\"secret\"}", "must be the JSON")]
    [InlineData("{\"secret\":1}", "must be the JSON")]
    [InlineData("{secret", "must be the JSON")]
    [InlineData("/no/secret/file.json", "can't be read (DirectoryNotFoundException)")]
    public void The_start_tells_what_is_wrong_without_the_secret(string text, string expected)
    {
        var error = _signer.Check(Of(text));
        Assert.Contains(expected, error, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", error, StringComparison.Ordinal);
        Assert.DoesNotContain("c2Vj", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_start_finds_nothing_wrong_with_good_ones()
    {
        await using var sandbox = await StartAsync();
        Assert.Null(_signer.Check(Of(sandbox.GoogleCredentials("vertex", "main"))));
        Assert.Null(_signer.Check(new() { Provider = "vertex" }));
        Assert.Null(_signer.Check(Of("""{"type":"authorized_user","client_id":"c","client_secret":"s","refresh_token":"r"}""")));
    }

    private static ProviderCredential Of(string text) =>
        new() { Provider = "vertex", Secrets = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase) { ["Credentials"] = text } };

    private Task<SandboxServer> StartAsync() => SandboxServer.StartAsync(
        new()
        {
            Intercept = async (http, next) =>
            {
                Interlocked.Increment(ref _tokens);
                if (_token is null || !await _token(http)) await next(http);
            },
        },
        TestContext.Current.CancellationToken);

    private async Task<System.Net.Http.Headers.HttpRequestHeaders> SignedAsync(ProviderCredential credential)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, "https://aiplatform.googleapis.com/v1/x");
        await _signer.SignAsync(request, credential, TestContext.Current.CancellationToken);
        return request.Headers;
    }
}
