using Microsoft.AspNetCore.Http;
using RemixProxy.Contract;
using RemixProxy.Operations;

namespace RemixProxy.Pipeline;

/// <summary>Answers requests that are no operation, so that people with a wrong address or method find the right one.</summary>
internal static class NoOperation
{
    /// <summary>How much of a request an error shows, in characters.</summary>
    private const int LongestMethod = 32;
    private const int LongestPath = 256;

    /// <summary>Whether the request is meant for the API. Everything else costs nothing and says nothing, so everybody gets it.</summary>
    public static bool IsOfApi(HttpRequest request) =>
        request.Path.StartsWithSegments("/v1", StringComparison.OrdinalIgnoreCase)
            || request.Path.StartsWithSegments(BaseUrls.Azure, StringComparison.OrdinalIgnoreCase);

    /// <returns>The error to write; null if the answer is written.</returns>
    public static async Task<ApiError?> AnswerAsync(VideoCall call, string? allowed)
    {
        var request = call.Http.Request;
        var (method, path) = (TextBounds.Cut(request.Method, LongestMethod), TextBounds.Cut(request.Path, LongestPath));
        if (call.Operation == VideoOperation.Character) return ApiError.Unsupported("Characters are not supported by any provider.");
        if (allowed is not null)
            return new(405, "unsupported_operation", $"{method} is not possible here, only {allowed}. The base URL is {Answers.BaseUrl(call)}.");
        if (request.Path != "/" || !(HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method)))
            return new(404, "unsupported_operation", $"There is no {method} {path}. Use the base URL {Answers.BaseUrl(call)}.");
        await Answers.WriteTextAsync(call,
            $"""
            This is RemixProxy. It serves the OpenAI Videos API.
            Base URL for clients: {Answers.BaseUrl(call)}
            Try {Answers.BaseUrl(call)}/models for what it makes.

            """);
        return null;
    }
}
