using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.HttpResults;
using RemixProxy.Providers;
using RemixProxy.Resilience;

namespace RemixProxy.Host;

/// <summary>The probes. One says whether this process answers, the other whether it can serve.</summary>
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
            // The process serves without them as far as it may, and a restart would mend nothing.
            : away.Length > 0 ? ("degraded", $"{string.Join(" and ", away)} is away")
            : ("ready", null);
        var details = states.ToDictionary(
            d => d.Name, d => new DependencyHealth(d.IsUp ? "up" : "down", Math.Round((time.GetUtcNow() - d.Since).TotalSeconds, 1)), StringComparer.Ordinal);
        return TypedResults.Json(
            new State(status, reason, details), Context.Default.State, statusCode: status == "unavailable"
                ? StatusCodes.Status503ServiceUnavailable
                : StatusCodes.Status200OK);
    }

    /// <summary>The answer to a probe.</summary>
    /// <param name="Status">The state in a word.</param>
    /// <param name="Reason">Why the state is not better; null where it is good.</param>
    /// <param name="Dependencies">The servers that this process needs.</param>
    private sealed record State(string Status, string? Reason = null, Dictionary<string, DependencyHealth>? Dependencies = null);

    /// <summary>A server that this process needs.</summary>
    /// <param name="Status"><c>up</c> or <c>down</c>.</param>
    /// <param name="AgeSeconds">For how many seconds it has been in that state, as far as this process has seen.</param>
    private sealed record DependencyHealth(string Status, double AgeSeconds);

    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
    [JsonSerializable(typeof(State))]
    private sealed partial class Context : JsonSerializerContext;
}
