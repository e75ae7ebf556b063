namespace RemixProxy.Exchanges.Signing;

/// <summary>
/// The proxy could not sign a request, so it did not send it. The message names only the type of the cause, because the cause's message may hold a secret.
/// </summary>
/// <param name="provider">The account's name.</param>
/// <param name="cause">The signer's exception.</param>
internal sealed class SigningException(string provider, Exception cause)
    : HttpRequestException(HttpRequestError.UserAuthenticationError, $"The credential for {provider} can't be had: {cause.GetType().Name}.");
