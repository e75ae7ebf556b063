namespace RemixProxy.FunctionalTests.Kit;

/// <summary>A running proxy with one completed video at each provider, for tests that only read.</summary>
public sealed class FinishedVideos : IAsyncLifetime
{
    private readonly Dictionary<string, string> _ids = [];

    internal ProxyApp App { get; private set; } = null!;

    public static string[] Providers => [.. TestedProviders.All.Select(p => p.Type)];

    public static string ModelOf(string provider) => $"{provider}/{TestedProviders.Find(provider).Model}";

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
