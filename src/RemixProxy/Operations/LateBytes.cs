using Microsoft.AspNetCore.Http;
using RemixProxy.Exchanges;
using RemixProxy.Jobs;

namespace RemixProxy.Operations;

/// <summary>Asks again for bytes that are not there yet: providers call a video completed a moment before its file can be read.</summary>
internal sealed class LateBytes(TimeProvider time)
{
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>Asks again once a second, for up to 10 seconds, while the source of a video that has just completed answers 404.</summary>
    /// <param name="first">The result of the first time.</param>
    /// <param name="job">The job that the bytes belong to.</param>
    /// <param name="ask">Asks for the bytes.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="OperationCanceledException">The wait was ended.</exception>
    public async Task<ExchangeResult> AskAgainAsync(
        ExchangeResult first, VideoJob job, Func<Task<ExchangeResult>> ask, CancellationToken cancellationToken)
    {
        var started = time.GetUtcNow();
        var result = first;
        while (IsMissing(result) && time.GetUtcNow() is var now && now - job.CompletedSeenAt <= Fresh && now - started + Pause <= Longest)
        {
            await Task.Delay(Pause, time, cancellationToken);
            result = await ask();
        }

        return result;
    }

    private static bool IsMissing(ExchangeResult result) => result is ExchangeResult.Answered { Response.Status: StatusCodes.Status404NotFound };
}
