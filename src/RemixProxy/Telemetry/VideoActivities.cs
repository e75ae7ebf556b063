using System.Diagnostics;
using RemixProxy.Contract;

namespace RemixProxy.Telemetry;

/// <summary>The spans of a call. They name operations, providers, models and ids, but never a prompt, a key or a query.</summary>
internal static class VideoActivities
{
    private const string Operation = "remixproxy.operation";
    private const string ProviderName = "remixproxy.provider";
    private const string ErrorType = "error.type";
    private const string GenerateContent = "generate_content";

    private static readonly ActivitySource Source = new("RemixProxy");

    /// <summary>Starts the span of one call of the Videos API.</summary>
    public static Activity? Call(VideoOperation operation, string requestId) => Source.StartActivity(operation.RequestType())?
        .SetTag(Operation, operation.Name())
        .SetTag("remixproxy.request_id", requestId);

    /// <summary>Notes how a call was answered.</summary>
    /// <param name="activity">The call's span.</param>
    /// <param name="provider">The provider that served it.</param>
    /// <param name="status">The answer's status, or 499 where the caller hung up.</param>
    /// <param name="code">The error's code, where the answer is an error.</param>
    public static void Answered(this Activity activity, string? provider, int status, string? code)
    {
        activity.SetTag(ProviderName, provider).SetTag("http.response.status_code", status);
        if (status < 500) return;
        activity.SetTag(ErrorType, code ?? "aborted").SetStatus(ActivityStatusCode.Error);
    }

    /// <summary>Starts the span of a native exchange that costs nothing.</summary>
    public static Activity? Exchange(VideoOperation operation, string provider) => Exchange(operation, provider, operation.Name(), model: null);

    /// <summary>Starts the span of a submit's exchange. A model generates, so the span follows OpenTelemetry's conventions for generative AI.</summary>
    /// <param name="operation">One of the four operations that cost money.</param>
    /// <param name="provider">The provider's configured name.</param>
    /// <param name="vendor">The vendor's name in those conventions.</param>
    /// <param name="model">The model, where it is known.</param>
    public static Activity? Submit(VideoOperation operation, string provider, string vendor, string? model) =>
        Exchange(operation, provider, GenerateContent, model)?
        .SetTag("gen_ai.operation.name", GenerateContent)
        .SetTag("gen_ai.provider.name", vendor)
        .SetTag("gen_ai.request.model", model)
        .SetTag("gen_ai.output.type", "video");

    /// <summary>Notes how an exchange ended.</summary>
    /// <param name="activity">The exchange's span.</param>
    /// <param name="status">The answer's status, where one was read.</param>
    /// <param name="error">Why the exchange failed; null where it did not.</param>
    public static void Ended(this Activity activity, int? status, string? error)
    {
        if (status is not null) activity.SetTag("http.response.status_code", status);
        if (error is not null) activity.SetTag(ErrorType, error).SetStatus(ActivityStatusCode.Error);
    }

    /// <summary>Starts the span of a look-up in the cache.</summary>
    public static Activity? Lookup() => Source.StartActivity("cache.lookup");

    /// <summary>Notes what the look-up found.</summary>
    public static void LookedUp(this Activity activity, string result, string tier, double? similarity) => activity
        .SetTag("remixproxy.cache.result", result)
        .SetTag("remixproxy.cache.tier", tier)
        .SetTag("remixproxy.cache.similarity", similarity);

    /// <summary>Starts the span of an embedding, in this process or at a server.</summary>
    public static Activity? Embed(string provider, string? model, bool isRemote) =>
        Source.StartActivity(model is null ? "embeddings" : $"embeddings {model}", isRemote ? ActivityKind.Client : ActivityKind.Internal)?
            .SetTag("gen_ai.operation.name", "embeddings")
            .SetTag("gen_ai.provider.name", provider)
            .SetTag("gen_ai.request.model", model);

    /// <summary>Notes what the embedding consumed.</summary>
    public static void Embedded(this Activity activity, int? inputTokens) => activity.SetTag("gen_ai.usage.input_tokens", inputTokens);

    /// <summary>Starts the span of commands to Redis, if a call waits for them. The upkeep has none, because it would fill the traces.</summary>
    /// <param name="method">The method that sends the commands.</param>
    public static Activity? Redis(string method)
    {
        if (Activity.Current is null || !Source.HasListeners()) return null;
        var operation = method.Replace("Async", "", StringComparison.Ordinal);
        return Source.StartActivity($"redis {operation}", ActivityKind.Client)?.SetTag("db.system.name", "redis").SetTag("db.operation.name", operation);
    }

    /// <summary>Notes that what a span covers has failed.</summary>
    public static void Failed(this Activity activity, Exception exception) =>
        activity.SetTag(ErrorType, exception.GetType().Name).SetStatus(ActivityStatusCode.Error);

    private static Activity? Exchange(VideoOperation operation, string provider, string name, string? model) =>
        Source.StartActivity($"{name} {model ?? provider}", ActivityKind.Client)?
            .SetTag(Operation, operation.Name())
            .SetTag(ProviderName, provider);
}
