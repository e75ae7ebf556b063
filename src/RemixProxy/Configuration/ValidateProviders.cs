using Microsoft.Extensions.Options;
using RemixProxy.Routing;

namespace RemixProxy.Configuration;

/// <summary>Checks what only the adapters and all providers together show. A validation of its own, so that its errors stand in one message with those of <see cref="ReadOptions"/>.</summary>
internal sealed class ValidateProviders(IEnumerable<IVideoProvider> adapters, RemixProxyConfiguration configuration) : IValidateOptions<RemixProxyOptions>
{
    public ValidateOptionsResult Validate(string? name, RemixProxyOptions options)
    {
        var errors = new List<string>();
        ProviderSet.Build(options, adapters, configuration.Root, errors);
        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }
}
