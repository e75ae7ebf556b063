using Microsoft.Extensions.Options;
using RemixProxy.Adapters;
using RemixProxy.Configuration;

namespace RemixProxy.Providers;

/// <summary>Validates the options against the adapters and signers. Its errors and those of <see cref="ReadOptions"/> appear in one message.</summary>
internal sealed class CheckProviders(IEnumerable<IVideoAdapter> adapters, IEnumerable<IRequestSigner> signers, RemixProxyConfiguration configuration)
    : IValidateOptions<RemixProxyOptions>
{
    public ValidateOptionsResult Validate(string? name, RemixProxyOptions options)
    {
        var errors = new List<string>();
        var set = ProviderSet.Build(options, adapters, configuration.Root, errors);
        foreach (var provider in set.Providers)
        {
            if (provider.Profile.Signing is not SigningScheme.BySigner { Name: var scheme }) continue;
            var signer = signers.LastOrDefault(s => s.Scheme == scheme);
            if (signer is null)
                errors.Add($"RemixProxy:Providers:{provider.Name} is signed by {scheme}, and no {nameof(IRequestSigner)} of that name is registered.");
            else if (signer.Check(provider.Credential) is { } error)
                errors.Add($"RemixProxy:Providers:{provider.Name}: {error}");
        }

        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }
}
