namespace RemixProxy.Adapters;

/// <summary>How requests to a provider are signed, as data.</summary>
public abstract record SigningScheme
{
    private SigningScheme()
    {
    }

    /// <summary>The key as a bearer token: <c>Authorization: Bearer {key}</c>.</summary>
    public static SigningScheme Bearer { get; } = new InHeader("Authorization", "Bearer ");

    /// <summary>The key in a header. Where an account has none, nothing is sent.</summary>
    /// <param name="Header">The header's name.</param>
    /// <param name="Prefix">What stands before the key.</param>
    public sealed record InHeader(string Header, string Prefix = "") : SigningScheme;

    /// <summary>By an <see cref="IRequestSigner"/>: a token service, or a signature over the request.</summary>
    /// <param name="Name">Its <see cref="IRequestSigner.Scheme"/>.</param>
    public sealed record BySigner(string Name) : SigningScheme;
}
