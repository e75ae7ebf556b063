using System.Diagnostics;
using RemixProxy.Contract;

namespace RemixProxy.Telemetry;

/// <summary>The spans of a call. They name operations, providers, models and ids; never a prompt, a key or a query.</summary>
internal static class VideoActivities
{
    private const string Operation = "remixproxy.operation";
    private const string ProviderName = "remixproxy.provider";
    private const string ErrorType = "error.type";
    private const string GenerateContent = "generate_content";

    private static readonly ActivitySource Source = new("RemixProxy");

    /// <summary>One call of the Videos API.</summary>
    public static Activity? Call(VideoOperation operation, string requestId) => Source.StartActivity(operation.RequestType())?
        .SetTag(Operation, operation.Name())
        .SetTag("remixproxy.request_id", requestId);

    /// <summary>The call has been answered.</summary>
    /// <param name="activity">Its span.</param>
    /// <param name="provider">Who served it.</param>
    /// <param name="status">The answer's, or 499.</param>
    /// <param name="code">The error's, where it is one.</param>
    public static void Answered(this Activity activity, string? provider, int status, string? code)
    {
        activity.SetTag(ProviderName, provider).SetTag("http.response.status_code", status);
        if (status < 500) return;
        activity.SetTag(ErrorType, code ?? "aborted").SetStatus(ActivityStatusCode.Error);
    }

    /// <summary>One native exchange that costs nothing.</summary>
    public static Activity? Exchange(VideoOperation operation, string provider) => Exchange(operation, provider, operation.Name(), model: null);

    /// <summary>One that does: it has a model generate, and follows the conventions for generative AI.</summary>
    /// <param name="operation">Which of the four.</param>
    /// <param name="provider">The configured name.</param>
    /// <param name="vendor">As the conventions name it.</param>
    /// <param name="model">The model, where it is known.</param>
    public static Activity? Submit(VideoOperation operation, string provider, string vendor, string? model) =>
        Exchange(operation, provider, GenerateContent, model)?
        .SetTag("gen_ai.operation.name", GenerateContent)
        .SetTag("gen_ai.provider.name", vendor)
        .SetTag("gen_ai.request.model", model)
        .SetTag("gen_ai.output.type", "video");

    /// <summary>The exchange has ended.</summary>
    /// <param name="activity">Its span.</param>
    /// <param name="status">The answer's, where one was read.</param>
    /// <param name="error">Why it failed; null where it did not.</param>
    public static void Ended(this Activity activity, int? status, string? error)
    {
        if (status is not null) activity.SetTag("http.response.status_code", status);
        if (error is not null) activity.SetTag(ErrorType, error).SetStatus(ActivityStatusCode.Error);
    }

    /// <summary>A look-up in the cache.</summary>
    public static Activity? Lookup() => Source.StartActivity("cache.lookup");

    /// <summary>The look-up has ended.</summary>
    public static void LookedUp(this Activity activity, string result, string tier, double? similarity) => activity
        .SetTag("remixproxy.cache.result", result)
        .SetTag("remixproxy.cache.tier", tier)
        .SetTag("remixproxy.cache.similarity", similarity);

    /// <summary>A prompt becomes a vector, here or at a server.</summary>
    public static Activity? Embed(string provider, string? model, bool isRemote) =>
        Source.StartActivity(model is null ? "embeddings" : $"embeddings {model}", isRemote ? ActivityKind.Client : ActivityKind.Internal)?
            .SetTag("gen_ai.operation.name", "embeddings")
            .SetTag("gen_ai.provider.name", provider)
            .SetTag("gen_ai.request.model", model);

    /// <summary>The prompt has become one.</summary>
    public static void Embedded(this Activity activity, int? inputTokens) => activity.SetTag("gen_ai.usage.input_tokens", inputTokens);

    /// <summary>Commands to Redis, where a call waits for them; the upkeep would fill the traces.</summary>
    /// <param name="method">Who sends them.</param>
    public static Activity? Redis(string method)
    {
        if (Activity.Current is null || !Source.HasListeners()) return null;
        var operation = method.Replace("Async", "", StringComparison.Ordinal);
        return Source.StartActivity($"redis {operation}", ActivityKind.Client)?.SetTag("db.system.name", "redis").SetTag("db.operation.name", operation);
    }

    /// <summary>It failed.</summary>
    public static void Failed(this Activity activity, Exception exception) =>
        activity.SetTag(ErrorType, exception.GetType().Name).SetStatus(ActivityStatusCode.Error);

    private static Activity? Exchange(VideoOperation operation, string provider, string name, string? model) =>
        Source.StartActivity($"{name} {model ?? provider}", ActivityKind.Client)?
            .SetTag(Operation, operation.Name())
            .SetTag(ProviderName, provider);
}
