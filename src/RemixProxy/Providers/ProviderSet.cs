using Microsoft.Extensions.Configuration;
using RemixProxy.Adapters;
using RemixProxy.Callers;

namespace RemixProxy.Providers;

/// <summary>A provider and one of its models: the result of resolving a model name.</summary>
internal readonly record struct ModelTarget(Provider Provider, string Model);

/// <summary>The enabled providers and the aliases of one configuration.</summary>
internal sealed class ProviderSet
{
    private static readonly string[] DefaultAliases = ["sora-2", "sora-2-pro"];

    // A snapshot is the model of its base name on a certain day.
    private static readonly (string Snapshot, string Base)[] Snapshots =
    [
        ("sora-2-2025-10-06", "sora-2"), ("sora-2-2025-12-08", "sora-2"), ("sora-2-pro-2025-10-06", "sora-2-pro"),
    ];

    private readonly Dictionary<string, Provider> _providers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, IReadOnlyList<ModelTarget>> _aliases = new(StringComparer.Ordinal);

    private readonly Dictionary<string, ProviderSet> _byClient = new(StringComparer.Ordinal);

    private Client? _client;

    private ProviderSet(RemixProxyOptions options) => Options = options;

    public RemixProxyOptions Options { get; }

    /// <summary>The clients; none: the proxy is open.</summary>
    public ClientSet Clients { get; private set; } = ClientSet.None;

    /// <summary>Whether an enabled provider is called with its callers' own keys.</summary>
    public bool HasCallersKeys { get; private set; }

    /// <summary>The enabled providers that the caller may use, in a stable order.</summary>
    public IReadOnlyCollection<Provider> Providers { get; private set; } = [];

    public IReadOnlyDictionary<string, IReadOnlyList<ModelTarget>> Aliases => _aliases;

    /// <summary>The enabled provider of that name, whether or not the caller may still use it: it may have older videos there.</summary>
    public Provider? Find(string name) => _providers.GetValueOrDefault(name);

    /// <summary>Whether the caller may use a provider.</summary>
    public bool Allows(Provider provider) => _client?.MayUse(provider.Name) != false;

    /// <summary>Whether the caller may use a model of a provider that it names itself, or that a provider uses for an operation.</summary>
    public bool Allows(ModelTarget target) => _client?.MayUse(target.Provider.Name, target.Model) != false;

    /// <summary>The described models that the caller may use, of all providers.</summary>
    public IEnumerable<(Provider Provider, VideoModel Model)> Models =>
        from provider in Providers
        from model in provider.Models
        where Allows(new ModelTarget(provider, model.Id))
        select (provider, model);

    /// <summary>
    /// The set as one client may use it. Providers, models and aliases that it may not use are absent, so that no error and no list names them.
    /// </summary>
    public ProviderSet For(Client client) => _byClient.GetValueOrDefault(client.Name) ?? Restricted(client);

    /// <summary>
    /// The set for one call whose caller brought its own key. The key lives in the providers of this set alone, so it signs, and is removed from what providers
    /// say, as any other key; and nothing that outlives the call has it.
    /// </summary>
    public ProviderSet With(string? key)
    {
        if (key is null || !HasCallersKeys) return this;
        var set = new ProviderSet(Options) { Clients = Clients, HasCallersKeys = true };
        foreach (var (name, provider) in _providers) set._providers.Add(name, provider.HasCallersKeys ? provider.With(key) : provider);
        foreach (var (alias, targets) in _aliases) set._aliases.Add(alias, [.. targets.Select(t => t with { Provider = set._providers[t.Provider.Name] })]);
        set.Providers = set._providers.Values;
        return set;
    }

    private ProviderSet Restricted(Client client)
    {
        var set = new ProviderSet(Options) { _client = client, Clients = Clients, HasCallersKeys = HasCallersKeys };
        foreach (var (name, provider) in _providers) set._providers.Add(name, provider);
        foreach (var (alias, targets) in _aliases.Where(a => client.MayUseAlias(a.Key)))
        {
            ModelTarget[] allowed = [.. targets.Where(t => client.MayUse(t.Provider.Name))];
            if (allowed.Length > 0 || targets.Count == 0) set._aliases.Add(alias, allowed);
        }

        set.Providers = [.. _providers.Values.Where(set.Allows)];
        return set;
    }

    /// <summary>
    /// Resolves the model name of a create: <c>provider/model</c>, an alias, or a name that an enabled provider declares. Empty where the name is unknown.
    /// </summary>
    public IReadOnlyList<ModelTarget> Resolve(string model)
    {
        if (Explicit(model) is { } target) return Allows(target) ? [target] : [];
        if (_aliases.TryGetValue(model, out var targets)) return targets;
        return [.. Providers.Select(p => new ModelTarget(p, model)).Where(t => Declares(t.Provider, model) && Allows(t)).Take(1)];
    }

    /// <summary>The target of <c>provider/model</c>; null where the text before the first slash names no enabled provider.</summary>
    public ModelTarget? Explicit(string model)
    {
        var slash = model.IndexOf('/');
        return slash > 0 && slash < model.Length - 1 && Find(model[..slash]) is { } provider && Allows(provider) ? new(provider, model[(slash + 1)..]) : null;
    }

    public static bool Declares(Provider provider, string model) =>
        provider.FindModel(model) is not null || provider.CreateModel == model || provider.RemixModel == model;

    /// <summary>
    /// Whether the provider or the operator named this model. Logs and traces may show such a name; any other name came from a caller and may hold private
    /// text.
    /// </summary>
    public bool IsKnown(Provider provider, string model) => Declares(provider, model) || _aliases.Values.Any(targets => targets.Contains(new(provider, model)));

    /// <summary>
    /// Lists the enabled providers that can do something, for the error of a provider that can't: <c>These can: a, b.</c> Null where none can.
    /// </summary>
    /// <param name="verb">The verb of the sentence, e.g. <c>can</c> or <c>have it</c>.</param>
    /// <param name="can">Whether a provider can.</param>
    public string? WhoCan(string verb, Func<Provider, bool> can)
    {
        string[] able = [.. Providers.Where(can).Select(p => p.Name)];
        return able.Length > 0 ? $"These {verb}: {string.Join(", ", able)}." : null;
    }

    /// <summary>Builds the set, and adds each fault of the configuration to <paramref name="errors"/>.</summary>
    public static ProviderSet Build(RemixProxyOptions options, IEnumerable<IVideoAdapter> adapters, IConfiguration configuration, List<string> errors)
    {
        var set = new ProviderSet(options);
        var types = adapters.ToDictionary(a => a.Profile.Type, StringComparer.Ordinal);
        foreach (var type in types.Keys.Where(t => !options.Providers.ContainsKey(t)))
            set.Add(type, new ProviderOptions(), types, configuration, errors, configured: false);
        foreach (var (name, provider) in options.Providers)
            set.Add(name, provider, types, configuration, errors, configured: true);
        set.Providers = set._providers.Values;
        set.HasCallersKeys = set.Providers.Any(p => p.HasCallersKeys);
        set.AddAliases(errors);
        set.Clients = ClientSet.Build(options.Clients, errors);
        set.CheckClients(errors);
        foreach (var client in set.Clients.Clients) set._byClient.TryAdd(client.Name, set.Restricted(client));
        return set;
    }

    private void Add(
        string name, ProviderOptions options, Dictionary<string, IVideoAdapter> types, IConfiguration configuration, List<string> errors, bool configured)
    {
        var path = $"RemixProxy:Providers:{name}";
        if (!IsName(name)) errors.Add($"{path} must be named by 1 to 32 of a-z, 0-9 and '-'.");
        if (!types.TryGetValue(options.Type ?? name, out var adapter))
        {
            errors.Add($"{path}:Type must be one of {string.Join(", ", types.Keys.Order(StringComparer.Ordinal))}.");
            return;
        }

        var profile = adapter.Profile;
        var account = new AccountReader(name, options, profile, configuration);
        var isReady = configured ? account.HasCredential : profile.BaseUrl is not null && account.IsComplete;
        var enabled = options.Enabled ?? (isReady || account.HalfKey is not null);
        if (!enabled) return;
        var (baseUrl, wrong) = (account.BaseUrl(), account.Errors().ToArray());
        if (baseUrl is null && profile.BaseUrl is null) errors.Add($"{path}:BaseUrl is missing: {profile.Type} has no public address.");
        else if (baseUrl is null && wrong.Length == 0) errors.Add($"{path}:Region and :Project make no address of {profile.BaseUrl}.");
        errors.AddRange(wrong);
        var models = new ModelReader(path, errors).Read(options.Models, profile);
        if (options.NothingCreatedOn.Count > 0 && !profile.IsOpenAiCompatible)
            errors.Add($"{path}:NothingCreatedOn is a setting of OpenAI-compatible servers, and {profile.Type} is none.");
        if (options.BodyFormat is not null && !profile.IsOpenAiCompatible)
            errors.Add($"{path}:BodyFormat is a setting of OpenAI-compatible servers, and {profile.Type} is none.");
        if (options.NothingCreatedOn.Any(s => s is 408 or 504))
            errors.Add($"{path}:NothingCreatedOn can't name 408 or 504: after a time-out nobody knows what the server does.");
        if (baseUrl is null) return;
        var known = account.Account(Provider.WithVersion(baseUrl, profile.Version));
        _providers.TryAdd(name,
            new()
            {
                Name = name, Adapter = adapter.For(known), BaseUrl = known.BaseUrl, StorageUrl = known.StorageUrl,
                Credential = account.Credential, KeySource = account.KeySource, Options = options, Models = models,
            });
    }

    private void AddAliases(List<string> errors)
    {
        foreach (var (alias, targets) in Options.Models)
        {
            _aliases[alias] = [.. targets.Select(t => Explicit(t)).OfType<ModelTarget>()];
            foreach (var target in targets.Where(t => Explicit(t) is null && !IsOfDisabledProvider(t)))
                errors.Add($"RemixProxy:Models:{alias} names {target}, which is not \"provider/model\" of a configured provider.");
            if (targets.Count > 1 && _aliases[alias].FirstOrDefault(t => t.Provider.HasCallersKeys) is { Provider.Name: { } name })
                errors.Add($"RemixProxy:Models:{alias} lists {name}, which has Passthrough: a caller's key is for one provider, so it has to stand alone.");
        }

        // An alias that nobody configured serves callers without keys of their own, if anybody can.
        var preferred = _providers.Values.OrderBy(p => p.HasCallersKeys).ThenBy(p => p.Profile.AliasRank).FirstOrDefault();
        foreach (var alias in DefaultAliases.Where(a => preferred is not null && !_aliases.ContainsKey(a)))
            _aliases[alias] = [new(preferred!, preferred!.FindModel(alias) is null ? preferred.CreateModel : alias)];
        foreach (var (snapshot, @base) in Snapshots.Where(n => !_aliases.ContainsKey(n.Snapshot) && _aliases.ContainsKey(n.Base)))
            _aliases[snapshot] = _aliases[@base];
        if (_providers.Count > 0 && Resolve(Options.DefaultModel).Count == 0)
            errors.Add($"RemixProxy:DefaultModel names {Options.DefaultModel}, which no enabled provider has.");
    }

    private void CheckClients(List<string> errors)
    {
        if (Clients.IsOpen && Options.Cors.Origins.Contains("*"))
        {
            errors.Add(
                "RemixProxy:Cors:Origins must be a list of origins; * would let any page spend money, and is allowed only where Clients are configured.");
        }

        for (var i = 0; i < Options.Clients.Count; i++)
        {
            foreach (var name in Options.Clients[i].Providers.Where(n => Find(n) is null && !Options.Providers.ContainsKey(n)))
                errors.Add(Invariant($"RemixProxy:Clients:{i}:Providers names {name}, which is no configured provider."));
        }
    }

    private bool IsOfDisabledProvider(string target) =>
        target.IndexOf('/') is > 0 and var slash && Options.Providers.TryGetValue(target[..slash], out var provider) && provider.Enabled == false;

    /// <summary>Whether a text is valid as the configured name of a provider.</summary>
    public static bool IsName(string name) => name.Length is >= 1 and <= 32 && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-');
}
