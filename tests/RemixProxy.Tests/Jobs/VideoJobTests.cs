using FsCheck;
using FsCheck.Fluent;
using RemixProxy.Adapters;
using RemixProxy.Contract;
using RemixProxy.Jobs;
using RemixProxy.Providers;

namespace RemixProxy.Tests.Jobs;

/// <summary>Laws of <see cref="VideoJob.Apply"/>, whatever a provider says in whatever order.</summary>
public class VideoJobTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 22, 9, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan JobTimeout = TimeSpan.FromHours(1);
    private static readonly VideoId Id = new("task_1", "runway");

    private static readonly Gen<string?> Texts = Gen.Elements(null, "", "a", "b", "720x1280", "4");

    private static readonly Gen<VideoSnapshot> Snapshots =
        from status in Gen.Elements(Enum.GetValues<VideoStatus>())
        from progress in Gen.OneOf(Gen.Constant<double?>(null), Gen.Elements<double?>(-5, 0, 12.5, 99.9, 100, 250, double.NaN, double.PositiveInfinity))
        from model in Texts
        from size in Texts
        from prompt in Texts
        from source in Texts
        from outputs in Gen.Choose(0, 2)
        from code in Gen.Elements(null, "moderation_blocked", "provider_error")
        select new VideoSnapshot
        {
            Status = status,
            Progress = progress,
            Model = model,
            Size = size,
            Seconds = size,
            Prompt = prompt,
            RemixedFromId = source,
            CreatedAt = Start.AddDays(-1),
            Outputs = [.. Enumerable.Range(0, outputs).Select(i => new NativeOutput("https://example.com/" + i))],
            Error = code is null ? null : new(code, "m"),
        };

    private static readonly Gen<(VideoSnapshot Snapshot, int Minutes)> Polls = Snapshots.SelectMany(s => Gen.Choose(0, 20).Select(m => (s, m)));

    private static readonly Gen<List<(VideoSnapshot Snapshot, int Minutes)>> Lives = Polls.NonEmptyListOf().Select(l => l.ToList());

    private static readonly ProviderProfile[] Profiles = [.. BuiltInAdapters.All.Select(p => p.Profile)];

    [Fact]
    public void Progress_never_falls_and_is_100_exactly_when_completed() => ForAll((before, after) =>
        after.Video.Progress >= before.Video.Progress && after.Video.Progress is >= 0 and <= 100
            && (after.Video.Progress == 100) == (after.Video.Status == VideoStatus.Completed));

    [Fact]
    public void A_status_never_goes_back_and_what_is_finished_stays_as_it_is() => ForAll((before, after) =>
        after.Video.Status >= before.Video.Status && (!before.IsFinished || after.Video == before.Video));

    [Fact]
    public void Clips_inside_an_answer_are_told_apart_but_not_kept()
    {
        var clip = new NativeOutput("data:video/mp4;base64," + new string('A', 4_000_000));
        var snapshot = new VideoSnapshot { Status = VideoStatus.Completed, Outputs = [clip, clip, new("https://example.com/2")] };

        var job = VideoJob.First(Id, "", new Video { Id = "" }, snapshot, Profiles[0], JobTimeout, Start);

        Assert.Equal([true, true, false], job.Outputs.Select(o => o.IsInline));
        Assert.Equal(3, job.Outputs.Distinct().Count());
        Assert.True(job.Outputs.All(o => o.Url.Length < 100));
    }

    [Fact]
    public void Where_a_clip_stands_is_kept_with_its_type_until_it_is_forgotten()
    {
        var (mark, broken) = (new ClipMark(1, 45_000_000), new ClipMark(2, 0));
        NativeOutput[] outputs =
        [
            new($"data:video/mp4;base64,{mark}"), new($"data:video/mp4;base64,{broken}"), new($"data:video/{new string('x', 300)};base64,{mark}"),
            new("https://example.com/2"),
        ];

        var job = VideoJob.First(
            Id, "", new Video { Id = "" }, new() { Status = VideoStatus.Completed, Outputs = outputs }, Profiles[0], JobTimeout, Start);

        Assert.Equal([outputs[0].Url, "data:,1", "data:,2", outputs[3].Url], job.Outputs.Select(o => o.Url));
        Assert.Equal(["data:,0", "data:,1", "data:,2", outputs[3].Url], job.WithoutMarks().Outputs.Select(o => o.Url));
    }

    [Fact]
    public void What_callers_saw_once_stays() => ForAll((before, after) =>
        Stays(before.Video.Model, after.Video.Model) && Stays(before.Video.Size, after.Video.Size) && Stays(before.Video.Seconds, after.Video.Seconds)
            && Stays(before.Video.Prompt, after.Video.Prompt)
        && Stays(before.Video.RemixedFromVideoId, after.Video.RemixedFromVideoId) && before.Video.CreatedAt == after.Video.CreatedAt
            && before.Video.Id == after.Video.Id
        && before.SeenAt == after.SeenAt && before.Caller == after.Caller);

    [Fact]
    public void Completed_means_a_video_and_failed_means_a_reason() => ForAll((_, after) => after.Video.Status switch
    {
        VideoStatus.Completed => after.Outputs.Count > 0 && after.Video is { Error: null, CompletedAt: not null },
        VideoStatus.Failed => after.Video.Error is { Code.Length: > 0, Message.Length: > 0 },
        _ => after.Outputs.Count == 0 && after.Video.Error is null,
    });

    [Fact]
    public void A_job_past_its_time_is_expired_by_the_poll_that_still_finds_it_unfinished()
    {
        var job = First(new() { Status = VideoStatus.Queued }, Profiles[0]);
        var queued = new VideoSnapshot { Status = VideoStatus.Queued };
        Assert.Equal(VideoStatus.Queued, job.Apply(queued, Profiles[0], JobTimeout, Start + JobTimeout).Video.Status);
        Assert.Equal("expired", job.Apply(queued, Profiles[0], JobTimeout, Start + JobTimeout + TimeSpan.FromSeconds(1)).Video.Error?.Code);
        var done = new VideoSnapshot { Status = VideoStatus.Completed, Outputs = [new("https://example.com/")] };
        Assert.Equal(VideoStatus.Completed, job.Apply(done, Profiles[0], JobTimeout, Start.AddDays(1)).Video.Status);
    }

    /// <summary>A provider may quote the prompt in a reason, and in what its filter says.</summary>
    [Fact]
    public void A_job_without_prompt_gets_neither_one_nor_words_whatever_is_said() => ForAll((before, after) =>
    {
        var said = after.WithoutPrompt();
        var quote = new VideoSnapshot
        {
            Status = VideoStatus.Failed, Prompt = "quote", Error = new("a quote", "quote"), ContentFilter = new(1, ["quote"]),
            Outputs = [new("https://example.com/")],
        };
        var next = before.WithoutPrompt().Apply(quote, Profiles[0], JobTimeout, Start.AddDays(1));
        return said.Video.Prompt is null && said.Video.Error is not { Message: "m" } && said.Video.Error?.Code == after.Video.Error?.Code
            && next.Video.Prompt is null && next.Video.Error is not { Message: "quote" } and not { Code: "a quote" }
            && next.Video.ContentFilter?.Reasons.Count is null or 0 && next.Promptless;
    });

    [Fact]
    public void A_poll_changes_no_tombstone() => ForAll((before, after) =>
        (before with { Deleted = true }).Apply(
            new() { Status = VideoStatus.Completed, Prompt = "p", Outputs = [new("https://example.com/")] }, Profiles[0], JobTimeout, Start)
            == before with { Deleted = true });

    private static void ForAll(Func<VideoJob, VideoJob, bool> law) => Prop.ForAll(Lives.ToArbitrary(), Gen.Elements(Profiles).ToArbitrary(), (life, profile) =>
    {
        var now = Start;
        var job = First(life[0].Snapshot, profile);
        foreach (var (snapshot, minutes) in life)
        {
            now += TimeSpan.FromMinutes(minutes);
            var next = job.Apply(snapshot, profile, JobTimeout, now);
            if (!law(job, next)) return false;
            job = next;
        }

        return true;
    }).QuickCheckThrowOnFailure();

    private static VideoJob First(VideoSnapshot snapshot, ProviderProfile profile) =>
        VideoJob.First(Id, "caller", new Video { Id = Id.ToString(), Prompt = "p" }, snapshot, profile, JobTimeout, Start);

    private static bool Stays(string? before, string? after) => before is null or "" || before == after;
}
