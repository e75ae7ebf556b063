using System.Globalization;
using RemixProxy.Cache;
using RemixProxy.Contract;
using RemixProxy.Jobs;
using RemixProxy.Providers;

namespace RemixProxy.Operations;

/// <summary>The state of a video; on <c>?include=base64</c> with its bytes.</summary>
internal sealed class RetrieveOperation(VideoIdResolver ids, JobPolls polls, CacheEntries entries, ContentSource content, BodyBudget budget) : IVideoOperation
{
    public const long MaxInlineBytes = 16 << 20;

    public VideoOperation Operations => VideoOperation.Retrieve;

    public async Task AnswerAsync(VideoCall call)
    {
        var include = call.Http.Request.Query["include"].ToString();
        if (include is not ("" or "base64")) throw new ApiException(ApiError.Invalid("include", "'include' must be 'base64'."));
        var (id, provider, known) = await ids.ResolveAsync(call, call.PathId ?? "", "video_id", call.CallerGone);
        var job = await polls.FindAsync(call.Context, provider, id, known);
        var video = Answers.Present(call, job);
        using var lease = budget.Rent();
        if (include.Length > 0 && job.Video.Status == VideoStatus.Completed)
        {
            video = video with { Videos = await BytesAsync(call, provider, job, lease) };
        }

        call.Http.Response.Headers[Answers.PollAfterHeader] = Math.Ceiling(provider.PollInterval.TotalMilliseconds).ToString(CultureInfo.InvariantCulture);
        await Answers.WriteAsync(call, video with { ExtraFields = Answers.Extras(call, job) }, VideoJsonContext.Answer.Video);
    }

    private async Task<IReadOnlyList<VideoEntry>> BytesAsync(VideoCall call, Provider provider, VideoJob job, BodyBudget.Lease lease)
    {
        try
        {
            return await InlineAsync(call, provider, await polls.WithFreshUrlsAsync(call.Context, provider, job), lease);
        }
        catch (ApiException e) when (e.Error.Code == ApiError.VideoExpired.Code)
        {
            await entries.EvictAsync(job);
            throw;
        }
    }

    private async Task<IReadOnlyList<VideoEntry>> InlineAsync(VideoCall call, Provider provider, VideoJob job, BodyBudget.Lease lease)
    {
        var outputs = new List<VideoEntry>();
        var left = MaxInlineBytes;
        foreach (var output in job.Outputs)
        {
            // The bytes, and their base64 in the answer.
            lease.Add(left + (left / 3 * 4));
            var bytes = await content.ReadAsync(call.Context, provider, job, output, left, lease, call.CallerGone);
            left -= bytes.Length;
            outputs.Add(new() { Type = "base64", Base64 = bytes.ToArray(), ContentType = output.ContentType ?? MediaTypes.Mp4 });
        }

        return outputs;
    }
}
