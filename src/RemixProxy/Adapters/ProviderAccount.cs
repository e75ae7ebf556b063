namespace RemixProxy.Adapters;

/// <summary>What an adapter may know of the account that it translates for (<see cref="IVideoAdapter.For"/>). No secret is among it.</summary>
/// <param name="BaseUrl">The base of all requests, with its version segment and a trailing slash.</param>
public sealed record ProviderAccount(Uri BaseUrl)
{
    /// <summary>The region; null where none is set.</summary>
    public string? Region { get; init; }

    /// <summary>The project; null where none is set.</summary>
    public string? Project { get; init; }

    /// <summary>Whether the account has a key, or its callers bring one.</summary>
    public bool HasKey { get; init; }

    /// <summary>The base of the vendor's storage, with a trailing slash; null: the provider has none.</summary>
    public Uri? StorageUrl { get; init; }

    /// <summary>The folder in that storage where the provider writes its outputs, with a trailing slash; null where none is set.</summary>
    public string? OutputUri { get; init; }
}

/// <summary>A vendor's storage, where the outputs of an account may lie. Requests to it carry the account's credential, as those to the provider do.</summary>
/// <param name="BaseUrl">The public base. The proxy replaces <c>{region}</c> and <c>{project}</c> by the account's settings.</param>
/// <param name="Scheme">How the names of its folders begin, e.g. <c>gs</c> for <c>gs://bucket/folder/</c>.</param>
public sealed record ProviderStorage(string BaseUrl, string Scheme);
