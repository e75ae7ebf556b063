namespace RemixProxy.FunctionalTests.Kit;

/// <summary>A running proxy with one completed video at each provider, for tests that only read.</summary>
public sealed class FinishedVideos : IAsyncLifetime
{
    private readonly Dictionary<string, string> _ids = [];

    internal ProxyApp App { get; private set; } = null!;

    public static string[] Providers => ["gemini", "luma", "runway", "openai"];

    public static string ModelOf(string provider) => provider switch
    {
        "gemini" => "gemini/gemini-omni-1.1-flash",
        "luma" => "luma/ray-3.2",
        "runway" => "runway/gen4.5",
        _ => "openai/sora-2",
    };

    public async ValueTask InitializeAsync()
    {
        App = await ProxyApp.StartAsync();
        foreach (var provider in Providers) _ids[provider] = (await App.CreateFinishedAsync(ModelOf(provider)))["id"]!.GetValue<string>();
    }

    public ValueTask DisposeAsync() => App.DisposeAsync();

    internal string ContentOf(string provider) => $"v1/videos/{_ids[provider]}/content";

    /// <summary>Asks for a video's content with one more header.</summary>
    internal Task<HttpResponseMessage> SendAsync(HttpMethod method, string provider, string? header = null, string? value = null)
    {
        var request = new HttpRequestMessage(method, ContentOf(provider));
        if (header is not null) request.Headers.TryAddWithoutValidation(header, value);
        return App.Http.SendAsync(request);
    }
}
