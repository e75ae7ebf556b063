using Microsoft.AspNetCore.Http;
using RemixProxy.Adapters;
using RemixProxy.Contract;
using RemixProxy.Exchanges;
using RemixProxy.Jobs;
using RemixProxy.Providers;

namespace RemixProxy.Operations;

/// <summary>Fetches the bytes of outputs for our own use: to hand them to another provider, or into a base64 entry.</summary>
/// <remarks>Each method ends in <see cref="OperationCanceledException"/> where its deadline comes first, and else in bytes or an error.</remarks>
internal sealed class ContentSource(ExchangeSender sender, JobPolls polls, TimeProvider time)
{
    private const string FileName = "video.mp4";

    /// <summary>The output as a file that streams from its source when it is sent; fetched before where its length is unknown.</summary>
    /// <param name="call">For whom.</param>
    /// <param name="provider">Who has it.</param>
    /// <param name="job">Whose output it is.</param>
    /// <param name="output">The output.</param>
    /// <param name="limit">The most that is carried, in bytes; a larger one is an error.</param>
    /// <param name="lease">Pays for what is held, and keeps the source open.</param>
    /// <param name="deadline">Ends it.</param>
    public async Task<Result<MediaFile>> HandOverAsync(
        CallContext call, Provider provider, VideoJob job, NativeOutput output, long limit, BodyBudget.Lease lease, CancellationToken deadline)
    {
        if (output.IsInline)
        {
            if (!(await InlineAsync(call, provider, job, output, lease, deadline)).TryGet(out var inline, out var missing)) return missing;
            if (MediaTypes.Served(inline.Type) is null) return ContentFailures.Unavailable(StatusCodes.Status200OK);
            return inline.Bytes.Length <= limit ? MediaFile.From(FileName, VideoType(inline.Type), inline.Bytes) : TooLarge(limit);
        }

        if (!(await OpenAsync(call, provider, job, output, deadline)).TryGet(out var response, out var error)) return error;
        lease.Attach(response);
        // The media type comes from one provider and goes to another, so only a plain video type is passed on.
        var type = VideoType(output.ContentType);
        if (response.Content.Headers.ContentLength is { } length)
            return length <= limit ? new MediaFile(FileName, type, length, async ct => await response.Content.ReadAsStreamAsync(ct)) : TooLarge(limit);
        if (lease.Add(limit) is { } full) return full;
        var read = await ReadAsync(response, limit, deadline);
        return read.TryGet(out var bytes, out error) ? MediaFile.From(FileName, type, bytes) : error;
    }

    /// <summary>The bytes of an output.</summary>
    /// <inheritdoc cref="HandOverAsync"/>
    public async Task<Result<ReadOnlyMemory<byte>>> ReadAsync(
        CallContext call, Provider provider, VideoJob job, NativeOutput output, long limit, BodyBudget.Lease lease, CancellationToken deadline)
    {
        if (output.IsInline)
        {
            if (!(await InlineAsync(call, provider, job, output, lease, deadline)).TryGet(out var inline, out var missing)) return missing;
            return inline.Bytes.Length <= limit ? new ReadOnlyMemory<byte>(inline.Bytes) : TooLarge(limit);
        }

        using var timeout = new CancellationTokenSource(provider.Options.Timeout, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(deadline, timeout.Token);
        try
        {
            if (!(await OpenAsync(call, provider, job, output, linked.Token)).TryGet(out var response, out var error)) return error;
            using (response) return await ReadAsync(response, limit, linked.Token);
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested)
        {
            return Failures.TimedOut;
        }
    }

    /// <summary>The bytes of an output that the provider's answer itself holds; 410 where it holds them no more.</summary>
    public async Task<Result<InlineContent>> InlineAsync(
        CallContext call, Provider provider, VideoJob job, NativeOutput output, BodyBudget.Lease lease, CancellationToken deadline)
    {
        // Both the answer's text and the decoded bytes are held.
        if (lease.Add(2 * ResponseReader.MaxBytes) is { } full) return full;
        if (!(await polls.AskAsync(call, provider, job.Id, deadline)).TryGet(out var snapshot, out var error)) return error;
        var index = job.Outputs.ToList().IndexOf(output);
        return index >= 0 && index < snapshot.Outputs.Count && DataUrl.TryRead(snapshot.Outputs[index].Url, out var type, out var bytes)
            ? new InlineContent(type, bytes)
            : ApiError.VideoExpired;
    }

    private async Task<Result<HttpResponseMessage>> OpenAsync(
        CallContext call, Provider provider, VideoJob job, NativeOutput output, CancellationToken deadline)
    {
        var exchange = new OutboundExchange(provider, provider.Adapter.Content(job.Id.Native, output, "video")) { Streams = true };
        using var timeout = new CancellationTokenSource(provider.Options.Timeout, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(deadline, timeout.Token);
        switch (await sender.OpenAsync(call, exchange, linked.Token))
        {
            case ExchangeResult.Opened { Response: var response }:
                return response;
            case ExchangeResult.Answered answered:
                return ContentFailures.Refused(answered, provider);
            case ExchangeResult.NoAnswer { Cause: Interruption.TimedOut or Interruption.Cancelled }:
                deadline.ThrowIfCancellationRequested();
                // Connecting or the first answer took too long.
                return Failures.TimedOut;
            case ExchangeResult.NoAnswer { Cause: Interruption.Unsigned }:
                return Failures.NoCredential(provider);
            case ExchangeResult.NoAnswer { Failure: var failure }:
                return ContentFailures.Unreachable(failure);
            case var other:
                throw new InvalidOperationException($"Unexpected result {other.GetType()}.");
        }
    }

    private static async Task<Result<ReadOnlyMemory<byte>>> ReadAsync(HttpResponseMessage response, long limit, CancellationToken deadline)
    {
        if (response.Content.Headers.ContentLength > limit) return TooLarge(limit);
        try
        {
            await using var stream = await response.Content.ReadAsStreamAsync(deadline);
            return await BoundedRead.ToEndAsync(stream, limit, deadline) is { } bytes ? bytes : TooLarge(limit);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return ContentFailures.Unreachable(e);
        }
    }

    private static string VideoType(string? type) => MediaTypes.Video(type) ?? MediaTypes.Mp4;

    private static ApiError TooLarge(long limit) =>
        new(413, "request_too_large", Invariant($"The video is larger than the {limit} bytes that are carried this way."));
}

/// <summary>Bytes that stood in a provider's answer.</summary>
/// <param name="Type">Their media type, as the answer says it.</param>
/// <param name="Bytes">Decoded from base64.</param>
internal sealed record InlineContent(string Type, byte[] Bytes);
