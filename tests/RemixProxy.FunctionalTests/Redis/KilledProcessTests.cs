namespace RemixProxy.FunctionalTests.Redis;

/// <summary>
/// A process dies in the middle of a submit, or sleeps through it. A caller who asks another replica again never pays twice, and learns what is known.
/// </summary>
public sealed class KilledProcessTests(KilledProcesses processes) : IClassFixture<KilledProcesses>
{
    [Fact]
    public Task After_the_claim_the_first_repeat_is_the_one_submit() => processes.AfterTheClaim;

    [Fact]
    public Task After_the_claim_a_retry_without_a_key_is_the_one_submit_too() => processes.AfterTheClaimWithoutKey;

    [Fact]
    public Task After_sending_was_written_nobody_sends_though_nothing_was_sent() => processes.AfterSendingWasWritten;

    [Fact]
    public Task During_the_send_every_kind_of_repeat_learns_that_the_outcome_is_unknown() => processes.DuringTheSend;

    [Fact]
    public Task After_the_provider_s_answer_that_nobody_wrote_down_the_outcome_is_unknown() => processes.AfterTheAnswer;

    [Fact]
    public Task After_the_answer_of_a_provider_that_can_be_asked_every_repeat_gets_the_one_video() => processes.AfterTheAnswerOfAProviderThatFinds;

    [Fact]
    public Task After_the_video_was_stored_it_is_in_the_list_and_is_not_made_again() => processes.AfterTheVideoWasStored;

    [Fact]
    public Task After_the_end_was_written_every_kind_of_repeat_gets_the_video() => processes.AfterTheEndWasWritten;

    [Fact]
    public Task Asleep_while_another_takes_its_place_it_sends_nothing_and_a_late_answer_is_a_video() => processes.Asleep;

    [Fact]
    public Task Stopped_gracefully_it_holds_its_submit_to_the_end_and_when_it_is_back_it_knows_it_from_Redis() => processes.Stopped;
}
