using System.Diagnostics;
using RemixProxy.Adapters;
using RemixProxy.Cache;
using RemixProxy.Cache.Embedding;
using RemixProxy.Contract;
using RemixProxy.Exchanges;
using RemixProxy.Operations;
using RemixProxy.Providers;

namespace RemixProxy.Telemetry;

/// <summary>The spans of a call. They name operations, providers, models and ids; never a prompt, a key or a query.</summary>
internal static class VideoActivities
{
    private const string Operation = "remixproxy.operation";
    private const string ProviderName = "remixproxy.provider";
    private const string ErrorType = "error.type";

    private static readonly ActivitySource Source = new("RemixProxy");

    /// <summary>One call of the Videos API.</summary>
    public static Activity? Call(VideoCall call) => Source.StartActivity(call.RequestType)?
        .SetTag(Operation, call.Operation.Name())
        .SetTag("remixproxy.request_id", call.RequestId);

    /// <summary>The call has been answered.</summary>
    public static void Answered(this Activity activity, VideoCall call, int status)
    {
        activity.SetTag(ProviderName, call.Provider?.Name).SetTag("http.response.status_code", status);
        if (status < 500) return;
        activity.SetTag(ErrorType, call.Error?.Code ?? "aborted").SetStatus(ActivityStatusCode.Error);
    }

    /// <summary>One native exchange. A submit, which has a model generate, follows the conventions for generative AI.</summary>
    public static Activity? Exchange(VideoCall call, OutboundExchange exchange, bool isSubmit)
    {
        var model = isSubmit ? call.Model : null;
        var name = isSubmit ? "generate_content" : call.Operation.Name();
        var activity = Source.StartActivity(model is null ? $"{name} {exchange.Provider.Name}" : $"{name} {model}", ActivityKind.Client)?
            .SetTag(Operation, call.Operation.Name())
            .SetTag(ProviderName, exchange.Provider.Name);
        if (!isSubmit) return activity;
        return activity?
            .SetTag("gen_ai.operation.name", name)
            .SetTag("gen_ai.provider.name", exchange.Provider.Profile.Type == "gemini" ? "gcp.gemini" : exchange.Provider.Profile.Type)
            .SetTag("gen_ai.request.model", model)
            .SetTag("gen_ai.output.type", "video");
    }

    /// <summary>The exchange has ended.</summary>
    public static void Ended(this Activity activity, OutboundExchange exchange, ExchangeOutcome outcome)
    {
        if (exchange.Response is { } response) activity.SetTag("http.response.status_code", response.Status);
        if (outcome.Error is { } error) activity.SetTag(ErrorType, error).SetStatus(ActivityStatusCode.Error);
    }

    /// <summary>A look-up in the cache.</summary>
    public static Activity? Lookup() => Source.StartActivity("cache.lookup");

    /// <summary>The look-up has ended.</summary>
    public static void Ended(this Activity activity, CacheOutcome outcome) => activity
        .SetTag("remixproxy.cache.result", outcome.Result)
        .SetTag("remixproxy.cache.tier", outcome.Tier)
        .SetTag("remixproxy.cache.similarity", outcome.Debug.Similarity);

    /// <summary>A prompt becomes a vector, here or at a server.</summary>
    public static Activity? Embed(string provider, string? model, bool isRemote) =>
        Source.StartActivity(model is null ? "embeddings" : $"embeddings {model}", isRemote ? ActivityKind.Client : ActivityKind.Internal)?
            .SetTag("gen_ai.operation.name", "embeddings")
            .SetTag("gen_ai.provider.name", provider)
            .SetTag("gen_ai.request.model", model);

    /// <summary>The prompt has become one.</summary>
    public static void Ended(this Activity activity, PromptVector vector) => activity.SetTag("gen_ai.usage.input_tokens", vector.InputTokens);

    /// <summary>Commands to Redis, where a call waits for them; the upkeep would fill the traces.</summary>
    /// <param name="method">Who sends them.</param>
    public static Activity? Redis(string method)
    {
        if (Activity.Current is null || !Source.HasListeners()) return null;
        var operation = method.Replace("Async", "", StringComparison.Ordinal);
        return Source.StartActivity($"redis {operation}", ActivityKind.Client)?.SetTag("db.system.name", "redis").SetTag("db.operation.name", operation);
    }

    /// <summary>It failed.</summary>
    public static void Failed(this Activity activity, Exception exception) => activity.SetTag(ErrorType, exception.GetType().Name).SetStatus(ActivityStatusCode.Error);
}
