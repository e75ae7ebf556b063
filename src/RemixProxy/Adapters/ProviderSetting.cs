namespace RemixProxy.Adapters;

/// <summary>Something that an account needs beside its key: a secret, the region or the project.</summary>
/// <param name="Variables">Conventional environment variables; the first that is set wins where configuration says nothing.</param>
public sealed record ProviderSetting(params IReadOnlyList<string> Variables)
{
    /// <summary>Whether an account can't be used without it.</summary>
    /// <value>true</value>
    public bool Required { get; init; } = true;

    /// <summary>What it is where nobody says; null: nothing.</summary>
    public string? Default { get; init; }
}
