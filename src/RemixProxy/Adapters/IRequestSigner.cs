namespace RemixProxy.Adapters;

/// <summary>Adds a credential to the requests of every account whose profile names this scheme (<see cref="SigningScheme.BySigner"/>).</summary>
/// <remarks>
/// Register the signer as a service; one instance serves all accounts. It obtains, keeps and refreshes its tokens itself. Where several signers name the same
/// scheme, the proxy uses the one registered last.
/// </remarks>
public interface IRequestSigner
{
    /// <summary>The name of the scheme, e.g. <c>sigv4</c>.</summary>
    string Scheme { get; }

    /// <summary>What is wrong with an account's credential, as far as this machine alone can tell, without any secret; null where nothing is.</summary>
    /// <value>Null.</value>
    string? Check(ProviderCredential credential) => null;

    /// <summary>
    /// Signs one request just before the proxy sends it: address, headers and body are final. The proxy signs only requests to the provider's own origin
    /// and to its storage, including those for content, and never a redirected request.
    /// </summary>
    /// <param name="request">The request. The signer may add headers, and may read the body, which buffers it.</param>
    /// <param name="credential">The account's credential.</param>
    /// <param name="cancellationToken">Fires when the exchange runs out of time.</param>
    /// <remarks>
    /// If the signer throws, the proxy sends nothing. The caller gets <c>provider_auth_failed</c>, or the proxy tries the alias's next target. The proxy logs
    /// only the type of the exception, because the message may hold a secret.
    /// </remarks>
    ValueTask SignAsync(HttpRequestMessage request, ProviderCredential credential, CancellationToken cancellationToken);
}

/// <summary>The key, the secrets and the settings with which the proxy uses a provider account.</summary>
public sealed class ProviderCredential
{
    /// <summary>The account's configured name.</summary>
    public required string Provider { get; init; }

    /// <summary>The key; null where the account has none.</summary>
    public string? ApiKey { get; init; }

    /// <summary>
    /// The secrets that the profile names (<see cref="ProviderProfile.Secrets"/>) and the account sets. Letter case of the names does not matter.
    /// </summary>
    public IReadOnlyDictionary<string, string> Secrets { get; init; } = new Dictionary<string, string>();

    /// <summary>The region, e.g. <c>us-east-1</c>; null where none is set.</summary>
    public string? Region { get; init; }

    /// <summary>The project; null where none is set.</summary>
    public string? Project { get; init; }

    /// <summary>Returns only the account's name, so that no log shows a secret by mistake.</summary>
    public override string ToString() => Provider;
}
