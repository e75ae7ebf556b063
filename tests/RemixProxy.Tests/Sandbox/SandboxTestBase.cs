using System.Text;
using System.Text.Json.Nodes;
using RemixProxy.Adapters;
using RemixProxy.Sandbox;
using RemixProxy.TestKit;

namespace RemixProxy.Tests.Sandbox;

/// <summary>A sandbox on a standing clock, and one account at one vendor.</summary>
public abstract class SandboxTestBase(string type) : IAsyncLifetime
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, ConnectTimeout = TimeSpan.FromSeconds(10) });
    private SandboxServer? _server;

    internal ManualTimeProvider Time { get; } = new();

    internal SandboxServer Server => _server!;

    internal virtual SandboxOptions Options => new() { Time = Time };

    protected static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _server = await SandboxServer.StartAsync(Options, Ct);

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await Server.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>A job that takes 5 s at most is done after this.</summary>
    internal void LetJobsEnd() => Time.Advance(TimeSpan.FromSeconds(6));

    internal string Url(string path) => path.StartsWith("http", StringComparison.Ordinal) ? path : Server.BaseUrl(type, "main") + path;

    /// <summary>Sends as the vendor's own client would; <paramref name="json"/> is the body.</summary>
    internal async Task<Reply> SendAsync(string method, string path, string? json = null)
    {
        using var request = new HttpRequestMessage(new(method), Url(path));
        Authorize(request);
        if (json is not null)
            request.Content = new StringContent(json, Encoding.UTF8, "application/json");
        return await SendAsync(request);
    }

    /// <summary>Sends a message as it is.</summary>
    internal async Task<Reply> SendAsync(HttpRequestMessage request)
    {
        using var response = await _http.SendAsync(request, Ct);
        return new(response, await response.Content.ReadAsByteArrayAsync(Ct));
    }

    internal async Task<Reply> GetBareAsync(string url, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, Url(url));
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        return await SendAsync(request);
    }

    internal virtual void Authorize(HttpRequestMessage request) => request.Headers.Authorization =
        new(request.RequestUri!.AbsolutePath.StartsWith("/fal/", StringComparison.Ordinal) ? "Key" : "Bearer", "any-key");

    internal static void AssertMp4(byte[] bytes) => Assert.Equal("ftyp", Encoding.ASCII.GetString(bytes, 4, 4));

    /// <summary>What came back.</summary>
    internal sealed class Reply(HttpResponseMessage response, byte[] body)
    {
        public int Status { get; } = (int)response.StatusCode;

        public string? ContentType { get; } = response.Content.Headers.ContentType?.MediaType;

        public byte[] Body => body;

        public string Text => Encoding.UTF8.GetString(body);

        public JsonNode Json => JsonNode.Parse(body)!;

        public NativeResponse ToResponse() => new(Status, new Dictionary<string, string>(), Body);

        public string? Header(string name) => response.Headers.TryGetValues(name, out var values) || response.Content.Headers.TryGetValues(name, out values)
            ? string.Join(", ", values)
            : null;

        public string Field(string name) => Json[name]!.ToString();
    }
}
