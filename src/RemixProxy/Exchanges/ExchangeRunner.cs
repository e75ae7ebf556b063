using RemixProxy.Adapters;
using RemixProxy.Contract;
using RemixProxy.Providers;

namespace RemixProxy.Exchanges;

/// <summary>Runs an adapter's plan to its outcome. It cleans the provider's messages in the outcome for callers.</summary>
internal sealed class ExchangeRunner(ExchangeSender sender, AnswerBudget budget, UnknownWords words, FormServers forms, TimeProvider time)
{
    /// <summary>Runs an operation that costs nothing.</summary>
    /// <param name="call">The call that needs it.</param>
    /// <param name="provider">The provider to ask.</param>
    /// <param name="step">The first step.</param>
    /// <param name="deadline">Cancels the running exchange. A caller who hangs up does not.</param>
    public Task<Outcome> AskAsync(CallContext call, Provider provider, ProviderStep step, CancellationToken deadline) =>
        RunAsync(call, provider, step, null, null, null, deadline);

    /// <summary>Runs an operation that costs nothing, up to the answer that has a certain clip.</summary>
    /// <returns><see cref="Outcome.Opened"/>; another outcome where no answer has the clip, which is then as without it.</returns>
    /// <param name="call">The call that needs it.</param>
    /// <param name="provider">The provider to ask.</param>
    /// <param name="step">The first step.</param>
    /// <param name="wanted">The clip; null: none.</param>
    /// <param name="deadline">Cancels the running exchange. A caller who hangs up does not.</param>
    public Task<Outcome> OpenAsync(CallContext call, Provider provider, ProviderStep step, ClipMark? wanted, CancellationToken deadline) =>
        RunAsync(call, provider, step, null, null, wanted, deadline);

    /// <summary>Runs a submit.</summary>
    /// <param name="call">The call that needs it.</param>
    /// <param name="provider">The provider to ask.</param>
    /// <param name="step">The first step.</param>
    /// <param name="gate">Decides just before the exchange that costs money whether the proxy may send it.</param>
    /// <param name="data">The bytes for the marks in the plan's bodies.</param>
    /// <param name="deadline">Cancels the running exchange. A caller who hangs up does not.</param>
    public Task<Outcome> SubmitAsync(
        CallContext call, Provider provider, ProviderStep step, ISubmitGate gate, MarkedData data, CancellationToken deadline) =>
        RunAsync(call, provider, step, gate, data, null, deadline);

    /// <returns>The request to send once more; null where the result stands. After these statuses nothing was created.</returns>
    private static NativeRequest? InsteadOf(Exchange exchange, ExchangeResult result) =>
        result is ExchangeResult.Answered { Response: { Status: 400 or 415 or 422 } response } ? exchange.Instead?.Invoke(response) : null;

    private async Task<Outcome> RunAsync(
        CallContext call, Provider provider, ProviderStep step, ISubmitGate? gate, MarkedData? data, ClipMark? wanted, CancellationToken deadline)
    {
        ExchangeResult? last = null;
        var clips = new AnswerClips(wanted, provider.Options.Timeout, time);
        using var answers = budget.Rent(isSubmit: gate is not null);
        var outcome = await StepRunner.RunAsync(step, async planned =>
        {
            // The answer before this step has been read.
            answers.Keep(0);
            var exchange = planned with { Request = Whole(planned.Request) };
            var isSubmit = exchange.Forward && gate is not null;
            // The gate comes before the measurement: an exchange that is not sent is no fault of the provider.
            if (isSubmit && await gate!.PassAsync() is { } error) return new ExchangeResult.Withheld(error);
            var result = last = await sender.SendAsync(call, provider, exchange, isSubmit, answers, clips, deadline);
            if (InsteadOf(exchange, result) is { } other)
            {
                if (isSubmit && await gate!.PassAsync() is { } late) return new ExchangeResult.Withheld(late);
                result = last = await sender.SendAsync(call, provider, exchange with { Request = Whole(other) }, isSubmit, answers, clips, deadline);
                // Where the server refuses both alike, it was not the format.
                if (InsteadOf(exchange, result) is null) forms.Learn(provider);
            }

            if (result is ExchangeResult.Answered { Response: { IsSuccess: true } response })
                call.Upstream.Raw?.Add(
                    exchange.Request.Body is JsonBody json ? json.Utf8 : null, response.Body, text => ProviderText.WithoutSecrets(text, provider));
            return result;
        });
        if (outcome is Outcome.Told { Snapshot.UnknownWord: { } word }) words.Note(provider, word);
        return outcome switch
        {
            Outcome.Told { Snapshot: var snapshot } => new Outcome.Told(ProviderText.Clean(snapshot, provider)),
            Outcome.Withheld or Outcome.Listed or Outcome.Opened => outcome,
            Outcome.Refused refused => refused with { Error = ProviderText.Clean(refused.Error, provider), Said = Said() },
            _ => outcome with { Said = Said() },
        };

        NativeRequest Whole(NativeRequest request) => data is null ? request : request with { Body = data.Into(request.Body) };

        string? Said() => ExchangeCause.Of(last, provider);
    }
}
