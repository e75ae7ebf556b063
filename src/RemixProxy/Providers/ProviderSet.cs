using Microsoft.Extensions.Configuration;
using RemixProxy.Adapters;

namespace RemixProxy.Providers;

/// <summary>A provider and one of its models: the result of resolving a model name.</summary>
internal readonly record struct ModelTarget(Provider Provider, string Model);

/// <summary>The enabled providers and the aliases of one configuration.</summary>
internal sealed class ProviderSet
{
    private static readonly string[] DefaultAliases = ["sora-2", "sora-2-pro"];

    private readonly Dictionary<string, Provider> _providers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, IReadOnlyList<ModelTarget>> _aliases = new(StringComparer.Ordinal);

    private ProviderSet(RemixProxyOptions options) => Options = options;

    public RemixProxyOptions Options { get; }

    /// <summary>The enabled providers, in a stable order.</summary>
    public IReadOnlyCollection<Provider> Providers => _providers.Values;

    public IReadOnlyDictionary<string, IReadOnlyList<ModelTarget>> Aliases => _aliases;

    public Provider? Find(string name) => _providers.GetValueOrDefault(name);

    /// <summary>
    /// Resolves the model name of a create: <c>provider/model</c>, an alias, or a name that an enabled provider declares. Empty where the name is unknown.
    /// </summary>
    public IReadOnlyList<ModelTarget> Resolve(string model)
    {
        if (Explicit(model) is { } target) return [target];
        if (_aliases.TryGetValue(model, out var targets)) return targets;
        return [.. _providers.Values.Where(p => Declares(p, model)).Take(1).Select(p => new ModelTarget(p, model))];
    }

    /// <summary>The target of <c>provider/model</c>; null where the text before the first slash names no enabled provider.</summary>
    public ModelTarget? Explicit(string model)
    {
        var slash = model.IndexOf('/');
        return slash > 0 && slash < model.Length - 1 && Find(model[..slash]) is { } provider ? new(provider, model[(slash + 1)..]) : null;
    }

    public static bool Declares(Provider provider, string model) =>
        provider.Profile.FindModel(model) is not null || provider.CreateModel == model || provider.RemixModel == model;

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
        string[] able = [.. _providers.Values.Where(can).Select(p => p.Name)];
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
        set.AddAliases(errors);
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
        var enabled = options.Enabled ?? (configured ? account.HasCredential : profile.BaseUrl is not null && account.IsComplete);
        if (!enabled) return;
        var (baseUrl, wrong) = (account.BaseUrl(), account.Errors().ToArray());
        if (baseUrl is null && profile.BaseUrl is null) errors.Add($"{path}:BaseUrl is missing: {profile.Type} has no public address.");
        else if (baseUrl is null && wrong.Length == 0) errors.Add($"{path}:Region and :Project make no address of {profile.BaseUrl}.");
        errors.AddRange(wrong);
        if (options.NothingCreatedOn.Count > 0 && !profile.IsOpenAiCompatible)
            errors.Add($"{path}:NothingCreatedOn is a setting of OpenAI-compatible servers, and {profile.Type} is none.");
        if (options.BodyFormat is not null && !profile.IsOpenAiCompatible)
            errors.Add($"{path}:BodyFormat is a setting of OpenAI-compatible servers, and {profile.Type} is none.");
        if (options.NothingCreatedOn.Any(s => s is 408 or 504))
            errors.Add($"{path}:NothingCreatedOn can't name 408 or 504: after a time-out nobody knows what the server does.");
        if (baseUrl is null) return;
        _providers.TryAdd(name,
            new()
            {
                Name = name, Adapter = adapter, BaseUrl = Provider.WithVersion(baseUrl, profile.Version), Credential = account.Credential,
                KeySource = account.KeySource, Options = options,
            });
    }

    private void AddAliases(List<string> errors)
    {
        foreach (var (alias, targets) in Options.Models)
        {
            _aliases[alias] = [.. targets.Select(t => Explicit(t)).OfType<ModelTarget>()];
            foreach (var target in targets.Where(t => Explicit(t) is null && !IsOfDisabledProvider(t)))
                errors.Add($"RemixProxy:Models:{alias} names {target}, which is not \"provider/model\" of a configured provider.");
        }

        var preferred = _providers.Values.OrderBy(p => p.Profile.AliasRank).FirstOrDefault();
        foreach (var alias in DefaultAliases.Where(a => preferred is not null && !_aliases.ContainsKey(a)))
            _aliases[alias] = [new(preferred!, preferred!.Profile.FindModel(alias) is null ? preferred.CreateModel : alias)];
        if (_providers.Count > 0 && Resolve(Options.DefaultModel).Count == 0)
            errors.Add($"RemixProxy:DefaultModel names {Options.DefaultModel}, which no enabled provider has.");
    }

    private bool IsOfDisabledProvider(string target) =>
        target.IndexOf('/') is > 0 and var slash && Options.Providers.TryGetValue(target[..slash], out var provider) && provider.Enabled == false;

    /// <summary>Whether a text is valid as the configured name of a provider.</summary>
    public static bool IsName(string name) => name.Length is >= 1 and <= 32 && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-');
}
