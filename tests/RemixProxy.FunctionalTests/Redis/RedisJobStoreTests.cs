using RemixProxy.Cache;
using RemixProxy.Contract;
using RemixProxy.Exchanges;
using RemixProxy.FunctionalTests.Submits;
using RemixProxy.Jobs;
using RemixProxy.Jobs.Submissions;
using RemixProxy.Operations.Submit;
using RemixProxy.Providers.Kit;
using RemixProxy.Redis;
using RemixProxy.Resilience;
using RemixProxy.Sandbox.Jobs;
using RemixProxy.Telemetry;
using RemixProxy.TestKit.Redis;
using StackExchange.Redis;

namespace RemixProxy.FunctionalTests.Redis;

/// <summary>What replicas know of each other through a real Redis 8, and a real Redis 7.</summary>
public abstract class RedisJobStoreTests(RedisVersion version) : TwoStoresTests(version)
{
    private const string Caller = "me";

    [Fact]
    public async Task A_job_of_one_is_found_changed_and_listed_by_the_other()
    {
        await One.Store.AddAsync(Job("j", 5), Ct);
        var changed = await Other.Store.UpdateAsync(Id("j"), j => j with { Video = j.Video with { Status = VideoStatus.Completed, Progress = 100 }, Outputs = [new("https://x/y.mp4") { Public = true }] }, Ct);
        var seen = await One.Store.FindAsync(Id("j"), Ct);
        Assert.Equal(VideoStatus.Completed, seen!.Video.Status);
        Assert.Equal(changed! with { Outputs = [] }, seen with { Outputs = [] });
        Assert.Equal([new("https://x/y.mp4") { Public = true }], seen.Outputs);
        Assert.Equal([Id("j")], (await Other.Store.ListAsync(Caller, null, 10, ascending: false, Ct))!.Jobs.Select(j => j.Id));
        Assert.Equal([Id("j")], (await Other.Store.FindNativeAsync(Caller, "j", Ct)).Select(j => j.Id));
        Assert.Null(await Other.Store.FindAsync(Id("unknown"), Ct));
    }

    [Fact]
    public async Task A_submission_survives_every_field_it_has()
    {
        var submission = await Granted(One, Ticket("f", key: "k"));
        var error = new ApiError(429, "rate_limit_exceeded", "Later.", "p") { RetryAfter = 7, Retryable = false };
        await One.Store.MoveAsync(submission, s => s with { State = SubmissionState.Unknown, Error = error, CallerGone = true }, Ct);
        var repeated = Assert.IsType<Repeated>(await Other.Store.AdmitAsync(Ticket("f", key: "k"), Ct));
        Assert.Equal(submission with { State = SubmissionState.Unknown, Error = error, CallerGone = true }, repeated.Earlier);
    }

    [Fact]
    public async Task A_key_admits_one_of_many_at_once_and_another_request_not_at_all()
    {
        var admissions = await Task.WhenAll(Enumerable.Range(0, 40).Select(i => (i % 2 == 0 ? One : Other).Store.AdmitAsync(Ticket("f", key: "k"), Ct).AsTask()));
        Assert.Single(admissions.OfType<Granted>());
        Assert.Equal(39, admissions.OfType<Repeated>().Count());
        Assert.IsType<KeyReused>(await Other.Store.AdmitAsync(Ticket("other", key: "k"), Ct));
        Assert.IsType<Granted>(await Other.Store.AdmitAsync(Ticket("other", key: "k", caller: "you"), Ct));
    }

    [Fact]
    public async Task At_the_end_a_process_gives_up_what_it_has_claimed_and_not_begun()
    {
        var claimed = await Granted(One, Ticket("f", key: "k"));
        var sending = await Granted(One, Ticket("g", key: "l"));
        await One.Store.ClaimAsync(claimed, "entry", Ct);
        await One.Store.MoveAsync(sending, s => s with { State = SubmissionState.Sending }, Ct);
        await One.Store.ReleaseAsync(Ct);

        // The clock stands still: no lease has run out.
        Assert.True((await Other.Store.WaitAsync(claimed, Ct)).IsVoid);
        var next = await Granted(Other, Ticket("f", key: "k"));
        Assert.IsType<Claimed>(await Other.Store.ClaimAsync(next, "entry", Ct));
        Assert.Equal(SubmissionState.Refused, (await One.Store.MoveAsync(claimed, s => s with { State = SubmissionState.Sending }, Ct)).State);
        Assert.Equal(SubmissionState.Sending, Assert.IsType<Repeated>(await Other.Store.AdmitAsync(Ticket("g", key: "l"), Ct)).Earlier.State);
    }

    [Fact]
    public async Task A_refusal_releases_its_key_and_unknown_keeps_it()
    {
        var refused = await Granted(One, Ticket("f", key: "k"));
        await EndAsync(One, refused, SubmissionState.Refused);
        var unknown = await Granted(Other, Ticket("f", key: "k"));
        await EndAsync(Other, unknown, SubmissionState.Unknown);
        Assert.Equal(unknown.Id, Assert.IsType<Repeated>(await One.Store.AdmitAsync(Ticket("f", key: "k"), Ct)).Earlier.Id);
        Time.Advance(TimeSpan.FromHours(25));
        Assert.IsType<Granted>(await One.Store.AdmitAsync(Ticket("f", key: "k"), Ct));
    }

    [Fact]
    public async Task Without_a_key_only_a_repeat_is_one()
    {
        var first = await Granted(One, Ticket("f"));
        Assert.IsType<Granted>(await Other.Store.AdmitAsync(Ticket("f"), Ct));
        var latest = await Granted(Other, Ticket("f"));
        Assert.Equal(latest.Id, Assert.IsType<Repeated>(await One.Store.AdmitAsync(Ticket("f", retry: true), Ct)).Earlier.Id);
        await Other.Store.MoveAsync(latest, s => s with { CallerGone = true }, Ct);
        Assert.IsType<Repeated>(await One.Store.AdmitAsync(Ticket("f"), Ct));
        Assert.IsType<Granted>(await One.Store.AdmitAsync(Ticket("f", noCache: true), Ct));
        Assert.NotEqual(first.Id, latest.Id);
        Time.Advance(TimeSpan.FromMinutes(11));
        Assert.IsType<Granted>(await One.Store.AdmitAsync(Ticket("f", retry: true), Ct));
    }

    [Fact]
    public async Task A_dead_holder_s_claim_is_free_and_it_never_sends_thereafter()
    {
        var dead = await Granted(One, Ticket("f", key: "k"));
        Time.Advance(TimeSpan.FromSeconds(7));
        Assert.IsType<Repeated>(await Other.Store.AdmitAsync(Ticket("f", key: "k"), Ct));
        Time.Advance(TimeSpan.FromSeconds(2));
        var waited = await Other.Store.WaitAsync(dead, Ct);
        Assert.Equal(SubmissionState.Claimed, waited.State);
        var heir = await Granted(Other, Ticket("f", key: "k"));
        // It was only asleep.
        Assert.NotEqual(SubmissionState.Sending, (await One.Store.MoveAsync(dead, s => s with { State = SubmissionState.Sending }, Ct)).State);
        Assert.Equal(SubmissionState.Sending, (await Other.Store.MoveAsync(heir, s => s with { State = SubmissionState.Sending }, Ct)).State);
    }

    [Fact]
    public async Task What_a_dead_holder_was_sending_is_unknown_until_it_answers_after_all()
    {
        var dead = await Granted(One, Ticket("f", key: "k"));
        await One.Store.MoveAsync(dead, s => s with { State = SubmissionState.Sending }, Ct);
        Time.Advance(TimeSpan.FromSeconds(4));
        var repeated = Assert.IsType<Repeated>(await Other.Store.AdmitAsync(Ticket("f", key: "k"), Ct));
        var ended = await Other.Store.WaitAsync(repeated.Earlier, Ct);
        Assert.Equal((SubmissionState.Unknown, 424), (ended.State, ended.Error!.Status));
        await One.Store.MoveAsync(dead, s => s with { State = SubmissionState.Accepted, Video = Id("late") }, Ct);
        Assert.Equal(Id("late"), (await Other.Store.WaitAsync(repeated.Earlier, Ct)).Video);
    }

    [Fact]
    public async Task A_holder_that_renews_is_alive_however_long_it_takes()
    {
        var slow = await Granted(One, Ticket("f"));
        await One.Store.MoveAsync(slow, s => s with { State = SubmissionState.Sending }, Ct);
        for (var i = 0; i < 20; i++)
        {
            Time.Advance(TimeSpan.FromSeconds(2));
            await One.UpkeepAsync(Ct);
        }

        // Neither unknown nor gone: a new wish.
        Assert.IsType<Granted>(await Other.Store.AdmitAsync(Ticket("f"), Ct));
    }

    [Fact]
    public async Task An_entry_is_made_by_one_of_many_at_once_and_answers_from_then_on()
    {
        var submissions = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => Granted(i % 2 == 0 ? One : Other, Ticket("f" + i))));
        var claims = await Task.WhenAll(submissions.Select((s, i) => (i % 2 == 0 ? One : Other).Store.ClaimAsync(s, "e", Ct).AsTask()));
        Assert.Single(claims.OfType<Claimed>());
        Assert.Equal(19, claims.OfType<UnderWay>().Count());
        await Other.Store.StoreEntryAsync(Caller, "e", Id("j"), TimeSpan.FromHours(1), Ct);
        Assert.Equal(Id("j"), Assert.IsType<Stored>(await One.Store.ClaimAsync(submissions[0], "e", Ct)).Video);
        await One.Store.RemoveEntryAsync(Caller, "e", Id("another"), Ct);
        Assert.Equal(Id("j"), await One.Store.FindEntryAsync(Caller, "e", Ct));
        await One.Store.RemoveEntryAsync(Caller, "e", Id("j"), Ct);
        Assert.Null(await Other.Store.FindEntryAsync(Caller, "e", Ct));
    }

    [Fact]
    public async Task A_claim_outlives_neither_its_end_nor_its_holder()
    {
        var first = await Granted(One, Ticket("1"));
        Assert.IsType<Claimed>(await One.Store.ClaimAsync(first, "e", Ct));
        await EndAsync(One, first, SubmissionState.Refused);
        var second = await Granted(Other, Ticket("2"));
        Assert.IsType<Claimed>(await Other.Store.ClaimAsync(second, "e", Ct));
        Time.Advance(TimeSpan.FromSeconds(9));
        var third = await Granted(One, Ticket("3"));
        Assert.IsType<Claimed>(await One.Store.ClaimAsync(third, "e", Ct));
        Assert.NotEqual(SubmissionState.Sending, (await Other.Store.MoveAsync(second, s => s with { State = SubmissionState.Sending }, Ct)).State);
    }

    [Fact]
    public async Task One_asks_the_provider_at_a_time()
    {
        Assert.True(await One.Store.BeginPollAsync(Id("j"), Ct));
        Assert.False(await Other.Store.BeginPollAsync(Id("j"), Ct));
        await Other.Store.EndPollAsync(Id("j"), Ct);
        Assert.False(await Other.Store.BeginPollAsync(Id("j"), Ct));
        await One.Store.EndPollAsync(Id("j"), Ct);
        Assert.True(await Other.Store.BeginPollAsync(Id("j"), Ct));
    }

    [Fact]
    public async Task Changes_at_once_are_all_made()
    {
        await One.Store.AddAsync(Job("j", 5), Ct);
        await Task.WhenAll(Enumerable.Range(0, 20).Select(i => (i % 2 == 0 ? One : Other).Store.UpdateAsync(Id("j"), j => j with { Video = j.Video with { Progress = j.Video.Progress + 1 } }, Ct).AsTask()));
        Assert.Equal(20, (await One.Store.FindAsync(Id("j"), Ct))!.Video.Progress);
    }

    [Fact]
    public async Task A_page_ends_where_the_next_begins_while_jobs_come_and_go()
    {
        for (var i = 0; i < 9; i++) await One.Store.AddAsync(Job("j" + i, 100 + (i / 3)), Ct);
        var first = await Other.Store.ListAsync(Caller, null, 4, ascending: false, Ct);
        Assert.True(first!.HasMore);
        await One.Store.AddAsync(Job("new", 200), Ct);
        await One.Store.UpdateAsync(first.Jobs[^1].Id, j => j with { Deleted = true }, Ct);
        await One.Store.UpdateAsync(Id("j1"), j => j with { Deleted = true }, Ct);
        var second = await Other.Store.ListAsync(Caller, first.Jobs[^1].Id, 100, ascending: false, Ct);
        Assert.Equal(["j4", "j3", "j2", "j0"], second!.Jobs.Select(j => j.Id.Native));
        Assert.False(second.HasMore);
        Assert.Null(await Other.Store.ListAsync("you", first.Jobs[^1].Id, 100, ascending: false, Ct));
        Assert.Equal(["j0", "j2", "j3", "j4"], (await Other.Store.ListAsync(Caller, null, 4, ascending: true, Ct))!.Jobs.Select(j => j.Id.Native));
    }

    [Fact]
    public async Task Retention_ends_a_job_and_its_place_in_the_list()
    {
        for (var i = 0; i < 6; i++) await One.Store.AddAsync(Job("old" + i, i), Ct);
        Time.Advance(TimeSpan.FromDays(61));
        Assert.Null(await Other.Store.FindAsync(Id("old1"), Ct));
        for (var i = 0; i < 3; i++) await One.Store.AddAsync(Job("new" + i, 1000 + i), Ct);
        Assert.Equal(["new2", "new1", "new0"], (await Other.Store.ListAsync(Caller, null, 10, ascending: false, Ct))!.Jobs.Select(j => j.Id.Native));
        Assert.Equal("3", await Server.CommandAsync("ZCARD", One.Redis.Keys.Jobs(Caller)));
    }

    [Fact]
    public async Task Every_key_has_a_life_and_those_of_one_script_are_in_one_slot()
    {
        var submission = await Granted(One, Ticket("f", key: "k"));
        await One.Store.ClaimAsync(submission, "e", Ct);
        await One.Store.StoreEntryAsync(Caller, "e", Id("j"), TimeSpan.FromHours(1), Ct);
        await One.Store.AddAsync(Job("j", 5), Ct);
        await One.Store.BeginPollAsync(Id("j"), Ct);
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
        await One.Store.ClaimAsync(submission, "e", Ct);
        Assert.DoesNotContain("example.org", await Server.CommandAsync("KEYS", "*"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Redis_killed_refuses_a_key_admits_without_one_and_is_told_when_it_is_back()
    {
        await Server.KillAsync();
        await Assert.ThrowsAsync<DependencyException>(() => One.Store.AdmitAsync(Ticket("f", key: "k"), Ct).AsTask());
        var submission = await Granted(One, Ticket("f"));
        Assert.Equal(SubmissionState.Sending, (await One.Store.MoveAsync(submission, s => s with { State = SubmissionState.Sending }, Ct)).State);
        await One.Store.AddAsync(Job("paid", 5), Ct);
        await One.Store.MoveAsync(submission, s => s with { State = SubmissionState.Accepted, Video = Id("paid") }, Ct);
        Assert.Equal("paid", (await One.Store.FindAsync(Id("paid"), Ct))!.Id.Native);
        Assert.Equal(Id("paid"), Assert.IsType<Repeated>(await One.Store.AdmitAsync(Ticket("f", retry: true), Ct)).Earlier.Video);
        await Assert.ThrowsAsync<DependencyException>(() => One.Store.FindAsync(Id("other"), Ct).AsTask());
        await Assert.ThrowsAsync<DependencyException>(() => One.Store.ListAsync(Caller, null, 10, ascending: false, Ct).AsTask());

        await Server.RestartAsync();
        await BackAsync(One, Other);
        await SettleAsync();
        Assert.Equal("paid", (await Other.Store.FindAsync(Id("paid"), Ct))!.Id.Native);
        Assert.Single((await Other.Store.ListAsync(Caller, null, 10, ascending: false, Ct))!.Jobs);
        Assert.Equal(Id("paid"), Assert.IsType<Repeated>(await Other.Store.AdmitAsync(Ticket("f", retry: true), Ct)).Earlier.Video);
    }

    [Fact]
    public async Task What_was_admitted_before_Redis_went_is_still_recognised_here()
    {
        var submission = await Granted(One, Ticket("f"));
        await One.Store.MoveAsync(submission, s => s with { State = SubmissionState.Sending }, Ct);
        await Server.KillAsync();
        await One.Store.MoveAsync(submission, s => s with { State = SubmissionState.Accepted, Video = Id("j") }, Ct);
        var repeated = Assert.IsType<Repeated>(await One.Store.AdmitAsync(Ticket("f", retry: true), Ct));
        Assert.Equal(Id("j"), (await One.Store.WaitAsync(repeated.Earlier, Ct)).Video);
    }

    [Fact]
    public async Task What_was_read_by_its_id_meanwhile_takes_nothing_from_what_its_submit_said()
    {
        await using var relay = RedisRelay.To(Server);
        await using var away = await Replica.StartAsync(relay.ConnectionString, Time);
        relay.Target = 1;
        await relay.CutAsync();
        await Assert.ThrowsAsync<DependencyException>(() => away.Store.FindAsync(Id("paid"), Ct).AsTask());
        await away.Store.AddAsync(Job("paid", 5), Ct);
        // Read by its id and not paid for: not kept for Redis.
        await Assert.ThrowsAsync<DependencyException>(() => away.Store.AddAsync(Job("read", 6) with { Adopted = true }, Ct).AsTask());
        var seen = Job("paid", 5) with { Adopted = true, PolledAt = Time.GetUtcNow() };
        await Other.Store.AddAsync(seen with { Video = seen.Video with { Prompt = null, Status = VideoStatus.Completed, Progress = 100 } }, Ct);

        relay.Target = Server.Port;
        await BackAsync(away);
        await away.UpkeepAsync(Ct);
        var told = await Other.Store.FindAsync(Id("paid"), Ct);
        Assert.Equal(("A boat", VideoStatus.Completed, 100, false), (told!.Video.Prompt, told.Video.Status, told.Video.Progress, told.Adopted));
        Assert.Equal([Id("paid")], (await Other.Store.ListAsync(Caller, null, 10, ascending: false, Ct))!.Jobs.Select(j => j.Id));
    }

    [Fact]
    public async Task An_answer_that_died_with_its_process_was_never_heard()
    {
        var unheard = await Granted(One, Ticket("f"));
        await SentAsync(One, unheard);
        var heard = await Granted(One, Ticket("g"));
        await SentAsync(One, heard);
        await One.Store.MoveAsync(heard, s => s with { Answered = true }, Ct);
        // Its answer may be on its way still.
        Assert.IsType<Granted>(await Other.Store.AdmitAsync(Ticket("g"), Ct));
        Time.Advance(TimeSpan.FromSeconds(4));
        Assert.Equal(unheard.Id, Assert.IsType<Repeated>(await Other.Store.AdmitAsync(Ticket("f"), Ct)).Earlier.Id);
        Assert.IsType<Granted>(await Other.Store.AdmitAsync(Ticket("f", noCache: true), Ct));
        var another = await Granted(One, Ticket("h"));
        await SentAsync(One, another);
        await One.Store.MoveAsync(another, s => s with { Answered = true }, Ct);
        Time.Advance(TimeSpan.FromSeconds(4));
        Assert.IsType<Granted>(await Other.Store.AdmitAsync(Ticket("h"), Ct));
    }

    [Fact]
    public async Task What_was_accepted_while_Redis_was_away_is_not_forgotten_for_a_caller_who_left()
    {
        var submission = await Granted(One, Ticket("f", key: "k"));
        await One.Store.MoveAsync(submission, s => s with { State = SubmissionState.Sending }, Ct);
        await Server.KillAsync();
        await One.Store.MoveAsync(submission, s => s with { State = SubmissionState.Accepted, Video = Id("paid") }, Ct);
        await One.Store.MoveAsync(submission, s => s with { CallerGone = true }, Ct);
        await Server.RestartAsync();
        await BackAsync(One, Other);
        await SettleAsync();
        var earlier = Assert.IsType<Repeated>(await Other.Store.AdmitAsync(Ticket("f", key: "k"), Ct)).Earlier;
        Assert.Equal((SubmissionState.Accepted, Id("paid"), true), (earlier.State, earlier.Video, earlier.CallerGone));
    }

    [Fact]
    public async Task What_was_admitted_while_Redis_was_away_is_held_once_it_is_back()
    {
        await Server.KillAsync();
        var slow = await Granted(One, Ticket("f"));
        await One.Store.MoveAsync(slow, s => s with { State = SubmissionState.Sending }, Ct);
        await Server.RestartAsync();
        await BackAsync(One, Other);
        await SettleAsync();
        for (var i = 0; i < 10; i++)
        {
            await One.UpkeepAsync(Ct);
            Time.Advance(TimeSpan.FromSeconds(2));
        }

        Assert.Equal(SubmissionState.Sending, Assert.IsType<Repeated>(await Other.Store.AdmitAsync(Ticket("f", retry: true), Ct)).Earlier.State);
        // Neither unknown nor dead: a new wish.
        Assert.IsType<Granted>(await Other.Store.AdmitAsync(Ticket("f"), Ct));
        await One.Store.MoveAsync(slow, s => s with { State = SubmissionState.Accepted, Video = Id("paid") }, Ct);
        Assert.Equal(Id("paid"), (await Other.Store.WaitAsync(slow, Ct)).Video);
    }

    [Fact]
    public async Task An_admission_that_was_given_up_and_is_carried_out_later_is_the_same_submission()
    {
        await using var relay = RedisRelay.To(Server);
        await using var slow = await Replica.StartAsync(relay.ConnectionString, Time);
        var moment = relay.HoldBefore(c => c.Runs(RedisScripts.Admit));
        var admitting = slow.Store.AdmitAsync(Ticket("f"), Ct);
        await moment.Reached;
        Time.Advance(TimeSpan.FromSeconds(2));
        var submission = Assert.IsType<Granted>(await admitting).Submission;
        await SentAsync(slow, submission);
        moment.Release();
        await slow.UpkeepAsync(Ct);
        Assert.Equal(Id("f"), Assert.IsType<Repeated>(await Other.Store.AdmitAsync(Ticket("f", retry: true), Ct)).Earlier.Video);
    }

    [Fact]
    public async Task Redis_back_empty_learns_again_what_is_under_way_and_no_key_is_sent_twice()
    {
        var sending = await Granted(One, Ticket("f", key: "k"));
        await One.Store.MoveAsync(sending, s => s with { State = SubmissionState.Sending }, Ct);
        var claimed = await Granted(One, Ticket("g", key: "l"));
        await Server.RestartAsync();
        await BackAsync(One, Other);
        // Who knows nothing of them asks before they have been told again.
        await Assert.ThrowsAsync<DependencyException>(() => Other.Store.AdmitAsync(Ticket("f", key: "k"), Ct).AsTask());
        await Assert.ThrowsAsync<DependencyException>(() => Other.Store.AdmitAsync(Ticket("h", retry: true), Ct).AsTask());
        await Granted(Other, Ticket("h"));
        await SettleAsync();
        Assert.Equal(sending.Id, Assert.IsType<Repeated>(await Other.Store.AdmitAsync(Ticket("f", key: "k"), Ct)).Earlier.Id);
        Assert.Equal(claimed.Id, Assert.IsType<Repeated>(await Other.Store.AdmitAsync(Ticket("g", key: "l"), Ct)).Earlier.Id);
        Assert.Equal(SubmissionState.Sending, (await One.Store.MoveAsync(claimed, s => s with { State = SubmissionState.Sending }, Ct)).State);
    }

    [Fact]
    public async Task Redis_back_empty_is_told_again_of_keys_that_were_answered()
    {
        var done = await Granted(One, Ticket("f", key: "k"));
        await One.Store.MoveAsync(done, s => s with { State = SubmissionState.Accepted, Video = Id("j") }, Ct);
        await Server.RestartAsync();
        await BackAsync(One, Other);
        await SettleAsync();
        Assert.Equal(Id("j"), Assert.IsType<Repeated>(await Other.Store.AdmitAsync(Ticket("f", key: "k"), Ct)).Earlier.Video);
    }

    [Fact]
    public async Task With_a_key_nothing_is_sent_while_Redis_can_t_say_whose_it_is()
    {
        var keyed = await Granted(One, Ticket("f", key: "k"));
        var keyless = await Granted(One, Ticket("g"));
        await Server.KillAsync();
        await Assert.ThrowsAsync<DependencyException>(() => One.Store.MoveAsync(keyed, s => s with { State = SubmissionState.Sending }, Ct).AsTask());
        Assert.Equal(SubmissionState.Sending, (await One.Store.MoveAsync(keyless, s => s with { State = SubmissionState.Sending }, Ct)).State);
        Assert.Equal(SubmissionState.Refused, (await One.Store.MoveAsync(keyed, s => s with { State = SubmissionState.Refused }, Ct)).State);
    }

    [Fact]
    public async Task A_Redis_that_takes_what_it_is_told_again_is_up_though_nobody_submits()
    {
        await Server.CommandAsync("REPLICAOF", "127.0.0.1", "1");
        await One.UpkeepAsync(Ct);
        await Assert.ThrowsAsync<DependencyException>(() => One.Store.AdmitAsync(Ticket("f", key: "k"), Ct).AsTask());
        Assert.False(One.Redis.State.IsUp);
        Time.Advance(TimeSpan.FromMinutes(1));
        await One.UpkeepAsync(Ct);
        Assert.False(One.Redis.State.IsUp);

        await Server.CommandAsync("REPLICAOF", "NO", "ONE");
        await One.UpkeepAsync(Ct);
        Assert.Equal((true, Time.GetUtcNow()), (One.Redis.State.IsUp, One.Redis.State.Since));
        Assert.Single(One.Log, l => l.Contains("Redis accepts", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_full_Redis_is_as_one_that_is_away_for_writing_and_is_read()
    {
        await One.Store.AddAsync(Job("j", 5), Ct);
        await Server.CommandAsync("CONFIG", "SET", "maxmemory-policy", "noeviction");
        await Server.CommandAsync("CONFIG", "SET", "maxmemory", "1");
        for (var i = 0; i < 5; i++)
        {
            await Assert.ThrowsAsync<DependencyException>(() => One.Store.AdmitAsync(Ticket("f", key: "k"), Ct).AsTask());
            // Needs no memory.
            await One.Store.RemoveEntryAsync(Caller, "e", Id("j"), Ct);
        }

        Assert.False(One.Redis.State.IsUp);
        await Granted(One, Ticket("f"));
        Assert.NotNull(await One.Store.FindAsync(Id("j"), Ct));
        Assert.Single(One.Log, l => l.Contains("Redis refuses", StringComparison.Ordinal));
        await Server.CommandAsync("CONFIG", "SET", "maxmemory", "0");
        await Granted(One, Ticket("f", key: "k"));
        Assert.Single(One.Log, l => l.Contains("Redis accepts", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_repeat_whose_record_can_t_be_read_is_a_repeat_all_the_same()
    {
        var submission = await Granted(One, Ticket("f"));
        await One.Store.MoveAsync(submission, s => s with { State = SubmissionState.Sending }, Ct);
        await Server.CommandAsync("HSET", One.Redis.Keys.Submission(Caller, submission.Id), "d", "{");
        var repeated = Assert.IsType<Repeated>(await Other.Store.AdmitAsync(Ticket("f", retry: true), Ct)).Earlier;
        Assert.Equal((submission.Id, SubmissionState.Sending), (repeated.Id, repeated.State));
    }

    [Fact]
    public async Task Who_saw_it_being_sent_knows_that_though_Redis_and_its_holder_are_gone()
    {
        var sent = await Granted(One, Ticket("f", key: "k"));
        await One.Store.MoveAsync(sent, s => s with { State = SubmissionState.Sending }, Ct);
        var seen = Assert.IsType<Repeated>(await Other.Store.AdmitAsync(Ticket("f", key: "k"), Ct)).Earlier;
        await Server.CommandAsync("FLUSHALL");
        var waiting = Other.Store.WaitAsync(seen, Ct).AsTask();
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
        await Assert.ThrowsAsync<DependencyException>(() => One.Store.MoveAsync(submission, s => s with { State = SubmissionState.Sending }, Ct).AsTask());
    }

    [Fact]
    public async Task What_Redis_was_not_told_yet_it_is_told_before_it_decides()
    {
        await Server.KillAsync();
        var here = await Granted(One, Ticket("f"));
        await One.Store.MoveAsync(here, s => s with { State = SubmissionState.Sending }, Ct);
        await One.Store.AddAsync(Job("j", 5), Ct);
        await One.Store.MoveAsync(here, s => s with { State = SubmissionState.Accepted, Video = Id("j") }, Ct);
        await Server.RestartAsync();
        await BackAsync(One, Other);
        // No beat between.
        Time.Advance(RedisSubmissions.Silence + TimeSpan.FromSeconds(1));
        await Assert.ThrowsAsync<DependencyException>(() => One.Store.AdmitAsync(Ticket("f", retry: true), Ct).AsTask());
        Time.Advance(RedisSubmissions.Silence + TimeSpan.FromSeconds(1));
        Assert.Equal(Id("j"), Assert.IsType<Repeated>(await One.Store.AdmitAsync(Ticket("f", retry: true), Ct)).Earlier.Video);
    }

    [Fact]
    public async Task Who_only_read_a_video_does_not_overwrite_what_its_submit_said_of_it()
    {
        await One.Store.AddAsync(Job("j", 5), Ct);
        await Server.KillAsync();
        await Assert.ThrowsAsync<DependencyException>(() => One.Store.AddAsync(Job("j", 7) with { Adopted = true }, Ct).AsTask());
        await Assert.ThrowsAsync<DependencyException>(() => One.Store.UpdateAsync(Id("j"), j => j with { Deleted = true }, Ct).AsTask());
        Assert.Equal(0, One.Store.Pending);
    }

    [Fact]
    public async Task The_end_of_a_submit_is_told_also_while_Redis_is_away()
    {
        var submission = await Granted(One, Ticket("f", key: "k"));
        await EndAsync(One, submission, SubmissionState.Unknown);
        var seen = Assert.IsType<Repeated>(await Other.Store.AdmitAsync(Ticket("f", key: "k"), Ct)).Earlier;
        await Server.KillAsync();
        Assert.Equal(SubmissionState.Unknown, (await One.Store.WaitAsync(submission, Ct)).State);
        Assert.Equal(SubmissionState.Unknown, (await Other.Store.WaitAsync(seen, Ct)).State);
    }

    [Fact]
    public async Task Who_waits_for_another_replica_is_told_when_Redis_stays_away()
    {
        var submission = await Granted(One, Ticket("f", key: "k"));
        await Server.KillAsync();
        var waiting = Other.Store.WaitAsync(submission, Ct).AsTask();
        await PassAsync(waiting);
        await Assert.ThrowsAsync<DependencyException>(() => waiting);
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
        new() { Id = Id(native), Caller = Caller, Video = new() { Id = Id(native).ToString(), CreatedAt = createdAt, Prompt = "A boat" }, SeenAt = Time.GetUtcNow() };

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
public sealed class Redis8JobStoreTests() : RedisJobStoreTests(RedisVersion.Eight);

/// <summary>On Redis 7.</summary>
public sealed class Redis7JobStoreTests() : RedisJobStoreTests(RedisVersion.Seven);
