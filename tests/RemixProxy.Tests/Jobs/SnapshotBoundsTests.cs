using RemixProxy.Adapters;
using RemixProxy.Contract;
using RemixProxy.Jobs;
using RemixProxy.Providers;

namespace RemixProxy.Tests.Jobs;

/// <summary>What a provider says of a video enters a job within bounds, whichever answer it stands in.</summary>
public class SnapshotBoundsTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 9, 0, 0, TimeSpan.Zero);

    private static string Long => new('x', 5_000_000);

    [Fact]
    public void No_answer_makes_a_job_large()
    {
        var snapshot = new VideoSnapshot
        {
            Status = VideoStatus.Completed, Model = Long, Size = Long, Seconds = Long, Prompt = Long, RemixedFromId = Long,
            Outputs = [.. Enumerable.Range(0, 200).Select(i => new NativeOutput("https://a.example/" + (i % 2 == 0 ? "b" : Long)))],
            ContentFilter = new(3, [.. Enumerable.Repeat(Long, 1_000)]),
        };
        var first = VideoJob.First(new("j", "p"), "me", new() { Id = "j:p" }, snapshot, Profile, TimeSpan.FromHours(1), Now);
        var later = New().Apply(snapshot, Profile, TimeSpan.FromHours(1), Now);
        var failed = New().Apply(VideoSnapshot.Failed(Long, Long), Profile, TimeSpan.FromHours(1), Now);
        Assert.All([first, later, failed], job => Assert.InRange(job.Bytes, 1, 250_000));
        Assert.Equal(("", "", ""), (first.Video.Model, first.Video.Size, first.Video.Seconds));
        Assert.Equal(32_001, first.Video.Prompt!.Length);
        Assert.Null(first.Video.RemixedFromVideoId);
    }

    [Fact]
    public void What_is_usual_stays_as_it_is()
    {
        var url = "https://a.example/" + new string('s', 8_000);
        var snapshot = new VideoSnapshot
        {
            Status = VideoStatus.Completed, Model = "sora-2", Size = "1280x720", Seconds = "8", Prompt = new('p', 32_000), RemixedFromId = "video_0",
            Outputs = [new(url) { Public = true, ContentType = "video/mp4" }, new("data:video/mp4;base64," + Long)], ContentFilter = new(1, ["violence"]),
        };
        var job = New().Apply(snapshot, Profile, TimeSpan.FromHours(1), Now);
        Assert.Equal(("sora-2", "1280x720", "8", 32_000), (job.Video.Model, job.Video.Size, job.Video.Seconds, job.Video.Prompt!.Length));
        Assert.Equal(("video_0:p", "violence"), (job.Video.RemixedFromVideoId, Assert.Single(job.Video.ContentFilter!.Reasons)));
        Assert.Equal([url, "data:,1"], job.Outputs.Select(o => o.Url));
    }

    [Fact]
    public void A_text_is_not_cut_in_the_middle_of_a_character()
    {
        var job = New().Apply(
            new() { Status = VideoStatus.InProgress, Prompt = new string('x', 31_999) + "\ud83d\ude00" }, Profile, TimeSpan.FromHours(1), Now);
        Assert.Equal(new string('x', 31_999) + "…", job.Video.Prompt);
    }

    private static ProviderProfile Profile => BuiltInAdapters.All[0].Profile;

    private static VideoJob New() => new() { Id = new("j", "p"), Caller = "me", Video = new() { Id = "j:p" }, SeenAt = Now };
}
