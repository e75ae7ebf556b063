using System.Text.Json;

namespace RemixProxy.FunctionalTests.Kit;

/// <summary>One proxy for a class of tests, whose providers can be made to fail, and an alias <c>{type}-first</c> for each that goes on to another.</summary>
public sealed class FaultyProviders : IAsyncLifetime
{
    private ProxyApp? _app;
    private int _wishes;

    public static IReadOnlyCollection<string> Types => FinishedVideos.Providers;

    internal Upstream Upstream { get; } = new();

    internal ProxyApp App => _app!;

    public static string ModelOf(string type) => FinishedVideos.ModelOf(type);

    /// <summary>Where the alias goes on to.</summary>
    public static string NextOf(string type) => type == "luma" ? "runway" : "luma";

    /// <summary>The body of a provider's refusal.</summary>
    public static string Refused(string type, string text) => JsonSerializer.Serialize(TestedProviders.Find(type).Refused(text));

    /// <summary>The body in which a provider shows a failed video.</summary>
    public static string Failed(string type, string text) => JsonSerializer.Serialize(TestedProviders.Find(type).Failed(text));

    /// <summary>A prompt that no other test has sent.</summary>
    public string NewPrompt() => $"wish {Interlocked.Increment(ref _wishes)}";

    public async ValueTask InitializeAsync()
    {
        var settings = new Dictionary<string, string?>(StringComparer.Ordinal);
        foreach (var type in Types)
        {
            settings[$"RemixProxy:Models:{type}-first:0"] = ModelOf(type);
            settings[$"RemixProxy:Models:{type}-first:1"] = ModelOf(NextOf(type));
            // So that the deadline of the submit is what cuts.
            settings[$"RemixProxy:Providers:{type}:Timeout"] = "00:05:00";
        }

        _app = await ProxyApp.StartAsync(new() { Settings = settings, Sandbox = Upstream.Sandbox });
    }

    public ValueTask DisposeAsync() => App.DisposeAsync();
}
