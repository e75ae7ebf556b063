using System.Globalization;
using RemixProxy.Cache;
using RemixProxy.Contract;
using RemixProxy.Jobs;
using RemixProxy.Providers;

namespace RemixProxy.Operations;

/// <summary>Answers the state of a video; with <c>?include=base64</c> also its bytes, at most 16 MiB.</summary>
internal sealed class RetrieveOperation(VideoIdResolver ids, JobPolls polls, CacheEntries cache, ContentSource content, ClipBudget budget) : IVideoOperation
{
    public const long MaxInlineBytes = 16 << 20;

    public VideoOperation Operations => VideoOperation.Retrieve;

    public async Task<ApiError?> AnswerAsync(VideoCall call)
    {
        var include = call.Http.Request.Query["include"].ToString();
        if (include is not ("" or "base64")) return ApiError.Invalid("include", "'include' must be 'base64'.");
        if (!(await ids.ResolveAsync(call)).TryGet(out var found, out var error)) return error;
        var (id, provider, known) = found;
        if (!(await polls.FindAsync(call.Context, provider, id, known)).TryGet(out var job, out error)) return error;
        var video = Answers.Present(call, job);
        using var lease = budget.Rent();
        if (include.Length > 0 && job.Video.Status == VideoStatus.Completed)
        {
            if (!(await BytesAsync(call, provider, job, lease)).TryGet(out var entries, out error)) return error;
            video = video with { Videos = entries };
        }

        call.Http.Response.Headers[Answers.PollAfterHeader] = Math.Ceiling(provider.PollInterval.TotalMilliseconds).ToString(CultureInfo.InvariantCulture);
        await Answers.WriteAsync(call, video with { ExtraFields = Answers.Extras(call, job) }, VideoJsonContext.Answer.Video);
        return null;
    }

    private async Task<Result<List<VideoEntry>>> BytesAsync(VideoCall call, Provider provider, VideoJob job, BodyBudget.Lease lease)
    {
        var fresh = await polls.WithFreshUrlsAsync(call.Context, provider, job);
        var entries = fresh.TryGet(out var present, out var error) ? await FetchAsync(call, provider, present, lease) : error;
        if (entries.Error?.Code == ApiError.VideoExpired.Code) await cache.EvictAsync(job);
        return entries;
    }

    private static long Held(long bytes) => bytes + ((bytes + 2) / 3 * 4);

    private async Task<Result<List<VideoEntry>>> FetchAsync(VideoCall call, Provider provider, VideoJob job, BodyBudget.Lease lease)
    {
        var outputs = new List<VideoEntry>();
        var left = MaxInlineBytes;
        foreach (var output in job.Outputs)
        {
            // Both the bytes and their base64 in the answer are held.
            var most = Held(left);
            if (lease.Add(most) is { } full) return full;
            var read = await content.ReadAsync(call.Context, provider, job, output, left, lease, call.CallerGone);
            if (!read.TryGet(out var bytes, out var error)) return error;
            lease.Return(most - Held(bytes.Length));
            left -= bytes.Length;
            outputs.Add(new() { Type = "base64", Base64 = bytes.ToArray(), ContentType = output.ContentType ?? MediaTypes.Mp4 });
        }

        return outputs;
    }
}
