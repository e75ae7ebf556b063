namespace RemixProxy.Exchanges.Signing;

/// <summary>A request could not be signed, so it was not sent. It says no more than the type of the cause, whose message may hold a secret.</summary>
/// <param name="provider">The account.</param>
/// <param name="cause">What the signer threw.</param>
internal sealed class SigningException(string provider, Exception cause)
    : HttpRequestException(HttpRequestError.UserAuthenticationError, $"The credential for {provider} can't be had: {cause.GetType().Name}.");
