using Microsoft.AspNetCore.Http;
using RemixProxy.Adapters;
using RemixProxy.Contract;
using RemixProxy.Exchanges;
using RemixProxy.Jobs;
using RemixProxy.Providers;

namespace RemixProxy.Operations;

/// <summary>Fetches the bytes of outputs for our own use: to hand them to another provider, or into a base64 entry.</summary>
internal sealed class ContentSource(ExchangeSender sender, JobPolls polls, TimeProvider time)
{
    private const string FileName = "video.mp4";

    /// <summary>The output as a file that streams from its source when it is sent; fetched before where its length is unknown.</summary>
    /// <param name="call">For whom.</param>
    /// <param name="provider">Who has it.</param>
    /// <param name="job">Whose output it is.</param>
    /// <param name="output">The output.</param>
    /// <param name="limit">The most that is carried, in bytes.</param>
    /// <param name="lease">Pays for what is held, and keeps the source open.</param>
    /// <param name="deadline">Ends it.</param>
    /// <exception cref="ApiException">It can't be fetched, or is larger than <paramref name="limit"/>.</exception>
    public async Task<MediaFile> HandOverAsync(
        CallContext call, Provider provider, VideoJob job, NativeOutput output, long limit, BodyBudget.Lease lease, CancellationToken deadline)
    {
        if (output.IsInline)
        {
            var (inlineType, inline) = await InlineAsync(call, provider, job, output, lease, deadline);
            if (MediaTypes.Served(inlineType) is null) throw new ApiException(ContentFailures.Unavailable(StatusCodes.Status200OK));
            return Within(inline.Length, limit) ? MediaFile.From(FileName, VideoType(inlineType), inline) : throw TooLarge(limit);
        }

        // What a provider calls its clip goes to another provider: only a video's type, and nothing else with it.
        var type = VideoType(output.ContentType);
        var response = await OpenAsync(call, provider, job, output, deadline);
        lease.Attach(response);
        if (response.Content.Headers.ContentLength is { } length)
            return Within(length, limit) ? new(FileName, type, length, async ct => await response.Content.ReadAsStreamAsync(ct)) : throw TooLarge(limit);
        lease.Add(limit);
        return MediaFile.From(FileName, type, await ReadAsync(response, limit, deadline));
    }

    /// <summary>The bytes of an output.</summary>
    /// <inheritdoc cref="HandOverAsync"/>
    public async Task<ReadOnlyMemory<byte>> ReadAsync(
        CallContext call, Provider provider, VideoJob job, NativeOutput output, long limit, BodyBudget.Lease lease, CancellationToken deadline)
    {
        if (output.IsInline)
        {
            var (_, inline) = await InlineAsync(call, provider, job, output, lease, deadline);
            return Within(inline.Length, limit) ? inline : throw TooLarge(limit);
        }

        using var timeout = new CancellationTokenSource(provider.Options.Timeout, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(deadline, timeout.Token);
        try
        {
            using var response = await OpenAsync(call, provider, job, output, linked.Token);
            return response.Content.Headers.ContentLength is { } length && !Within(length, limit)
                ? throw TooLarge(limit)
                : await ReadAsync(response, limit, linked.Token);
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested)
        {
            throw new ApiException(Failures.TimedOut);
        }
    }

    /// <summary>The bytes of an output that the provider's answer itself holds.</summary>
    /// <exception cref="ApiException">It holds them no more, or the provider could not tell.</exception>
    public async Task<(string Type, byte[] Bytes)> InlineAsync(
        CallContext call, Provider provider, VideoJob job, NativeOutput output, BodyBudget.Lease lease, CancellationToken deadline)
    {
        // The answer's text and the bytes in it.
        lease.Add(2 * ResponseReader.MaxBytes);
        var snapshot = await polls.AskAsync(call, provider, job.Id, deadline);
        var index = job.Outputs.ToList().IndexOf(output);
        return index >= 0 && index < snapshot.Outputs.Count && DataUrl.TryRead(snapshot.Outputs[index].Url, out var type, out var bytes)
            ? (type, bytes)
            : throw new ApiException(ApiError.VideoExpired);
    }

    private async Task<HttpResponseMessage> OpenAsync(CallContext call, Provider provider, VideoJob job, NativeOutput output, CancellationToken deadline)
    {
        var exchange = new OutboundExchange(provider, provider.Adapter.Content(job.Id.Native, output, "video")) { Streams = true };
        using var timeout = new CancellationTokenSource(provider.Options.Timeout, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(deadline, timeout.Token);
        switch (await sender.OpenAsync(call, exchange, linked.Token))
        {
            case ExchangeResult.Opened { Response: var response }:
                return response;
            case ExchangeResult.Answered answered:
                throw new ApiException(ContentFailures.Refused(answered, provider));
            case ExchangeResult.NoAnswer { Cause: Interruption.TimedOut or Interruption.Cancelled }:
                deadline.ThrowIfCancellationRequested();
                // Connecting or the first answer took too long.
                throw new ApiException(Failures.TimedOut);
            case ExchangeResult.NoAnswer { Failure: var failure }:
                throw new ApiException(ContentFailures.Unreachable(failure));
            case var other:
                throw new InvalidOperationException($"Unexpected result {other.GetType()}.");
        }
    }

    private static async Task<ReadOnlyMemory<byte>> ReadAsync(HttpResponseMessage response, long limit, CancellationToken deadline)
    {
        try
        {
            await using var stream = await response.Content.ReadAsStreamAsync(deadline);
            return await BoundedRead.ToEndAsync(stream, limit, deadline) ?? throw TooLarge(limit);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw new ApiException(ContentFailures.Unreachable(e));
        }
    }

    private static string VideoType(string? type) => MediaTypes.Video(type) ?? MediaTypes.Mp4;

    private static bool Within(long length, long limit) => length <= limit;

    private static ApiException TooLarge(long limit) =>
        new(new(413, "request_too_large", Invariant($"The video is larger than the {limit} bytes that are carried this way.")));
}
