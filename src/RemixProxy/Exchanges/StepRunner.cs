using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using RemixProxy.Adapters;

namespace RemixProxy.Exchanges;

/// <summary>Runs an operation's steps one by one. It does no I/O itself: its caller sends the exchanges, or a test answers them.</summary>
internal static class StepRunner
{
    /// <summary>Whether an adapter throws because an answer can't be read.</summary>
    public static bool IsOfAnswer(Exception e) =>
        e is JsonException or FormatException or InvalidOperationException or KeyNotFoundException or OverflowException or ArgumentException
            or IndexOutOfRangeException or RegexMatchTimeoutException;

    /// <summary>Runs an operation to its end.</summary>
    /// <param name="step">The first step.</param>
    /// <param name="send">Sends one exchange and returns its result.</param>
    public static async Task<Outcome> RunAsync(ProviderStep step, Func<Exchange, ValueTask<ExchangeResult>> send)
    {
        var forwarded = false;
        while (step is Exchange exchange)
        {
            var before = forwarded;
            forwarded |= exchange.Forward;
            switch (await send(exchange))
            {
                case ExchangeResult.Answered { Response: var response } answered:
                    ProviderStep? next;
                    try
                    {
                        next = response.IsSuccess ? exchange.Next(response) : exchange.Refused?.Invoke(response);
                    }
                    catch (Exception e) when (IsOfAnswer(e))
                    {
                        return new Outcome.Unreadable(forwarded);
                    }

                    if (next is null)
                    {
                        // A refused look-up behind the operation's own exchange doesn't undo that exchange.
                        return before && !exchange.Forward ? new Outcome.Unreadable(Forwarded: true)
                            : answered.Refusal ?? throw new InvalidOperationException("A refusal was not read.");
                    }

                    step = next;
                    break;
                case ExchangeResult.NoAnswer { Cause: var cause, Sent: var sent }:
                    return new Outcome.Unanswered(before || (exchange.Forward && sent), cause);
                case ExchangeResult.OpenedClip { Clip: var clip }:
                    return new Outcome.Opened(clip);
                case ExchangeResult.Withheld { Reason: var reason }:
                    return new Outcome.Withheld(reason);
                case var other:
                    throw new InvalidOperationException($"Unexpected result {other.GetType()}.");
            }
        }

        return step switch
        {
            Answer { Snapshot: var snapshot } => new Outcome.Told(snapshot),
            Catalog { Models: var models } => new Outcome.Listed(models),
            Refusal { Error: var error } => new Outcome.Refused(StatusCodes.Status200OK, error, forwarded),
            _ => throw new InvalidOperationException($"Unknown step {step.GetType()}."),
        };
    }
}
