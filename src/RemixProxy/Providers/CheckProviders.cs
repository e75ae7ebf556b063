using Microsoft.Extensions.Options;
using RemixProxy.Adapters;
using RemixProxy.Configuration;

namespace RemixProxy.Providers;

/// <summary>Validates what only the providers can judge beside what the configuration's text shows, so that one message has both.</summary>
internal sealed class CheckProviders(IEnumerable<IVideoAdapter> adapters, RemixProxyConfiguration configuration) : IValidateOptions<RemixProxyOptions>
{
    public ValidateOptionsResult Validate(string? name, RemixProxyOptions options)
    {
        var errors = new List<string>();
        ProviderSet.Build(options, adapters, configuration.Root, errors);
        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }
}
