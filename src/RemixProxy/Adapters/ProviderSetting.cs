namespace RemixProxy.Adapters;

/// <summary>A setting that an account has beside its key: a secret, the region or the project.</summary>
/// <param name="Variables">The conventional environment variables. The first one that is set counts, unless configuration has a value.</param>
public sealed record ProviderSetting(params IReadOnlyList<string> Variables)
{
    /// <summary>Whether an account needs a value for this setting.</summary>
    /// <value>true</value>
    public bool Required { get; init; } = true;

    /// <summary>Whether an account with a key needs no value. A key always replaces secrets.</summary>
    /// <value>false</value>
    public bool ReplacedByKey { get; init; }

    /// <summary>The value where neither configuration nor a variable sets one; null: no value.</summary>
    public string? Default { get; init; }
}
