using System.Globalization;
using RemixProxy.Contract;
using RemixProxy.Jobs;

namespace RemixProxy.Operations;

/// <summary>Lists the caller's videos at all providers.</summary>
internal sealed class ListOperation(IJobStore store) : IVideoOperation
{
    public const int DefaultLimit = 20;
    public const int MaxLimit = 100;

    public VideoOperation Operations => VideoOperation.List;

    public async Task<ApiError?> AnswerAsync(VideoCall call)
    {
        var query = call.Http.Request.Query;
        var (order, after, limit) = (query["order"].ToString(), query["after"].ToString(), query["limit"].ToString());
        if (order is not ("" or "asc" or "desc")) return ApiError.Invalid("order", "'order' must be 'asc' or 'desc'.");
        if (!TryReadCursor(after, out var cursor)) return ApiError.InvalidId("after", "'after' must be the id of the last video of a page.");
        if (!TryReadLimit(limit, out var count))
            return ApiError.Invalid("limit", "'limit' must be a whole number from 0 on; 0 is read as 1, and what is above 100 as 100.");
        if (await store.ListAsync(call.Caller, cursor, count, ascending: order == "asc", call.CallerGone) is not { } page)
            return ApiError.VideoNotFound with { Param = "after" };
        Video[] videos = [.. page.Jobs.Select(job => Answers.Present(call, job) with { ExtraFields = Answers.Extras(call, job) })];
        var list = new VideoList(videos, videos is [var first, ..] ? first.Id : null, videos is [.., var last] ? last.Id : null, page.HasMore);
        await Answers.WriteAsync(call, list, VideoJsonContext.Answer.VideoList);
        return null;
    }

    private static bool TryReadCursor(string after, out VideoId? cursor)
    {
        cursor = null;
        return after.Length == 0 || (VideoId.IsAcceptable(after) && VideoId.TryParse(after, out cursor));
    }

    // A number out of range is taken to the nearest bound, however many digits it has.
    private static bool TryReadLimit(string limit, out int count)
    {
        count = limit.Length == 0 ? DefaultLimit
            : int.TryParse(limit, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? Math.Clamp(number, 1, MaxLimit) : MaxLimit;
        return !limit.AsSpan().ContainsAnyExceptInRange('0', '9');
    }
}
