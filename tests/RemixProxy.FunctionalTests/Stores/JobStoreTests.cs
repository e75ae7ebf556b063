using RemixProxy.Contract;
using RemixProxy.FunctionalTests.Redis;
using RemixProxy.Jobs;
using RemixProxy.TestKit.Redis;

namespace RemixProxy.FunctionalTests.Stores;

/// <summary>What every store of jobs does.</summary>
public abstract class JobStoreTests(RedisVersion? version) : TwoStoresTests(version)
{
    private const string Caller = "me";

    [Fact]
    public async Task A_job_of_one_is_found_changed_and_listed_by_the_other()
    {
        await One.Jobs.AddAsync(Job("j", 5), Ct);
        var changed = await Other.Jobs.UpdateAsync(
            Id("j"), j =>
                j with { Video = j.Video with { Status = VideoStatus.Completed, Progress = 100 }, Outputs = [new("https://x/y.mp4") { Public = true }] }, Ct);
        var seen = await One.Jobs.FindAsync(Id("j"), Ct);
        Assert.Equal(VideoStatus.Completed, seen!.Video.Status);
        Assert.Equal(changed! with { Outputs = [] }, seen with { Outputs = [] });
        Assert.Equal([new("https://x/y.mp4") { Public = true }], seen.Outputs);
        Assert.Equal([Id("j")], (await Other.Jobs.ListAsync(Caller, null, 10, ascending: false, Ct))!.Jobs.Select(j => j.Id));
        Assert.Equal([Id("j")], (await Other.Jobs.FindNativeAsync(Caller, "j", Ct)).Select(j => j.Id));
        Assert.Null(await Other.Jobs.FindAsync(Id("unknown"), Ct));
    }

    [Fact]
    public async Task Changes_at_once_are_all_made()
    {
        await One.Jobs.AddAsync(Job("j", 5), Ct);
        await Task.WhenAll(Enumerable.Range(0, 20).Select(
            i => (i % 2 == 0 ? One : Other).Jobs.UpdateAsync(Id("j"), j => j with { Video = j.Video with { Progress = j.Video.Progress + 1 } }, Ct).AsTask()));
        Assert.Equal(20, (await One.Jobs.FindAsync(Id("j"), Ct))!.Video.Progress);
    }

    [Fact]
    public async Task A_page_ends_where_the_next_begins_while_jobs_come_and_go()
    {
        for (var i = 0; i < 9; i++) await One.Jobs.AddAsync(Job("j" + i, 100 + (i / 3)), Ct);
        var first = await Other.Jobs.ListAsync(Caller, null, 4, ascending: false, Ct);
        Assert.True(first!.HasMore);
        await One.Jobs.AddAsync(Job("new", 200), Ct);
        await One.Jobs.UpdateAsync(first.Jobs[^1].Id, j => j with { Deleted = true }, Ct);
        await One.Jobs.UpdateAsync(Id("j1"), j => j with { Deleted = true }, Ct);
        var second = await Other.Jobs.ListAsync(Caller, first.Jobs[^1].Id, 100, ascending: false, Ct);
        Assert.Equal(["j4", "j3", "j2", "j0"], second!.Jobs.Select(j => j.Id.Native));
        Assert.False(second.HasMore);
        Assert.Null(await Other.Jobs.ListAsync("you", first.Jobs[^1].Id, 100, ascending: false, Ct));
        Assert.Equal(["j0", "j2", "j3", "j4"], (await Other.Jobs.ListAsync(Caller, null, 4, ascending: true, Ct))!.Jobs.Select(j => j.Id.Native));
    }

    [Fact]
    public async Task A_job_is_added_once()
    {
        await One.Jobs.AddAsync(Job("j", 1), Ct);
        Assert.Equal((Caller, 1), ((await Other.Jobs.AddAsync(Job("j", 2, "you"), Ct)).Caller, (await One.Jobs.AddAsync(Job("j", 3), Ct)).Video.CreatedAt));
    }

    private static VideoId Id(string native) => new(native, "runway");

    private VideoJob Job(string native, long createdAt, string caller = Caller) =>
        new()
        {
            Id = Id(native), Caller = caller, Video = new() { Id = Id(native).ToString(), CreatedAt = createdAt, Prompt = "A boat" },
            SeenAt = Time.GetUtcNow()
        };
}

/// <summary>In memory.</summary>
public sealed class MemoryJobStoreTests() : JobStoreTests(null);

/// <summary>On Redis 8.</summary>
public sealed class Redis8JobStoreTests() : JobStoreTests(RedisVersion.Eight);

/// <summary>On Redis 7.</summary>
public sealed class Redis7JobStoreTests() : JobStoreTests(RedisVersion.Seven);
