using RemixProxy.Adapters;
using RemixProxy.Contract;
using RemixProxy.Providers;

namespace RemixProxy.Exchanges;

/// <summary>Runs what an adapter plans, to its outcome. The provider's words in it are fit for callers.</summary>
internal sealed class ExchangeRunner(ExchangeSender sender)
{
    /// <summary>Runs what costs nothing.</summary>
    /// <param name="call">For whom.</param>
    /// <param name="provider">Who is asked.</param>
    /// <param name="step">The first step.</param>
    /// <param name="deadline">Cuts whatever is under way. The caller's hanging up does not.</param>
    public Task<Outcome> AskAsync(CallContext call, Provider provider, ProviderStep step, CancellationToken deadline) =>
        RunAsync(call, provider, step, null, deadline);

    /// <summary>Runs a submit.</summary>
    /// <param name="call">For whom.</param>
    /// <param name="provider">Who is asked.</param>
    /// <param name="step">The first step.</param>
    /// <param name="gate">What the exchange that costs money passes before it is sent.</param>
    /// <param name="deadline">Cuts whatever is under way. The caller's hanging up does not.</param>
    public Task<Outcome> SubmitAsync(CallContext call, Provider provider, ProviderStep step, ISubmitGate gate, CancellationToken deadline) =>
        RunAsync(call, provider, step, gate, deadline);

    private async Task<Outcome> RunAsync(CallContext call, Provider provider, ProviderStep step, ISubmitGate? gate, CancellationToken deadline)
    {
        var outcome = await StepRunner.RunAsync(step, async exchange =>
        {
            var isSubmit = exchange.Forward && gate is not null;
            // The gate comes before the measurement: an exchange that is not sent is no fault of the provider.
            if (isSubmit && await gate!.PassAsync() is { } error) return new ExchangeResult.Withheld(error);
            var result = await sender.SendAsync(call, provider, exchange, isSubmit, deadline);
            if (result is ExchangeResult.Answered { Response: { IsSuccess: true } response })
                call.Upstream.Raw?.Add(exchange.Request.Body is JsonBody json ? json.Utf8 : null, response.Body);
            return result;
        });
        return outcome switch
        {
            Outcome.Told { Snapshot: { Error: { } error } snapshot } =>
                new Outcome.Told(snapshot with { Error = error with { Message = ProviderText.Clean(error.Message, provider) } }),
            Outcome.Refused refused => refused with { Error = ProviderText.Clean(refused.Error, provider) },
            _ => outcome,
        };
    }
}
