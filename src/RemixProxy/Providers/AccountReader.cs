using Microsoft.Extensions.Configuration;
using RemixProxy.Adapters;

namespace RemixProxy.Providers;

/// <summary>
/// Reads an account's key, secrets, region and project from the configuration, else from the conventional environment variables of the profile.
/// </summary>
internal sealed class AccountReader
{
    private const int LongestRegion = 64;
    private const int LongestProject = 128;
    private const int LongestOutput = 500;

    private readonly string _path;
    private readonly ProviderOptions _options;
    private readonly ProviderProfile _profile;

    public AccountReader(string name, ProviderOptions options, ProviderProfile profile, IConfiguration configuration)
    {
        (_path, _options, _profile) = ($"RemixProxy:Providers:{name}", options, profile);
        if (options.Passthrough)
        {
            // The conventional variables are those of other programs on this machine. No call may fall back on them.
            (Credential, KeySource) = (Of(null, []), "the caller's bearer");
            return;
        }

        (var key, KeySource) = Find(options.ApiKey, "ApiKey", profile.KeyVariables, configuration);
        if (key is null) (key, KeySource) = Join(configuration);
        var secrets = profile.Secrets.Select(
            s => (s.Key, Value: Find(options.Secrets.TryGetValue(s.Key, out var value) ? value : null, s.Value, configuration)));
        Credential = Of(key, secrets.Where(s => s.Value is not null).ToDictionary(s => s.Key, s => s.Value!, StringComparer.OrdinalIgnoreCase));
        if (KeySource is null && Credential.Secrets.Count > 0) KeySource = $"the secrets {string.Join(", ", Credential.Secrets.Keys)}";

        ProviderCredential Of(string? key, Dictionary<string, string> secrets) => new()
        {
            Provider = name,
            ApiKey = key,
            Secrets = secrets,
            Region = Find(options.Region, profile.Region, configuration),
            Project = Find(options.Project, profile.Project, configuration),
        };
    }

    public ProviderCredential Credential { get; }

    /// <summary>Where the key comes from, or the secrets used instead, for people; null where the account has neither.</summary>
    public string? KeySource { get; }

    /// <summary>
    /// Whether the account has a key, all required secrets, any configured secret, or callers who bring the key. A configured account that has one of these is
    /// enabled by default.
    /// </summary>
    public bool HasCredential => _options.Passthrough || Credential.ApiKey is not null || HasSecrets || _options.Secrets.Count > 0;

    /// <summary>The error where only some parts of the key are set; null where all are or none is, or where the key stands elsewhere.</summary>
    public string? HalfKey { get; private set; }

    /// <summary>Whether the account has everything that the provider needs.</summary>
    public bool IsComplete => (Credential.ApiKey is not null || HasSecrets) && !Missing().Any();

    private bool HasSecrets => Credential.Secrets.Count > 0 && _profile.Secrets.All(s => !s.Value.Required || Credential.Secrets.ContainsKey(s.Key));

    /// <summary>The errors of the account's settings; empty where there are none.</summary>
    public IEnumerable<string> Errors()
    {
        var (key, region, project) = (Credential.ApiKey, Credential.Region, Credential.Project);
        if (_options.Passthrough && (_options.ApiKey is not null || _options.Secrets.Count > 0))
            yield return $"{_path}:Passthrough sends the caller's own key: remove it, or ApiKey and Secrets.";
        if (_options.Passthrough && _profile.Signing is SigningScheme.BySigner { TakesKey: false })
            yield return $"{_path}:Passthrough needs a provider that takes one key in a header, and requests to {_profile.Type} are signed otherwise.";
        if (HalfKey is { } half)
            yield return half;
        else if (key is null && !_options.Passthrough && _profile is { BaseUrl: not null, Secrets.Count: 0 })
            yield return $"{_path}:ApiKey is missing, and so is {KeyNames()}.";
        if (key is not null && key.AsSpan().ContainsAnyExceptInRange('!', '~')) yield return $"{_path}:ApiKey must be visible ASCII without spaces.";
        foreach (var error in Missing()) yield return error;
        foreach (var name in _options.Secrets.Keys.Where(n => !_profile.Secrets.Keys.Contains(n, StringComparer.OrdinalIgnoreCase)))
            yield return $"{_path}:Secrets:{name} is no secret of {_profile.Type}" + (_profile.Secrets.Count == 0
                ? ", which has none."
                : $"; these are: {string.Join(", ", _profile.Secrets.Keys)}.");
        if (_options.Region is not null && _profile.Region is null) yield return $"{_path}:Region is not a setting of {_profile.Type}.";
        if (_options.Project is not null && _profile.Project is null) yield return $"{_path}:Project is not a setting of {_profile.Type}.";
        if (_profile.Storage is null)
        {
            if (_options.OutputUri is not null) yield return $"{_path}:OutputUri is not a setting of {_profile.Type}.";
            if (_options.StorageUrl is not null) yield return $"{_path}:StorageUrl is not a setting of {_profile.Type}.";
        }
        else if (_options.OutputUri is { } folder && !IsFolder(folder))
        {
            yield return $"{_path}:OutputUri must be a folder as {_profile.Storage.Scheme}://bucket/folder/, of letters, digits and - _ . = + @.";
        }

        // Region and project may stand in host names and paths. Nothing else checks a value that comes from an environment variable.
        if (!IsPlain(region, "-", LongestRegion)) yield return $"{_path}:Region must be letters, digits and -, at most {LongestRegion}.";
        if (!IsPlain(project, "-_.:", LongestProject)) yield return $"{_path}:Project must be letters, digits and - _ . :, at most {LongestProject}.";
    }

    /// <summary>The base address with the account's region and project filled in; null where there is none, or where the result is no valid address.</summary>
    public Uri? BaseUrl() => _options.BaseUrl ?? Filled(_profile.RegionBaseUrls.GetValueOrDefault(Credential.Region ?? "") ?? _profile.BaseUrl);

    /// <summary>The base of the vendor's storage, with a trailing slash; null where there is none.</summary>
    private Uri? StorageUrl() => (_options.StorageUrl ?? Filled(_profile.Storage?.BaseUrl)) is { } url ? Provider.WithVersion(url, "") : null;

    /// <summary>What the adapter may know of the account.</summary>
    /// <param name="baseUrl">The base of all requests.</param>
    public ProviderAccount Account(Uri baseUrl) => new(baseUrl)
    {
        Region = Credential.Region,
        Project = Credential.Project,
        HasKey = Credential.ApiKey is not null || _options.Passthrough,
        StorageUrl = StorageUrl(),
        OutputUri = _options.OutputUri is { } folder ? folder.TrimEnd('/') + "/" : null,
    };

    private Uri? Filled(string? template) =>
        Uri.TryCreate(template?.Replace("{region}", Credential.Region).Replace("{project}", Credential.Project), UriKind.Absolute, out var url) ? url : null;

    private bool IsFolder(string text) =>
        text.Length <= LongestOutput && text.StartsWith(_profile.Storage!.Scheme + "://", StringComparison.Ordinal)
        && text[(_profile.Storage.Scheme.Length + "://".Length)..].TrimEnd('/') is { Length: > 0 } path
        && path.Split('/').All(part => part is not ("" or "." or "..") && IsPlain(part, "-_.=+@", LongestOutput));

    // A key replaces all secrets, a caller's too.
    private IEnumerable<string> Missing()
    {
        var hasKey = Credential.ApiKey is not null || _options.Passthrough;
        foreach (var (name, setting) in _profile.Secrets)
            if (setting.Required && !hasKey && !Credential.Secrets.ContainsKey(name)) yield return Missing($"Secrets:{name}", setting);
        if (IsNeeded(_profile.Region) && Credential.Region is null) yield return Missing("Region", _profile.Region!);
        if (IsNeeded(_profile.Project) && Credential.Project is null) yield return Missing("Project", _profile.Project!);

        bool IsNeeded(ProviderSetting? setting) => setting is { Required: true } && !(hasKey && setting.ReplacedByKey);
    }

    private string Missing(string key, ProviderSetting setting) =>
        $"{_path}:{key} is missing{(setting.Variables.Count > 0 ? $", and so is {string.Join(" or ", setting.Variables)}" : "")}.";

    private string KeyNames() => string.Join(" or ", _profile.KeyParts.Count == 0 ? _profile.KeyVariables : [.. _profile.KeyVariables, AllParts()]);

    private string AllParts() => string.Join(" with ", _profile.KeyParts);

    private (string? Value, string? Source) Join(IConfiguration configuration)
    {
        string[] missing = [.. _profile.KeyParts.Where(v => configuration[v] is not { Length: > 0 })];
        if (missing.Length == _profile.KeyParts.Count) return default;
        if (missing.Length == 0) return (string.Join(':', _profile.KeyParts.Select(v => configuration[v])), AllParts());
        HalfKey = $"{string.Join(" and ", _profile.KeyParts.Except(missing))} is set without {string.Join(" and ", missing)}: "
            + $"{_profile.DisplayName}'s key is {KeyNames()}.";
        return default;
    }

    private static bool IsPlain(string? text, string marks, int longest) =>
        text is null || (text.Length <= longest && text.All(c => char.IsAsciiLetterOrDigit(c) || marks.Contains(c)));

    private static string? Find(string? configured, ProviderSetting? setting, IConfiguration configuration) =>
        setting is null ? null : configured ?? setting.Variables.Select(v => configuration[v]).FirstOrDefault(v => v is { Length: > 0 }) ?? setting.Default;

    private (string? Value, string? Source) Find(string? configured, string key, IReadOnlyList<string> variables, IConfiguration configuration)
    {
        if (configured is { Length: > 0 }) return (configured, $"{_path}:{key}");
        var variable = variables.FirstOrDefault(v => configuration[v] is { Length: > 0 });
        return variable is null ? default : (configuration[variable], variable);
    }
}
