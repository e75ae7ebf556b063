using RemixProxy.Contract;
using RemixProxy.Dependencies;
using RemixProxy.Jobs;
using RemixProxy.Redis;
using RemixProxy.Routing;
using RemixProxy.Tests;

namespace RemixProxy.FunctionalTests.Redis;

/// <summary>What replicas know of each other through a real Redis 8, and a real Redis 7.</summary>
public abstract class RedisJobStoreTests(RedisVersion version) : IAsyncLifetime
{
    private const string Caller = "me";

    private readonly ManualTimeProvider _time = new();
    private RedisServer _redis = null!;
    private Replica _a = null!;
    private Replica _b = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _redis = await RedisServer.StartAsync(version);
        _a = await Replica.StartAsync(_redis.ConnectionString, _time);
        _b = await Replica.StartAsync(_redis.ConnectionString, _time);
    }

    public async ValueTask DisposeAsync()
    {
        await _a.DisposeAsync();
        await _b.DisposeAsync();
        await _redis.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task A_job_of_one_is_found_changed_and_listed_by_the_other()
    {
        await _a.Store.AddAsync(Job("j", 5), Ct);
        var changed = await _b.Store.UpdateAsync(Id("j"), j => j with { Video = j.Video with { Status = VideoStatus.Completed, Progress = 100 }, Outputs = [new("https://x/y.mp4") { Public = true }] }, Ct);
        var seen = await _a.Store.FindAsync(Id("j"), Ct);
        Assert.Equal(VideoStatus.Completed, seen!.Video.Status);
        Assert.Equal(changed! with { Outputs = [] }, seen with { Outputs = [] });
        Assert.Equal([new("https://x/y.mp4") { Public = true }], seen.Outputs);
        Assert.Equal([Id("j")], (await _b.Store.ListAsync(Caller, null, 10, ascending: false, Ct))!.Jobs.Select(j => j.Id));
        Assert.Equal([Id("j")], (await _b.Store.FindNativeAsync(Caller, "j", Ct)).Select(j => j.Id));
        Assert.Null(await _b.Store.FindAsync(Id("unknown"), Ct));
    }

    [Fact]
    public async Task A_submission_survives_every_field_it_has()
    {
        var submission = await Granted(_a, Ticket("f", key: "k"));
        var error = new ApiError(429, "rate_limit_exceeded", "Later.", "p") { RetryAfter = 7, Retryable = false };
        await _a.Store.MoveAsync(submission, s => s with { State = SubmissionState.Unknown, Error = error, CallerGone = true }, Ct);
        var repeated = Assert.IsType<Repeated>(await _b.Store.AdmitAsync(Ticket("f", key: "k"), Ct));
        Assert.Equal(submission with { State = SubmissionState.Unknown, Error = error, CallerGone = true }, repeated.Earlier);
    }

    [Fact]
    public async Task A_key_admits_one_of_many_at_once_and_another_request_not_at_all()
    {
        var admissions = await Task.WhenAll(Enumerable.Range(0, 40).Select(i => (i % 2 == 0 ? _a : _b).Store.AdmitAsync(Ticket("f", key: "k"), Ct).AsTask()));
        Assert.Single(admissions.OfType<Granted>());
        Assert.Equal(39, admissions.OfType<Repeated>().Count());
        Assert.IsType<KeyReused>(await _b.Store.AdmitAsync(Ticket("other", key: "k"), Ct));
        Assert.IsType<Granted>(await _b.Store.AdmitAsync(Ticket("other", key: "k", caller: "you"), Ct));
    }

    [Fact]
    public async Task A_refusal_releases_its_key_and_unknown_keeps_it()
    {
        var refused = await Granted(_a, Ticket("f", key: "k"));
        await EndAsync(_a, refused, SubmissionState.Refused);
        var unknown = await Granted(_b, Ticket("f", key: "k"));
        await EndAsync(_b, unknown, SubmissionState.Unknown);
        Assert.Equal(unknown.Id, Assert.IsType<Repeated>(await _a.Store.AdmitAsync(Ticket("f", key: "k"), Ct)).Earlier.Id);
        _time.Advance(TimeSpan.FromHours(25));
        Assert.IsType<Granted>(await _a.Store.AdmitAsync(Ticket("f", key: "k"), Ct));
    }

    [Fact]
    public async Task Without_a_key_only_a_repeat_is_one()
    {
        var first = await Granted(_a, Ticket("f"));
        Assert.IsType<Granted>(await _b.Store.AdmitAsync(Ticket("f"), Ct));
        var latest = await Granted(_b, Ticket("f"));
        Assert.Equal(latest.Id, Assert.IsType<Repeated>(await _a.Store.AdmitAsync(Ticket("f", retry: true), Ct)).Earlier.Id);
        await _b.Store.MoveAsync(latest, s => s with { CallerGone = true }, Ct);
        Assert.IsType<Repeated>(await _a.Store.AdmitAsync(Ticket("f"), Ct));
        Assert.IsType<Granted>(await _a.Store.AdmitAsync(Ticket("f", noCache: true), Ct));
        Assert.NotEqual(first.Id, latest.Id);
        _time.Advance(TimeSpan.FromMinutes(11));
        Assert.IsType<Granted>(await _a.Store.AdmitAsync(Ticket("f", retry: true), Ct));
    }

    [Fact]
    public async Task A_dead_holder_s_claim_is_free_and_it_never_sends_thereafter()
    {
        var dead = await Granted(_a, Ticket("f", key: "k"));
        _time.Advance(TimeSpan.FromSeconds(7));
        Assert.IsType<Repeated>(await _b.Store.AdmitAsync(Ticket("f", key: "k"), Ct));
        _time.Advance(TimeSpan.FromSeconds(2));
        var waited = await _b.Store.WaitAsync(dead, Ct);
        Assert.Equal(SubmissionState.Claimed, waited.State);
        var heir = await Granted(_b, Ticket("f", key: "k"));
        // It was only asleep.
        Assert.NotEqual(SubmissionState.Sending, (await _a.Store.MoveAsync(dead, s => s with { State = SubmissionState.Sending }, Ct)).State);
        Assert.Equal(SubmissionState.Sending, (await _b.Store.MoveAsync(heir, s => s with { State = SubmissionState.Sending }, Ct)).State);
    }

    [Fact]
    public async Task What_a_dead_holder_was_sending_is_unknown_until_it_answers_after_all()
    {
        var dead = await Granted(_a, Ticket("f", key: "k"));
        await _a.Store.MoveAsync(dead, s => s with { State = SubmissionState.Sending }, Ct);
        _time.Advance(TimeSpan.FromSeconds(4));
        var repeated = Assert.IsType<Repeated>(await _b.Store.AdmitAsync(Ticket("f", key: "k"), Ct));
        var ended = await _b.Store.WaitAsync(repeated.Earlier, Ct);
        Assert.Equal((SubmissionState.Unknown, 424), (ended.State, ended.Error!.Status));
        await _a.Store.MoveAsync(dead, s => s with { State = SubmissionState.Accepted, Video = Id("late") }, Ct);
        Assert.Equal(Id("late"), (await _b.Store.WaitAsync(repeated.Earlier, Ct)).Video);
    }

    [Fact]
    public async Task A_holder_that_renews_is_alive_however_long_it_takes()
    {
        var slow = await Granted(_a, Ticket("f"));
        await _a.Store.MoveAsync(slow, s => s with { State = SubmissionState.Sending }, Ct);
        for (var i = 0; i < 20; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(2));
            await _a.UpkeepAsync(Ct);
        }

        // Neither unknown nor gone: a new wish.
        Assert.IsType<Granted>(await _b.Store.AdmitAsync(Ticket("f"), Ct));
    }

    [Fact]
    public async Task An_entry_is_made_by_one_of_many_at_once_and_answers_from_then_on()
    {
        var submissions = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => Granted(i % 2 == 0 ? _a : _b, Ticket("f" + i))));
        var claims = await Task.WhenAll(submissions.Select((s, i) => (i % 2 == 0 ? _a : _b).Store.ClaimAsync(s, "e", Ct).AsTask()));
        Assert.Single(claims.OfType<Claimed>());
        Assert.Equal(19, claims.OfType<UnderWay>().Count());
        await _b.Store.StoreEntryAsync(Caller, "e", Id("j"), TimeSpan.FromHours(1), Ct);
        Assert.Equal(Id("j"), Assert.IsType<Stored>(await _a.Store.ClaimAsync(submissions[0], "e", Ct)).Video);
        await _a.Store.RemoveEntryAsync(Caller, "e", Id("another"), Ct);
        Assert.Equal(Id("j"), await _a.Store.FindEntryAsync(Caller, "e", Ct));
        await _a.Store.RemoveEntryAsync(Caller, "e", Id("j"), Ct);
        Assert.Null(await _b.Store.FindEntryAsync(Caller, "e", Ct));
    }

    [Fact]
    public async Task A_claim_outlives_neither_its_end_nor_its_holder()
    {
        var first = await Granted(_a, Ticket("1"));
        Assert.IsType<Claimed>(await _a.Store.ClaimAsync(first, "e", Ct));
        await EndAsync(_a, first, SubmissionState.Refused);
        var second = await Granted(_b, Ticket("2"));
        Assert.IsType<Claimed>(await _b.Store.ClaimAsync(second, "e", Ct));
        _time.Advance(TimeSpan.FromSeconds(9));
        var third = await Granted(_a, Ticket("3"));
        Assert.IsType<Claimed>(await _a.Store.ClaimAsync(third, "e", Ct));
        Assert.NotEqual(SubmissionState.Sending, (await _b.Store.MoveAsync(second, s => s with { State = SubmissionState.Sending }, Ct)).State);
    }

    [Fact]
    public async Task One_asks_the_provider_at_a_time()
    {
        Assert.True(await _a.Store.BeginPollAsync(Id("j"), Ct));
        Assert.False(await _b.Store.BeginPollAsync(Id("j"), Ct));
        await _b.Store.EndPollAsync(Id("j"), Ct);
        Assert.False(await _b.Store.BeginPollAsync(Id("j"), Ct));
        await _a.Store.EndPollAsync(Id("j"), Ct);
        Assert.True(await _b.Store.BeginPollAsync(Id("j"), Ct));
    }

    [Fact]
    public async Task Changes_at_once_are_all_made()
    {
        await _a.Store.AddAsync(Job("j", 5), Ct);
        await Task.WhenAll(Enumerable.Range(0, 20).Select(i => (i % 2 == 0 ? _a : _b).Store.UpdateAsync(Id("j"), j => j with { Video = j.Video with { Progress = j.Video.Progress + 1 } }, Ct).AsTask()));
        Assert.Equal(20, (await _a.Store.FindAsync(Id("j"), Ct))!.Video.Progress);
    }

    [Fact]
    public async Task A_page_ends_where_the_next_begins_while_jobs_come_and_go()
    {
        for (var i = 0; i < 9; i++) await _a.Store.AddAsync(Job("j" + i, 100 + (i / 3)), Ct);
        var first = await _b.Store.ListAsync(Caller, null, 4, ascending: false, Ct);
        Assert.True(first!.HasMore);
        await _a.Store.AddAsync(Job("new", 200), Ct);
        await _a.Store.UpdateAsync(first.Jobs[^1].Id, j => j with { Deleted = true }, Ct);
        await _a.Store.UpdateAsync(Id("j1"), j => j with { Deleted = true }, Ct);
        var second = await _b.Store.ListAsync(Caller, first.Jobs[^1].Id, 100, ascending: false, Ct);
        Assert.Equal(["j4", "j3", "j2", "j0"], second!.Jobs.Select(j => j.Id.Native));
        Assert.False(second.HasMore);
        Assert.Null(await _b.Store.ListAsync("you", first.Jobs[^1].Id, 100, ascending: false, Ct));
        Assert.Equal(["j0", "j2", "j3", "j4"], (await _b.Store.ListAsync(Caller, null, 4, ascending: true, Ct))!.Jobs.Select(j => j.Id.Native));
    }

    [Fact]
    public async Task Retention_ends_a_job_and_its_place_in_the_list()
    {
        for (var i = 0; i < 6; i++) await _a.Store.AddAsync(Job("old" + i, i), Ct);
        _time.Advance(TimeSpan.FromDays(61));
        Assert.Null(await _b.Store.FindAsync(Id("old1"), Ct));
        for (var i = 0; i < 3; i++) await _a.Store.AddAsync(Job("new" + i, 1000 + i), Ct);
        Assert.Equal(["new2", "new1", "new0"], (await _b.Store.ListAsync(Caller, null, 10, ascending: false, Ct))!.Jobs.Select(j => j.Id.Native));
        Assert.Equal("3", await _redis.CommandAsync("ZCARD", _a.Redis.Keys.Jobs(Caller)));
    }

    [Fact]
    public async Task Every_key_has_a_life_and_those_of_one_script_are_in_one_slot()
    {
        var submission = await Granted(_a, Ticket("f", key: "k"));
        await _a.Store.ClaimAsync(submission, "e", Ct);
        await _a.Store.StoreEntryAsync(Caller, "e", Id("j"), TimeSpan.FromHours(1), Ct);
        await _a.Store.AddAsync(Job("j", 5), Ct);
        await _a.Store.BeginPollAsync(Id("j"), Ct);
        var keys = (await _redis.CommandAsync("KEYS", "*")).Split('\n');
        Assert.Equal(8, keys.Length);
        foreach (var key in keys) Assert.True(long.Parse(await _redis.CommandAsync("PTTL", key)) > 0, key);
        string[] ofCaller = [.. keys.Where(k => !k.Contains("{j:", StringComparison.Ordinal))];
        Assert.Equal(6, ofCaller.Length);
        Assert.Single(ofCaller.Select(Slot).Distinct());
        Assert.Single(keys.Except(ofCaller, StringComparer.Ordinal).Select(Slot).Distinct());
        Assert.NotEqual(Slot(_a.Redis.Keys.Jobs(Caller)), Slot(_a.Redis.Keys.Jobs("you")));
    }

    [Fact]
    public async Task What_is_written_says_nothing_of_callers_and_keys()
    {
        var submission = await Granted(_a, Ticket("f", key: "k", caller: "somebody@example.org"));
        await _a.Store.ClaimAsync(submission, "e", Ct);
        Assert.DoesNotContain("example.org", await _redis.CommandAsync("KEYS", "*"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Redis_killed_refuses_a_key_admits_without_one_and_is_told_when_it_is_back()
    {
        await _redis.KillAsync();
        await Assert.ThrowsAsync<DependencyException>(() => _a.Store.AdmitAsync(Ticket("f", key: "k"), Ct).AsTask());
        var submission = await Granted(_a, Ticket("f"));
        Assert.Equal(SubmissionState.Sending, (await _a.Store.MoveAsync(submission, s => s with { State = SubmissionState.Sending }, Ct)).State);
        await _a.Store.AddAsync(Job("paid", 5), Ct);
        await _a.Store.MoveAsync(submission, s => s with { State = SubmissionState.Accepted, Video = Id("paid") }, Ct);
        Assert.Equal("paid", (await _a.Store.FindAsync(Id("paid"), Ct))!.Id.Native);
        Assert.Equal(Id("paid"), Assert.IsType<Repeated>(await _a.Store.AdmitAsync(Ticket("f", retry: true), Ct)).Earlier.Video);
        await Assert.ThrowsAsync<DependencyException>(() => _a.Store.FindAsync(Id("other"), Ct).AsTask());
        await Assert.ThrowsAsync<DependencyException>(() => _a.Store.ListAsync(Caller, null, 10, ascending: false, Ct).AsTask());

        await _redis.RestartAsync();
        await BackAsync(_a, _b);
        await _a.UpkeepAsync(Ct);
        Assert.Equal("paid", (await _b.Store.FindAsync(Id("paid"), Ct))!.Id.Native);
        Assert.Single((await _b.Store.ListAsync(Caller, null, 10, ascending: false, Ct))!.Jobs);
        Assert.Equal(Id("paid"), Assert.IsType<Repeated>(await _b.Store.AdmitAsync(Ticket("f", retry: true), Ct)).Earlier.Video);
    }

    [Fact]
    public async Task What_was_admitted_before_Redis_went_is_still_recognised_here()
    {
        var submission = await Granted(_a, Ticket("f"));
        await _a.Store.MoveAsync(submission, s => s with { State = SubmissionState.Sending }, Ct);
        await _redis.KillAsync();
        await _a.Store.MoveAsync(submission, s => s with { State = SubmissionState.Accepted, Video = Id("j") }, Ct);
        var repeated = Assert.IsType<Repeated>(await _a.Store.AdmitAsync(Ticket("f", retry: true), Ct));
        Assert.Equal(Id("j"), (await _a.Store.WaitAsync(repeated.Earlier, Ct)).Video);
    }

    [Fact]
    public async Task An_answer_that_died_with_its_process_was_never_heard()
    {
        var unheard = await Granted(_a, Ticket("f"));
        await SentAsync(_a, unheard);
        var heard = await Granted(_a, Ticket("g"));
        await SentAsync(_a, heard);
        await _a.Store.MoveAsync(heard, s => s with { Answered = true }, Ct);
        // Its answer may be on its way still.
        Assert.IsType<Granted>(await _b.Store.AdmitAsync(Ticket("g"), Ct));
        _time.Advance(TimeSpan.FromSeconds(4));
        Assert.Equal(unheard.Id, Assert.IsType<Repeated>(await _b.Store.AdmitAsync(Ticket("f"), Ct)).Earlier.Id);
        Assert.IsType<Granted>(await _b.Store.AdmitAsync(Ticket("f", noCache: true), Ct));
        var another = await Granted(_a, Ticket("h"));
        await SentAsync(_a, another);
        await _a.Store.MoveAsync(another, s => s with { Answered = true }, Ct);
        _time.Advance(TimeSpan.FromSeconds(4));
        Assert.IsType<Granted>(await _b.Store.AdmitAsync(Ticket("h"), Ct));
    }

    [Fact]
    public async Task What_was_accepted_while_Redis_was_away_is_not_forgotten_for_a_caller_who_left()
    {
        var submission = await Granted(_a, Ticket("f", key: "k"));
        await _a.Store.MoveAsync(submission, s => s with { State = SubmissionState.Sending }, Ct);
        await _redis.KillAsync();
        await _a.Store.MoveAsync(submission, s => s with { State = SubmissionState.Accepted, Video = Id("paid") }, Ct);
        await _a.Store.MoveAsync(submission, s => s with { CallerGone = true }, Ct);
        await _redis.RestartAsync();
        await BackAsync(_a, _b);
        await _a.UpkeepAsync(Ct);
        var earlier = Assert.IsType<Repeated>(await _b.Store.AdmitAsync(Ticket("f", key: "k"), Ct)).Earlier;
        Assert.Equal((SubmissionState.Accepted, Id("paid"), true), (earlier.State, earlier.Video, earlier.CallerGone));
    }

    [Fact]
    public async Task What_was_admitted_while_Redis_was_away_is_held_once_it_is_back()
    {
        await _redis.KillAsync();
        var slow = await Granted(_a, Ticket("f"));
        await _a.Store.MoveAsync(slow, s => s with { State = SubmissionState.Sending }, Ct);
        await _redis.RestartAsync();
        await BackAsync(_a, _b);
        for (var i = 0; i < 10; i++)
        {
            await _a.UpkeepAsync(Ct);
            _time.Advance(TimeSpan.FromSeconds(2));
        }

        Assert.Equal(SubmissionState.Sending, Assert.IsType<Repeated>(await _b.Store.AdmitAsync(Ticket("f", retry: true), Ct)).Earlier.State);
        // Neither unknown nor dead: a new wish.
        Assert.IsType<Granted>(await _b.Store.AdmitAsync(Ticket("f"), Ct));
        await _a.Store.MoveAsync(slow, s => s with { State = SubmissionState.Accepted, Video = Id("paid") }, Ct);
        Assert.Equal(Id("paid"), (await _b.Store.WaitAsync(slow, Ct)).Video);
    }

    [Fact]
    public async Task An_admission_that_was_given_up_and_is_carried_out_later_is_the_same_submission()
    {
        await using var relay = RedisRelay.To(_redis);
        await using var slow = await Replica.StartAsync(relay.ConnectionString, _time);
        var moment = relay.HoldBefore(c => c.Runs(RedisScripts.Admit));
        var admitting = slow.Store.AdmitAsync(Ticket("f"), Ct);
        await moment.Reached;
        _time.Advance(TimeSpan.FromSeconds(2));
        var submission = Assert.IsType<Granted>(await admitting).Submission;
        await SentAsync(slow, submission);
        moment.Release();
        await slow.UpkeepAsync(Ct);
        Assert.Equal(Id("f"), Assert.IsType<Repeated>(await _b.Store.AdmitAsync(Ticket("f", retry: true), Ct)).Earlier.Video);
    }

    [Fact]
    public async Task Redis_back_empty_learns_again_what_is_under_way_and_no_key_is_sent_twice()
    {
        var sending = await Granted(_a, Ticket("f", key: "k"));
        await _a.Store.MoveAsync(sending, s => s with { State = SubmissionState.Sending }, Ct);
        var claimed = await Granted(_a, Ticket("g", key: "l"));
        await _redis.RestartAsync();
        await BackAsync(_a, _b);
        var thief = await Granted(_b, Ticket("g", key: "l"));
        await _a.UpkeepAsync(Ct);
        Assert.Equal(sending.Id, Assert.IsType<Repeated>(await _b.Store.AdmitAsync(Ticket("f", key: "k"), Ct)).Earlier.Id);
        Assert.NotEqual(SubmissionState.Sending, (await _a.Store.MoveAsync(claimed, s => s with { State = SubmissionState.Sending }, Ct)).State);
        Assert.Equal(SubmissionState.Sending, (await _b.Store.MoveAsync(thief, s => s with { State = SubmissionState.Sending }, Ct)).State);
    }

    [Fact]
    public async Task With_a_key_nothing_is_sent_while_Redis_can_t_say_whose_it_is()
    {
        var keyed = await Granted(_a, Ticket("f", key: "k"));
        var keyless = await Granted(_a, Ticket("g"));
        await _redis.KillAsync();
        await Assert.ThrowsAsync<DependencyException>(() => _a.Store.MoveAsync(keyed, s => s with { State = SubmissionState.Sending }, Ct).AsTask());
        Assert.Equal(SubmissionState.Sending, (await _a.Store.MoveAsync(keyless, s => s with { State = SubmissionState.Sending }, Ct)).State);
        Assert.Equal(SubmissionState.Refused, (await _a.Store.MoveAsync(keyed, s => s with { State = SubmissionState.Refused }, Ct)).State);
    }

    [Fact]
    public async Task A_full_Redis_is_as_one_that_is_away_for_writing_and_is_read()
    {
        await _a.Store.AddAsync(Job("j", 5), Ct);
        await _redis.CommandAsync("CONFIG", "SET", "maxmemory-policy", "noeviction");
        await _redis.CommandAsync("CONFIG", "SET", "maxmemory", "1");
        for (var i = 0; i < 5; i++) await Assert.ThrowsAsync<DependencyException>(() => _a.Store.AdmitAsync(Ticket("f", key: "k"), Ct).AsTask());
        await Granted(_a, Ticket("f"));
        Assert.NotNull(await _a.Store.FindAsync(Id("j"), Ct));
        Assert.Single(_a.Log, l => l.Contains("Redis refuses", StringComparison.Ordinal));
        await _redis.CommandAsync("CONFIG", "SET", "maxmemory", "0");
        await Granted(_a, Ticket("f", key: "k"));
        Assert.Single(_a.Log, l => l.Contains("Redis accepts", StringComparison.Ordinal));
    }

    private static VideoId Id(string native) => new(native, "runway");

    private static SubmitTicket Ticket(string fingerprint, string? key = null, bool retry = false, bool noCache = false, string caller = Caller) =>
        new(caller, VideoOperation.Create, fingerprint, key, retry, noCache);

    private static async Task<Submission> Granted(Replica replica, SubmitTicket ticket) => Assert.IsType<Granted>(await replica.Store.AdmitAsync(ticket, Ct)).Submission;

    private static async Task SentAsync(Replica replica, Submission submission)
    {
        await replica.Store.MoveAsync(submission, s => s with { State = SubmissionState.Sending }, Ct);
        await replica.Store.MoveAsync(submission, s => s with { State = SubmissionState.Accepted, Video = Id(submission.Ticket.Fingerprint) }, Ct);
    }

    private static async Task EndAsync(Replica replica, Submission submission, SubmissionState state) =>
        await replica.Store.MoveAsync(submission, s => s with { State = state, Error = ApiError.Internal }, Ct);

    // The slot of a key in Redis Cluster: CRC16 (XMODEM) of what is between the first braces.
    private static int Slot(string key)
    {
        var (open, close) = (key.IndexOf('{'), key.IndexOf('}'));
        var crc = 0;
        foreach (var c in key[(open + 1)..close])
        {
            crc ^= c << 8;
            for (var i = 0; i < 8; i++) crc = (crc & 0x8000) != 0 ? (crc << 1) ^ 0x1021 : crc << 1;
            crc &= 0xFFFF;
        }

        return crc % 16384;
    }

    private VideoJob Job(string native, long createdAt) =>
        new() { Id = Id(native), Caller = Caller, Video = new() { Id = Id(native).ToString(), CreatedAt = createdAt, Prompt = "A boat" }, SeenAt = _time.GetUtcNow() };

    // The clients reconnect by themselves; the breaker's second has to pass on the test's clock.
    private async Task BackAsync(params Replica[] replicas)
    {
        foreach (var replica in replicas)
        {
            for (var i = 0; ; i++)
            {
                _time.Advance(TimeSpan.FromMilliseconds(50));
                try
                {
                    await replica.Redis.RunAsync(db => db.PingAsync(), Ct);
                    break;
                }
                catch (DependencyException) when (i < 2000)
                {
                    await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, Ct);
                }
            }
        }
    }
}

/// <summary>On Redis 8.</summary>
public sealed class Redis8JobStoreTests() : RedisJobStoreTests(RedisVersion.Eight);

/// <summary>On Redis 7.</summary>
public sealed class Redis7JobStoreTests() : RedisJobStoreTests(RedisVersion.Seven);
