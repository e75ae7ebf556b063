using Microsoft.Extensions.Configuration;

namespace RemixProxy.FunctionalTests.Kit;

/// <summary>Configuration that a test changes while the application runs, as an edited file does.</summary>
internal sealed class ChangeableSettings : ConfigurationProvider, IConfigurationSource
{
    public IConfigurationProvider Build(IConfigurationBuilder builder) => this;

    /// <summary>Replaces everything in it and says so once.</summary>
    public void Replace(params (string Key, string Value)[] settings)
    {
        Data = settings.ToDictionary(s => "RemixProxy:" + s.Key, s => (string?)s.Value, StringComparer.OrdinalIgnoreCase);
        OnReload();
    }
}
