using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Extensions;
using RemixProxy.Adapters;
using RemixProxy.Contract;
using RemixProxy.Jobs;

namespace RemixProxy.Operations;

/// <summary>Writes the JSON answers and errors that callers get.</summary>
internal static class Answers
{
    public const string RequestIdHeader = "x-request-id";

    public const string ShouldRetryHeader = "x-should-retry";

    public const string PollAfterHeader = "openai-poll-after-ms";

    public const string ReplayedHeader = "Idempotent-Replayed";

    /// <summary>The job as callers see it: with its <c>videos</c> entries, without <c>extra_fields</c>.</summary>
    public static Video Present(VideoCall call, VideoJob job) =>
        job.Video.Status == VideoStatus.Completed
            ? job.Video with
            {
                Videos = [.. job.Outputs.Select(
            (output, index) => new VideoEntry { Type = "url", Url = UrlOf(call, job, output, index), ContentType = output.ContentType ?? MediaTypes.Mp4 })]
            }
            : job.Video;

    /// <summary>The <c>extra_fields</c> of an answer: what this proxy says about the call.</summary>
    public static ExtraFields Extras(VideoCall call, VideoJob job) => new()
    {
        RequestType = call.Operation.RequestType(),
        Provider = job.Id.Provider,
        ModelRequested = job.ModelRequested,
        ModelDeployment = job.Video.Model is { Length: > 0 } model ? model : null,
        Latency = (long)call.Context.Upstream.Time.TotalMilliseconds,
        Attempts = job.Attempts,
        RawRequest = call.Context.Upstream.Raw?.Requests,
        RawResponse = call.Context.Upstream.Raw?.Responses,
    };

    /// <summary>The base URL that clients of this API are given.</summary>
    public static string BaseUrl(VideoCall call)
    {
        var request = call.Http.Request;
        var root = call.Providers.Options.PublicBaseUrl?.AbsoluteUri ?? UriHelper.BuildAbsolute(request.Scheme, HostOf(call.Http), request.PathBase);
        return root.TrimEnd('/') + "/v1";
    }

    public static Task WriteAsync<T>(VideoCall call, T value, JsonTypeInfo<T> type, int status = StatusCodes.Status200OK) =>
        WriteAsync(call, JsonSerializer.SerializeToUtf8Bytes(value, type), "application/json", status);

    public static Task WriteTextAsync(VideoCall call, string text) =>
        WriteAsync(call, Encoding.UTF8.GetBytes(text), "text/plain; charset=utf-8", StatusCodes.Status200OK);

    public static Task WriteErrorAsync(VideoCall call, ApiError error)
    {
        var headers = call.Http.Response.Headers;
        if (!error.Retryable) headers[ShouldRetryHeader] = "false";
        if (error.RetryAfter is { } seconds) headers.RetryAfter = Math.Clamp(seconds, 1, 60).ToString(CultureInfo.InvariantCulture);
        var body = new ErrorEnvelope(new(error.Message, error.Type, error.Param, error.Code), new(call.Operation.RequestType(), call.Report.Provider?.Name));
        return WriteAsync(call, body, VideoJsonContext.Answer.ErrorEnvelope, error.Status);
    }

    // Request.Host throws where xn-- stands for no name. What can't stand in an address is replaced by what the connection came to.
    private static HostString HostOf(HttpContext http)
    {
        var host = http.Request.Headers.Host.ToString();
        if (Ascii.IsValid(host) && Origin.TryReadHost(host, out _, out _)) return new(host);
        return http.Connection.LocalIpAddress is { } address
            ? new((address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).ToString(), http.Connection.LocalPort)
            : new("localhost");
    }

    private static string UrlOf(VideoCall call, VideoJob job, NativeOutput output, int index)
    {
        // The provider's URL dies after its time. RemixProxy's own URL is refreshed when somebody fetches it.
        if (output.Public && !(job.UrlsUntil <= call.At) && call.Providers.Find(job.Id.Provider)?.MayPointTo(output.Url) == true) return output.Url;
        string?[] query =
        [
            index == 0 ? null : Invariant($"index={index}"),
            // An admin's key reads another client's video under that client's name only.
            call.Links.Sign(call.AllProviders, job, index, call.At) ?? (call.Client?.Name is { } name && name != job.Caller ? $"client={job.Caller}" : null),
        ];
        var parts = string.Join('&', query.OfType<string>());
        return $"{BaseUrl(call)}/videos/{job.Id}/content" + (parts.Length == 0 ? "" : "?" + parts);
    }

    private static Task WriteAsync(VideoCall call, byte[] body, string type, int status)
    {
        var response = call.Http.Response;
        response.StatusCode = status;
        response.ContentType = type;
        response.ContentLength = body.Length;
        return HttpMethods.IsHead(call.Http.Request.Method) ? Task.CompletedTask : response.Body.WriteAsync(body, CancellationToken.None).AsTask();
    }
}
