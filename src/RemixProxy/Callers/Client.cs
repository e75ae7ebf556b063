namespace RemixProxy.Callers;

/// <summary>A configured client. It owns the videos of its keys' calls, and outlives the keys.</summary>
/// <param name="Options">Its configuration.</param>
internal sealed record Client(ClientOptions Options)
{
    public string Name => Options.Name!;

    public bool IsAdmin => Options.Admin;

    /// <summary>Whether the client may use a provider.</summary>
    public bool MayUse(string provider) => Options.Providers.Count == 0 || Options.Providers.Contains(provider, StringComparer.Ordinal);

    /// <summary>Whether the client may use a model of a provider, under its full name <c>provider/model</c> or its bare name.</summary>
    public bool MayUse(string provider, string model) =>
        MayUse(provider)
        && (Options.Models.Count == 0 || Options.Models.Contains($"{provider}/{model}", StringComparer.Ordinal)
            || Options.Models.Contains(model, StringComparer.Ordinal));

    /// <summary>Whether the client may use an alias, whatever models it stands for.</summary>
    public bool MayUseAlias(string alias) => Options.Models.Count == 0 || Options.Models.Contains(alias, StringComparer.Ordinal);
}
