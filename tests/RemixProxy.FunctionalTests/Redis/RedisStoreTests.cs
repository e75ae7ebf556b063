using RemixProxy.Cache;
using RemixProxy.Contract;
using RemixProxy.Jobs;
using RemixProxy.Jobs.Submissions;
using RemixProxy.Redis;
using RemixProxy.Resilience;
using RemixProxy.TestKit.Redis;
using StackExchange.Redis;

namespace RemixProxy.FunctionalTests.Redis;

/// <summary>What replicas know of each other through a real Redis 8, and a real Redis 7: what becomes of it where one of them dies, or Redis.</summary>
public abstract class RedisStoreTests(RedisVersion version) : TwoStoresTests(version)
{
    private const string Caller = "me";

    [Fact]
    public async Task At_the_end_a_process_gives_up_what_it_has_claimed_and_not_begun()
    {
        var claimed = await Granted(One, Ticket("f", key: "k"));
        var sending = await Granted(One, Ticket("g", key: "l"));
        await One.Entries.ClaimAsync(claimed, "entry", Ct);
        await One.Submissions.MoveAsync(sending, s => s with { State = SubmissionState.Sending }, Ct);
        await One.Get<RedisSubmissionStore>().ReleaseAsync(Ct);

        // The clock stands still: no lease has run out.
        Assert.True((await Other.Submissions.WaitAsync(claimed, Ct)).IsVoid);
        var next = await Granted(Other, Ticket("f", key: "k"));
        Assert.IsType<Claim.Granted>(await Other.Entries.ClaimAsync(next, "entry", Ct));
        Assert.Equal(SubmissionState.Refused, (await One.Submissions.MoveAsync(claimed, s => s with { State = SubmissionState.Sending }, Ct)).State);
        Assert.Equal(SubmissionState.Sending, Assert.IsType<Admission.Repeated>(await Other.Submissions.AdmitAsync(Ticket("g", key: "l"), Ct)).Earlier.State);
    }

    [Fact]
    public async Task A_dead_holder_s_claim_is_free_and_it_never_sends_thereafter()
    {
        var dead = await Granted(One, Ticket("f", key: "k"));
        Time.Advance(TimeSpan.FromSeconds(7));
        Assert.IsType<Admission.Repeated>(await Other.Submissions.AdmitAsync(Ticket("f", key: "k"), Ct));
        Time.Advance(TimeSpan.FromSeconds(2));
        var waited = await Other.Submissions.WaitAsync(dead, Ct);
        Assert.Equal(SubmissionState.Claimed, waited.State);
        var heir = await Granted(Other, Ticket("f", key: "k"));
        // It was only asleep.
        Assert.NotEqual(SubmissionState.Sending, (await One.Submissions.MoveAsync(dead, s => s with { State = SubmissionState.Sending }, Ct)).State);
        Assert.Equal(SubmissionState.Sending, (await Other.Submissions.MoveAsync(heir, s => s with { State = SubmissionState.Sending }, Ct)).State);
    }

    [Fact]
    public async Task What_a_dead_holder_was_sending_is_unknown_until_it_answers_after_all()
    {
        var dead = await Granted(One, Ticket("f", key: "k"));
        await One.Submissions.MoveAsync(dead, s => s with { State = SubmissionState.Sending }, Ct);
        Time.Advance(TimeSpan.FromSeconds(4));
        var repeated = Assert.IsType<Admission.Repeated>(await Other.Submissions.AdmitAsync(Ticket("f", key: "k"), Ct));
        var ended = await Other.Submissions.WaitAsync(repeated.Earlier, Ct);
        Assert.Equal((SubmissionState.Unknown, 424), (ended.State, ended.Error!.Status));
        await One.Submissions.MoveAsync(dead, s => s with { State = SubmissionState.Accepted, Video = Id("late") }, Ct);
        Assert.Equal(Id("late"), (await Other.Submissions.WaitAsync(repeated.Earlier, Ct)).Video);
    }

    [Fact]
    public async Task A_holder_that_renews_is_alive_however_long_it_takes()
    {
        var slow = await Granted(One, Ticket("f"));
        await One.Submissions.MoveAsync(slow, s => s with { State = SubmissionState.Sending }, Ct);
        for (var i = 0; i < 20; i++)
        {
            Time.Advance(TimeSpan.FromSeconds(2));
            await One.UpkeepAsync(Ct);
        }

        // Neither unknown nor gone: a new wish.
        Assert.IsType<Admission.Granted>(await Other.Submissions.AdmitAsync(Ticket("f"), Ct));
    }

    [Fact]
    public async Task A_claim_outlives_neither_its_end_nor_its_holder()
    {
        var first = await Granted(One, Ticket("1"));
        Assert.IsType<Claim.Granted>(await One.Entries.ClaimAsync(first, "e", Ct));
        await EndAsync(One, first, SubmissionState.Refused);
        var second = await Granted(Other, Ticket("2"));
        Assert.IsType<Claim.Granted>(await Other.Entries.ClaimAsync(second, "e", Ct));
        Time.Advance(TimeSpan.FromSeconds(9));
        var third = await Granted(One, Ticket("3"));
        Assert.IsType<Claim.Granted>(await One.Entries.ClaimAsync(third, "e", Ct));
        Assert.NotEqual(SubmissionState.Sending, (await Other.Submissions.MoveAsync(second, s => s with { State = SubmissionState.Sending }, Ct)).State);
    }

    [Fact]
    public async Task One_asks_the_provider_at_a_time()
    {
        Assert.True(await One.Jobs.BeginPollAsync(Id("j"), Ct));
        Assert.False(await Other.Jobs.BeginPollAsync(Id("j"), Ct));
        await Other.Jobs.EndPollAsync(Id("j"), Ct);
        Assert.False(await Other.Jobs.BeginPollAsync(Id("j"), Ct));
        await One.Jobs.EndPollAsync(Id("j"), Ct);
        Assert.True(await Other.Jobs.BeginPollAsync(Id("j"), Ct));
    }

    [Fact]
    public async Task Retention_ends_a_job_and_its_place_in_the_list()
    {
        for (var i = 0; i < 6; i++) await One.Jobs.AddAsync(Job("old" + i, i), Ct);
        Time.Advance(TimeSpan.FromDays(61));
        Assert.Null(await Other.Jobs.FindAsync(Id("old1"), Ct));
        for (var i = 0; i < 3; i++) await One.Jobs.AddAsync(Job("new" + i, 1000 + i), Ct);
        Assert.Equal(["new2", "new1", "new0"], (await Other.Jobs.ListAsync(Caller, null, 10, ascending: false, Ct))!.Jobs.Select(j => j.Id.Native));
        Assert.Equal("3", await Server.CommandAsync("ZCARD", One.Redis.Keys.Jobs(Caller)));
    }

    [Fact]
    public async Task Every_key_has_a_life_and_those_of_one_script_are_in_one_slot()
    {
        var submission = await Granted(One, Ticket("f", key: "k"));
        await One.Entries.ClaimAsync(submission, "e", Ct);
        await One.Entries.StoreEntryAsync(Caller, "e", Id("j"), TimeSpan.FromHours(1), Ct);
        await One.Jobs.AddAsync(Job("j", 5), Ct);
        await One.Jobs.BeginPollAsync(Id("j"), Ct);
        var keys = (await Server.CommandAsync("KEYS", "*")).Split('\n');
        Assert.Equal(9, keys.Length);
        foreach (var key in keys) Assert.True(long.Parse(await Server.CommandAsync("PTTL", key)) > 0, key);
        keys = [.. keys.Where(k => k != One.Redis.Keys.Memory)];
        string[] ofCaller = [.. keys.Where(k => !k.Contains("{j:", StringComparison.Ordinal))];
        Assert.Equal(6, ofCaller.Length);
        Assert.Single(ofCaller.Select(Slot).Distinct());
        Assert.Single(keys.Except(ofCaller, StringComparer.Ordinal).Select(Slot).Distinct());
        Assert.NotEqual(Slot(One.Redis.Keys.Jobs(Caller)), Slot(One.Redis.Keys.Jobs("you")));
    }

    [Fact]
    public async Task What_is_written_says_nothing_of_callers_and_keys()
    {
        var submission = await Granted(One, Ticket("f", key: "k", caller: "somebody@example.org"));
        await One.Entries.ClaimAsync(submission, "e", Ct);
        Assert.DoesNotContain("example.org", await Server.CommandAsync("KEYS", "*"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Redis_killed_refuses_a_key_admits_without_one_and_is_told_when_it_is_back()
    {
        await Server.KillAsync();
        await Assert.ThrowsAsync<DependencyException>(() => One.Submissions.AdmitAsync(Ticket("f", key: "k"), Ct).AsTask());
        var submission = await Granted(One, Ticket("f"));
        Assert.Equal(SubmissionState.Sending, (await One.Submissions.MoveAsync(submission, s => s with { State = SubmissionState.Sending }, Ct)).State);
        await One.Jobs.AddAsync(Job("paid", 5), Ct);
        await One.Submissions.MoveAsync(submission, s => s with { State = SubmissionState.Accepted, Video = Id("paid") }, Ct);
        Assert.Equal("paid", (await One.Jobs.FindAsync(Id("paid"), Ct))!.Id.Native);
        Assert.Equal(Id("paid"), Assert.IsType<Admission.Repeated>(await One.Submissions.AdmitAsync(Ticket("f", retry: true), Ct)).Earlier.Video);
        await Assert.ThrowsAsync<DependencyException>(() => One.Jobs.FindAsync(Id("other"), Ct).AsTask());
        await Assert.ThrowsAsync<DependencyException>(() => One.Jobs.ListAsync(Caller, null, 10, ascending: false, Ct).AsTask());

        await Server.RestartAsync();
        await BackAsync(One, Other);
        await SettleAsync();
        Assert.Equal("paid", (await Other.Jobs.FindAsync(Id("paid"), Ct))!.Id.Native);
        Assert.Single((await Other.Jobs.ListAsync(Caller, null, 10, ascending: false, Ct))!.Jobs);
        Assert.Equal(Id("paid"), Assert.IsType<Admission.Repeated>(await Other.Submissions.AdmitAsync(Ticket("f", retry: true), Ct)).Earlier.Video);
    }

    [Fact]
    public async Task What_was_admitted_before_Redis_went_is_still_recognised_here()
    {
        var submission = await Granted(One, Ticket("f"));
        await One.Submissions.MoveAsync(submission, s => s with { State = SubmissionState.Sending }, Ct);
        await Server.KillAsync();
        await One.Submissions.MoveAsync(submission, s => s with { State = SubmissionState.Accepted, Video = Id("j") }, Ct);
        var repeated = Assert.IsType<Admission.Repeated>(await One.Submissions.AdmitAsync(Ticket("f", retry: true), Ct));
        Assert.Equal(Id("j"), (await One.Submissions.WaitAsync(repeated.Earlier, Ct)).Video);
    }

    [Fact]
    public async Task What_was_read_by_its_id_meanwhile_takes_nothing_from_what_its_submit_said()
    {
        await using var relay = RedisRelay.To(Server);
        await using var away = await Replica.StartAsync(relay.ConnectionString, Time);
        relay.Target = 1;
        await relay.CutAsync();
        await Assert.ThrowsAsync<DependencyException>(() => away.Jobs.FindAsync(Id("paid"), Ct).AsTask());
        await away.Jobs.AddAsync(Job("paid", 5), Ct);
        // Read by its id and not paid for: not kept for Redis.
        await Assert.ThrowsAsync<DependencyException>(() => away.Jobs.AddAsync(Job("read", 6) with { Adopted = true }, Ct).AsTask());
        var seen = Job("paid", 5) with { Adopted = true, PolledAt = Time.GetUtcNow() };
        await Other.Jobs.AddAsync(seen with { Video = seen.Video with { Prompt = null, Status = VideoStatus.Completed, Progress = 100 } }, Ct);

        relay.Target = Server.Port;
        await BackAsync(away);
        await away.UpkeepAsync(Ct);
        var told = await Other.Jobs.FindAsync(Id("paid"), Ct);
        Assert.Equal(("A boat", VideoStatus.Completed, 100, false), (told!.Video.Prompt, told.Video.Status, told.Video.Progress, told.Adopted));
        Assert.Equal([Id("paid")], (await Other.Jobs.ListAsync(Caller, null, 10, ascending: false, Ct))!.Jobs.Select(j => j.Id));
    }

    [Fact]
    public async Task An_answer_that_died_with_its_process_was_never_heard()
    {
        var unheard = await Granted(One, Ticket("f"));
        await SentAsync(One, unheard);
        var heard = await Granted(One, Ticket("g"));
        await SentAsync(One, heard);
        await One.Submissions.MoveAsync(heard, s => s with { Answered = true }, Ct);
        // Its answer may be on its way still.
        Assert.IsType<Admission.Granted>(await Other.Submissions.AdmitAsync(Ticket("g"), Ct));
        Time.Advance(TimeSpan.FromSeconds(4));
        Assert.Equal(unheard.Id, Assert.IsType<Admission.Repeated>(await Other.Submissions.AdmitAsync(Ticket("f"), Ct)).Earlier.Id);
        Assert.IsType<Admission.Granted>(await Other.Submissions.AdmitAsync(Ticket("f", noCache: true), Ct));
        var another = await Granted(One, Ticket("h"));
        await SentAsync(One, another);
        await One.Submissions.MoveAsync(another, s => s with { Answered = true }, Ct);
        Time.Advance(TimeSpan.FromSeconds(4));
        Assert.IsType<Admission.Granted>(await Other.Submissions.AdmitAsync(Ticket("h"), Ct));
    }

    [Fact]
    public async Task What_was_accepted_while_Redis_was_away_is_not_forgotten_for_a_caller_who_left()
    {
        var submission = await Granted(One, Ticket("f", key: "k"));
        await One.Submissions.MoveAsync(submission, s => s with { State = SubmissionState.Sending }, Ct);
        await Server.KillAsync();
        await One.Submissions.MoveAsync(submission, s => s with { State = SubmissionState.Accepted, Video = Id("paid") }, Ct);
        await One.Submissions.MoveAsync(submission, s => s with { CallerGone = true }, Ct);
        await Server.RestartAsync();
        await BackAsync(One, Other);
        await SettleAsync();
        var earlier = Assert.IsType<Admission.Repeated>(await Other.Submissions.AdmitAsync(Ticket("f", key: "k"), Ct)).Earlier;
        Assert.Equal((SubmissionState.Accepted, Id("paid"), true), (earlier.State, earlier.Video, earlier.CallerGone));
    }

    [Fact]
    public async Task What_was_admitted_while_Redis_was_away_is_held_once_it_is_back()
    {
        await Server.KillAsync();
        var slow = await Granted(One, Ticket("f"));
        await One.Submissions.MoveAsync(slow, s => s with { State = SubmissionState.Sending }, Ct);
        await Server.RestartAsync();
        await BackAsync(One, Other);
        await SettleAsync();
        for (var i = 0; i < 10; i++)
        {
            await One.UpkeepAsync(Ct);
            Time.Advance(TimeSpan.FromSeconds(2));
        }

        Assert.Equal(
            SubmissionState.Sending, Assert.IsType<Admission.Repeated>(await Other.Submissions.AdmitAsync(Ticket("f", retry: true), Ct)).Earlier.State);
        // Neither unknown nor dead: a new wish.
        Assert.IsType<Admission.Granted>(await Other.Submissions.AdmitAsync(Ticket("f"), Ct));
        await One.Submissions.MoveAsync(slow, s => s with { State = SubmissionState.Accepted, Video = Id("paid") }, Ct);
        Assert.Equal(Id("paid"), (await Other.Submissions.WaitAsync(slow, Ct)).Video);
    }

    [Fact]
    public async Task An_admission_that_was_given_up_and_is_carried_out_later_is_the_same_submission()
    {
        await using var relay = RedisRelay.To(Server);
        await using var slow = await Replica.StartAsync(relay.ConnectionString, Time);
        var moment = relay.HoldBefore(c => c.Runs(RedisScripts.Admit));
        var admitting = slow.Submissions.AdmitAsync(Ticket("f"), Ct);
        await moment.Reached;
        Time.Advance(TimeSpan.FromSeconds(2));
        var submission = Assert.IsType<Admission.Granted>(await admitting).Submission;
        await SentAsync(slow, submission);
        moment.Release();
        await slow.UpkeepAsync(Ct);
        Assert.Equal(Id("f"), Assert.IsType<Admission.Repeated>(await Other.Submissions.AdmitAsync(Ticket("f", retry: true), Ct)).Earlier.Video);
    }

    [Fact]
    public async Task Redis_back_empty_learns_again_what_is_under_way_and_no_key_is_sent_twice()
    {
        var sending = await Granted(One, Ticket("f", key: "k"));
        await One.Submissions.MoveAsync(sending, s => s with { State = SubmissionState.Sending }, Ct);
        var claimed = await Granted(One, Ticket("g", key: "l"));
        await Server.RestartAsync();
        await BackAsync(One, Other);
        // A replica that doesn't know them asks before Redis has been told of them again.
        await Assert.ThrowsAsync<DependencyException>(() => Other.Submissions.AdmitAsync(Ticket("f", key: "k"), Ct).AsTask());
        await Assert.ThrowsAsync<DependencyException>(() => Other.Submissions.AdmitAsync(Ticket("h", retry: true), Ct).AsTask());
        await Granted(Other, Ticket("h"));
        await SettleAsync();
        Assert.Equal(sending.Id, Assert.IsType<Admission.Repeated>(await Other.Submissions.AdmitAsync(Ticket("f", key: "k"), Ct)).Earlier.Id);
        Assert.Equal(claimed.Id, Assert.IsType<Admission.Repeated>(await Other.Submissions.AdmitAsync(Ticket("g", key: "l"), Ct)).Earlier.Id);
        Assert.Equal(SubmissionState.Sending, (await One.Submissions.MoveAsync(claimed, s => s with { State = SubmissionState.Sending }, Ct)).State);
    }

    [Fact]
    public async Task Redis_back_empty_is_told_again_of_keys_that_were_answered()
    {
        var done = await Granted(One, Ticket("f", key: "k"));
        await One.Submissions.MoveAsync(done, s => s with { State = SubmissionState.Accepted, Video = Id("j") }, Ct);
        await Server.RestartAsync();
        await BackAsync(One, Other);
        await SettleAsync();
        Assert.Equal(Id("j"), Assert.IsType<Admission.Repeated>(await Other.Submissions.AdmitAsync(Ticket("f", key: "k"), Ct)).Earlier.Video);
    }

    [Fact]
    public async Task With_a_key_nothing_is_sent_while_Redis_can_t_say_whose_it_is()
    {
        var keyed = await Granted(One, Ticket("f", key: "k"));
        var keyless = await Granted(One, Ticket("g"));
        await Server.KillAsync();
        await Assert.ThrowsAsync<DependencyException>(() => One.Submissions.MoveAsync(keyed, s => s with { State = SubmissionState.Sending }, Ct).AsTask());
        Assert.Equal(SubmissionState.Sending, (await One.Submissions.MoveAsync(keyless, s => s with { State = SubmissionState.Sending }, Ct)).State);
        Assert.Equal(SubmissionState.Refused, (await One.Submissions.MoveAsync(keyed, s => s with { State = SubmissionState.Refused }, Ct)).State);
    }

    [Fact]
    public async Task A_Redis_that_takes_what_it_is_told_again_is_up_though_nobody_submits()
    {
        await Server.CommandAsync("REPLICAOF", "127.0.0.1", "1");
        await One.UpkeepAsync(Ct);
        await Assert.ThrowsAsync<DependencyException>(() => One.Submissions.AdmitAsync(Ticket("f", key: "k"), Ct).AsTask());
        Assert.False(One.Redis.State!.IsUp);
        Time.Advance(TimeSpan.FromMinutes(1));
        await One.UpkeepAsync(Ct);
        Assert.False(One.Redis.State!.IsUp);

        await Server.CommandAsync("REPLICAOF", "NO", "ONE");
        await One.UpkeepAsync(Ct);
        Assert.Equal((true, Time.GetUtcNow()), (One.Redis.State!.IsUp, One.Redis.State!.Since));
        Assert.Single(One.Log, l => l.Contains("Redis accepts", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_full_Redis_is_as_one_that_is_away_for_writing_and_is_read()
    {
        await One.Jobs.AddAsync(Job("j", 5), Ct);
        await Server.CommandAsync("CONFIG", "SET", "maxmemory-policy", "noeviction");
        await Server.CommandAsync("CONFIG", "SET", "maxmemory", "1");
        for (var i = 0; i < 5; i++)
        {
            await Assert.ThrowsAsync<DependencyException>(() => One.Submissions.AdmitAsync(Ticket("f", key: "k"), Ct).AsTask());
            // Needs no memory.
            await One.Entries.RemoveEntryAsync(Caller, "e", Id("j"), Ct);
        }

        Assert.False(One.Redis.State!.IsUp);
        await Granted(One, Ticket("f"));
        Assert.NotNull(await One.Jobs.FindAsync(Id("j"), Ct));
        Assert.Single(One.Log, l => l.Contains("Redis refuses", StringComparison.Ordinal));
        await Server.CommandAsync("CONFIG", "SET", "maxmemory", "0");
        await Granted(One, Ticket("f", key: "k"));
        Assert.Single(One.Log, l => l.Contains("Redis accepts", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_repeat_whose_record_can_t_be_read_is_a_repeat_all_the_same()
    {
        var submission = await Granted(One, Ticket("f"));
        await One.Submissions.MoveAsync(submission, s => s with { State = SubmissionState.Sending }, Ct);
        await Server.CommandAsync("HSET", One.Redis.Keys.Submission(Caller, submission.Id), "d", "{");
        var repeated = Assert.IsType<Admission.Repeated>(await Other.Submissions.AdmitAsync(Ticket("f", retry: true), Ct)).Earlier;
        Assert.Equal((submission.Id, SubmissionState.Sending), (repeated.Id, repeated.State));
    }

    [Fact]
    public async Task Who_saw_it_being_sent_knows_that_though_Redis_and_its_holder_are_gone()
    {
        var sent = await Granted(One, Ticket("f", key: "k"));
        await One.Submissions.MoveAsync(sent, s => s with { State = SubmissionState.Sending }, Ct);
        var seen = Assert.IsType<Admission.Repeated>(await Other.Submissions.AdmitAsync(Ticket("f", key: "k"), Ct)).Earlier;
        await Server.CommandAsync("FLUSHALL");
        var waiting = Other.Submissions.WaitAsync(seen, Ct).AsTask();
        await PassAsync(waiting);
        Assert.Equal((SubmissionState.Unknown, 424), ((await waiting).State, (await waiting).Error!.Status));
    }

    [Fact]
    public async Task An_admission_that_is_carried_out_too_late_writes_nothing()
    {
        RedisKey[] keys = [One.Redis.Keys.Latest(Caller, "f"), One.Redis.Keys.Latest(Caller, "f"), One.Redis.Keys.Submission(Caller, "late")];
        var late = One.Redis.ServerTimeIn(TimeSpan.FromSeconds(-1))!.Value;
        RedisValue[] values = [One.Redis.Keys.Submissions(Caller), "late", 0, "f", "0", "0", "0", "{}", 8000, 3000, 600_000, 86_400_000, 900_000, late];
        Assert.Equal(3, (int)((RedisResult[])(await One.Redis.EvalAsync(RedisScripts.Admit, keys, values, Ct))!)[0]);
        Assert.Equal("0", await Server.CommandAsync("EXISTS", keys[0]!, keys[2]!));
    }

    [Fact]
    public async Task A_claim_whose_lease_may_have_run_out_is_not_sent_without_Redis()
    {
        var submission = await Granted(One, Ticket("f"));
        Time.Advance(TimeSpan.FromSeconds(2));
        await One.UpkeepAsync(Ct);
        Time.Advance(TimeSpan.FromSeconds(4));
        await Server.KillAsync();
        await Assert.ThrowsAsync<DependencyException>(
            () => One.Submissions.MoveAsync(submission, s => s with { State = SubmissionState.Sending }, Ct).AsTask());
    }

    [Fact]
    public async Task What_Redis_was_not_told_yet_it_is_told_before_it_decides()
    {
        await Server.KillAsync();
        var here = await Granted(One, Ticket("f"));
        await One.Submissions.MoveAsync(here, s => s with { State = SubmissionState.Sending }, Ct);
        await One.Jobs.AddAsync(Job("j", 5), Ct);
        await One.Submissions.MoveAsync(here, s => s with { State = SubmissionState.Accepted, Video = Id("j") }, Ct);
        await Server.RestartAsync();
        await BackAsync(One, Other);
        // No beat between.
        Time.Advance(RedisSubmissions.Silence + TimeSpan.FromSeconds(1));
        await Assert.ThrowsAsync<DependencyException>(() => One.Submissions.AdmitAsync(Ticket("f", retry: true), Ct).AsTask());
        Time.Advance(RedisSubmissions.Silence + TimeSpan.FromSeconds(1));
        Assert.Equal(Id("j"), Assert.IsType<Admission.Repeated>(await One.Submissions.AdmitAsync(Ticket("f", retry: true), Ct)).Earlier.Video);
    }

    [Fact]
    public async Task Who_only_read_a_video_does_not_overwrite_what_its_submit_said_of_it()
    {
        await One.Jobs.AddAsync(Job("j", 5), Ct);
        await Server.KillAsync();
        await Assert.ThrowsAsync<DependencyException>(() => One.Jobs.AddAsync(Job("j", 7) with { Adopted = true }, Ct).AsTask());
        await Assert.ThrowsAsync<DependencyException>(() => One.Jobs.UpdateAsync(Id("j"), j => j with { Deleted = true }, Ct).AsTask());
        Assert.Equal(0, One.Get<RedisBacklog>().Count);
    }

    [Fact]
    public async Task The_end_of_a_submit_is_told_also_while_Redis_is_away()
    {
        var submission = await Granted(One, Ticket("f", key: "k"));
        await EndAsync(One, submission, SubmissionState.Unknown);
        var seen = Assert.IsType<Admission.Repeated>(await Other.Submissions.AdmitAsync(Ticket("f", key: "k"), Ct)).Earlier;
        await Server.KillAsync();
        Assert.Equal(SubmissionState.Unknown, (await One.Submissions.WaitAsync(submission, Ct)).State);
        Assert.Equal(SubmissionState.Unknown, (await Other.Submissions.WaitAsync(seen, Ct)).State);
    }

    [Fact]
    public async Task Who_waits_for_another_replica_is_told_when_Redis_stays_away()
    {
        var submission = await Granted(One, Ticket("f", key: "k"));
        await Server.KillAsync();
        var waiting = Other.Submissions.WaitAsync(submission, Ct).AsTask();
        await PassAsync(waiting);
        await Assert.ThrowsAsync<DependencyException>(() => waiting);
    }

    private static VideoId Id(string native) => new(native, "runway");

    private static SubmitTicket Ticket(string fingerprint, string? key = null, bool retry = false, bool noCache = false, string caller = Caller) =>
        new(caller, VideoOperation.Create, fingerprint, key, retry, noCache);

    private static async Task<Submission> Granted(Replica replica, SubmitTicket ticket) =>
        Assert.IsType<Admission.Granted>(await replica.Submissions.AdmitAsync(ticket, Ct)).Submission;

    private static async Task SentAsync(Replica replica, Submission submission)
    {
        await replica.Submissions.MoveAsync(submission, s => s with { State = SubmissionState.Sending }, Ct);
        await replica.Submissions.MoveAsync(submission, s => s with { State = SubmissionState.Accepted, Video = Id(submission.Ticket.Fingerprint) }, Ct);
    }

    private static async Task EndAsync(Replica replica, Submission submission, SubmissionState state) =>
        await replica.Submissions.MoveAsync(submission, s => s with { State = state, Error = ApiError.Internal }, Ct);

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
        new()
        {
            Id = Id(native), Caller = Caller, Video = new() { Id = Id(native).ToString(), CreatedAt = createdAt, Prompt = "A boat" },
            SeenAt = Time.GetUtcNow()
        };

    // Lets the clock run until something has ended.
    private async Task PassAsync(Task task)
    {
        for (var i = 0; i < 2000 && !task.IsCompleted; i++)
        {
            Time.Advance(TimeSpan.FromMilliseconds(50));
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, Ct);
        }
    }

    // A beat of each, and the time that those who lost what they knew are given.
    private async Task SettleAsync()
    {
        foreach (var replica in new[] { One, Other }) await replica.UpkeepAsync(Ct);
        Time.Advance(RedisSubmissions.Silence + TimeSpan.FromMilliseconds(1));
        foreach (var replica in new[] { One, Other }) await replica.UpkeepAsync(Ct);
    }

    // The clients reconnect by themselves; the breaker's second has to pass on the test's clock.
    private async Task BackAsync(params Replica[] replicas)
    {
        foreach (var replica in replicas)
        {
            for (var i = 0; ; i++)
            {
                Time.Advance(TimeSpan.FromMilliseconds(50));
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
public sealed class Redis8StoreTests() : RedisStoreTests(RedisVersion.Eight);

/// <summary>On Redis 7.</summary>
public sealed class Redis7StoreTests() : RedisStoreTests(RedisVersion.Seven);
