using RemixProxy.Adapters;

namespace RemixProxy.Tests.Providers;

/// <summary>The signer of <see cref="VaultAdapter"/>'s scheme; it signs nothing.</summary>
internal sealed class VaultSigner : IRequestSigner
{
    public string Scheme => "vault";

    public ValueTask SignAsync(HttpRequestMessage request, ProviderCredential credential, CancellationToken cancellationToken) => default;
}
