using Microsoft.Extensions.Logging;
using RemixProxy.Adapters;
using RemixProxy.Providers;
using RemixProxy.Telemetry;

namespace RemixProxy.Exchanges.Signing;

/// <summary>Adds an account's credential to a request, by the scheme of its profile.</summary>
internal sealed partial class RequestSigning(IEnumerable<IRequestSigner> signers, ILogger<RequestSigning> logger)
{
    // The last signer registered under a name counts, so that an application can replace one.
    private readonly Dictionary<string, IRequestSigner> _signers = signers.GroupBy(s => s.Scheme).ToDictionary(s => s.Key, s => s.Last());

    /// <summary>Signs a request that goes to the provider's own origin.</summary>
    /// <returns>Whether the method added a credential.</returns>
    /// <exception cref="SigningException">The signer failed.</exception>
    /// <exception cref="OperationCanceledException">Time ran out, even if the signer ignores the token.</exception>
    public async ValueTask<bool> SignAsync(HttpRequestMessage request, Provider provider, CancellationToken cancellationToken)
    {
        if (provider.Profile.Signing is SigningScheme.InHeader(var header, var prefix)) return TryPut(request, header, prefix, provider.Credential.ApiKey);
        try
        {
            var signer = _signers[((SigningScheme.BySigner)provider.Profile.Signing).Name];
            await signer.SignAsync(request, provider.Credential, cancellationToken).AsTask().WaitAsync(cancellationToken);
            return true;
        }
        catch (Exception e)
        {
            // The signer's own exception stops here, also after a time-out, because its message may hold a secret.
            cancellationToken.ThrowIfCancellationRequested();
            Log.NotSigned(logger, provider.Name, e.GetType().Name);
            throw new SigningException(provider.Name, e);
        }
    }

    // A header that an application's own transform has set stays.
    private static bool TryPut(HttpRequestMessage request, string header, string prefix, string? key) =>
        key is not null && !request.Headers.Contains(header) && request.Headers.TryAddWithoutValidation(header, prefix + key);

    private static partial class Log
    {
        [LoggerMessage(EventIds.NotSigned, LogLevel.Error, "The credential for {Provider} can't be had: {Failure}. Nothing was sent.")]
        public static partial void NotSigned(ILogger logger, string provider, string failure);
    }
}
