namespace RemixProxy.Adapters;

/// <summary>Describes as data how the proxy signs requests to a provider.</summary>
public abstract record SigningScheme
{
    private SigningScheme()
    {
    }

    /// <summary>Sends the key as a bearer token: <c>Authorization: Bearer {key}</c>.</summary>
    public static SigningScheme Bearer { get; } = new InHeader("Authorization", "Bearer ");

    /// <summary>Sends the key in a header. Where an account has no key, the request has no such header.</summary>
    /// <param name="Header">The header's name.</param>
    /// <param name="Prefix">A text before the key.</param>
    public sealed record InHeader(string Header, string Prefix = "") : SigningScheme;

    /// <summary>Lets an <see cref="IRequestSigner"/> sign, e.g. with a token from a token service or with a signature over the request.</summary>
    /// <param name="Name">The signer's <see cref="IRequestSigner.Scheme"/>.</param>
    public sealed record BySigner(string Name) : SigningScheme
    {
        /// <summary>Whether a key alone suffices, so that callers may bring one of their own.</summary>
        /// <value>false</value>
        public bool TakesKey { get; init; }
    }
}
