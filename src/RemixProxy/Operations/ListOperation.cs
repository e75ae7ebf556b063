using System.Globalization;
using RemixProxy.Contract;
using RemixProxy.Jobs;

namespace RemixProxy.Operations;

/// <summary>The caller's videos at all providers, in one list.</summary>
internal sealed class ListOperation(IJobStore store) : IVideoOperation
{
    public const int DefaultLimit = 20;
    public const int MaxLimit = 100;

    public VideoOperation Operations => VideoOperation.List;

    public async Task AnswerAsync(VideoCall call)
    {
        var query = call.Http.Request.Query;
        var ascending = query["order"].ToString() switch
        {
            "" or "desc" => false,
            "asc" => true,
            _ => throw new ApiException(ApiError.Invalid("order", "'order' must be 'asc' or 'desc'.")),
        };
        var page = await store.ListAsync(call.Caller, Cursor(query["after"].ToString()), Limit(query["limit"].ToString()), ascending, call.CallerGone)
            ?? throw new ApiException(ApiError.VideoNotFound with { Param = "after" });
        Video[] videos = [.. page.Jobs.Select(job => Answers.Present(call, job) with { ExtraFields = Answers.Extras(call, job) })];
        var list = new VideoList(videos, videos is [var first, ..] ? first.Id : null, videos is [.., var last] ? last.Id : null, page.HasMore);
        await Answers.WriteAsync(call, list, VideoJsonContext.Answer.VideoList);
    }

    private static VideoId? Cursor(string after)
    {
        if (after.Length == 0) return null;
        return VideoId.IsAcceptable(after) && VideoId.TryParse(after, out var id)
            ? id
            : throw new ApiException(ApiError.InvalidId("after", "'after' must be the id of the last video of a page."));
    }

    private static int Limit(string limit)
    {
        if (limit.Length == 0) return DefaultLimit;
        if (limit.AsSpan().ContainsAnyExceptInRange('0', '9'))
            throw new ApiException(ApiError.Invalid("limit", "'limit' must be a whole number from 1 to 100."));
        return int.TryParse(limit, NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? Math.Clamp(count, 1, MaxLimit) : MaxLimit;
    }
}
