using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.HttpResults;
using RemixProxy.Providers;
using RemixProxy.Resilience;

namespace RemixProxy.Host;

/// <summary>The probes: whether this process answers, and whether it can serve.</summary>
internal static partial class Health
{
    public static void MapHealth(this WebApplication app)
    {
        app.MapGet("/healthz/live", () => TypedResults.Json(new State("live"), Context.Default.State)).DisableHttpMetrics();
        app.MapGet("/healthz/ready", Ready).DisableHttpMetrics();
    }

    private static JsonHttpResult<State> Ready(ProviderRegistry registry, KnownDependencies dependencies, IHostApplicationLifetime lifetime, TimeProvider time)
    {
        var states = dependencies.States().ToArray();
        var away = states.Where(d => !d.IsUp).Select(d => d.Name).ToArray();
        var (status, reason) = lifetime.ApplicationStopping.IsCancellationRequested ? ("unavailable", "stopping")
            : registry.Current.Providers.Count == 0 ? ("unavailable", "no provider is enabled")
            // It serves without them as far as it may, and restarting it mends nothing.
            : away.Length > 0 ? ("degraded", $"{string.Join(" and ", away)} is away")
            : ("ready", null);
        var details = states.ToDictionary(
            d => d.Name, d => new DependencyHealth(d.IsUp ? "up" : "down", Math.Round((time.GetUtcNow() - d.Since).TotalSeconds, 1)), StringComparer.Ordinal);
        return TypedResults.Json(
            new State(status, reason, details), Context.Default.State, statusCode: status == "unavailable"
                ? StatusCodes.Status503ServiceUnavailable
                : StatusCodes.Status200OK);
    }

    /// <summary>What a probe is told.</summary>
    /// <param name="Status">In a word.</param>
    /// <param name="Reason">Why it is no better.</param>
    /// <param name="Dependencies">The servers that this process needs.</param>
    private sealed record State(string Status, string? Reason = null, Dictionary<string, DependencyHealth>? Dependencies = null);

    /// <summary>A server that this process needs.</summary>
    /// <param name="Status"><c>up</c> or <c>down</c>.</param>
    /// <param name="AgeSeconds">How long it has been so, as far as this process has seen.</param>
    private sealed record DependencyHealth(string Status, double AgeSeconds);

    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
    [JsonSerializable(typeof(State))]
    private sealed partial class Context : JsonSerializerContext;
}
