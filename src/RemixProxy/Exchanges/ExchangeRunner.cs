using RemixProxy.Adapters;
using RemixProxy.Contract;
using RemixProxy.Providers;

namespace RemixProxy.Exchanges;

/// <summary>Runs an adapter's plan to its outcome. It cleans the provider's messages in the outcome for callers.</summary>
internal sealed class ExchangeRunner(ExchangeSender sender)
{
    /// <summary>Runs an operation that costs nothing.</summary>
    /// <param name="call">The call that needs it.</param>
    /// <param name="provider">The provider to ask.</param>
    /// <param name="step">The first step.</param>
    /// <param name="deadline">Cancels the running exchange. A caller who hangs up does not.</param>
    public Task<Outcome> AskAsync(CallContext call, Provider provider, ProviderStep step, CancellationToken deadline) =>
        RunAsync(call, provider, step, null, deadline);

    /// <summary>Runs a submit.</summary>
    /// <param name="call">The call that needs it.</param>
    /// <param name="provider">The provider to ask.</param>
    /// <param name="step">The first step.</param>
    /// <param name="gate">Decides just before the exchange that costs money whether the proxy may send it.</param>
    /// <param name="deadline">Cancels the running exchange. A caller who hangs up does not.</param>
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
                call.Upstream.Raw?.Add(
                    exchange.Request.Body is JsonBody json ? json.Utf8 : null, response.Body, text => ProviderText.WithoutSecrets(text, provider));
            return result;
        });
        return outcome switch
        {
            Outcome.Told { Snapshot: { Error: { } error } snapshot } =>
                new Outcome.Told(snapshot with { Error = ProviderText.Clean(error, provider) }),
            Outcome.Refused refused => refused with { Error = ProviderText.Clean(refused.Error, provider) },
            _ => outcome,
        };
    }
}
