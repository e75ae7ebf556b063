namespace RemixProxy.Adapters;

/// <summary>
/// Puts a credential on requests of the accounts whose profile names its scheme (<see cref="SigningScheme.BySigner"/>). It is registered as a service, once for
/// all accounts, and keeps and refreshes what tokens it needs itself. Of several for one scheme the last one registered counts.
/// </summary>
public interface IRequestSigner
{
    /// <summary>The name of the scheme, e.g. <c>sigv4</c>.</summary>
    string Scheme { get; }

    /// <summary>
    /// Signs one request, just before it is sent: address, headers and body are final. It is called for addresses of the provider's own origin only, for
    /// content too, and never after a redirect.
    /// </summary>
    /// <param name="request">The request. Headers may be added; its body may be read, which buffers it.</param>
    /// <param name="credential">The account's.</param>
    /// <param name="cancellationToken">Fires when the exchange's time is over.</param>
    /// <remarks>
    /// A throw means that nothing is sent: the caller gets <c>provider_auth_failed</c>, or an alias's next target is tried. Only the exception's type is
    /// logged, because its message may hold a secret.
    /// </remarks>
    ValueTask SignAsync(HttpRequestMessage request, ProviderCredential credential, CancellationToken cancellationToken);
}

/// <summary>As whom a provider account is used.</summary>
public sealed class ProviderCredential
{
    /// <summary>The account's configured name.</summary>
    public required string Provider { get; init; }

    /// <summary>The key; null where there is none.</summary>
    public string? ApiKey { get; init; }

    /// <summary>The secrets that the profile names (<see cref="ProviderProfile.Secrets"/>), as far as they are set; names in any letter case.</summary>
    public IReadOnlyDictionary<string, string> Secrets { get; init; } = new Dictionary<string, string>();

    /// <summary>The region, e.g. <c>us-east-1</c>; null where none is set.</summary>
    public string? Region { get; init; }

    /// <summary>The project; null where none is set.</summary>
    public string? Project { get; init; }

    /// <summary>The account's name: no secret is shown by mistake.</summary>
    public override string ToString() => Provider;
}
