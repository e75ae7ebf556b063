using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using RemixProxy.Providers;

namespace RemixProxy.Tests.Configuration;

/// <summary>Where settings are read.</summary>
public class ReadOptionsTests
{
    [Fact]
    public void Everything_is_read_from_the_configuration_that_is_handed_over_and_nothing_from_the_applications()
    {
        var applications = Configuration(("RemixProxy:Colour", "blue"), ("RemixProxy:Jobs:MaxCount", "7"), ("RemixProxy:Providers:luma:ApiKey", "theirs"), ("GOOGLE_API_KEY", "theirs"));
        var own = Configuration(("RemixProxy:DefaultModel", "runway/veo3.1"), ("RemixProxy:Jobs:MaxCount", "5"), ("RemixProxy:Providers:runway:Timeout", "00:00:07"), ("RUNWAYML_API_SECRET", "ours"));
        var services = new ServiceCollection().AddLogging().AddSingleton<IConfiguration>(applications);
        services.AddReverseProxy().AddRemixProxy(own);
        using var built = services.BuildServiceProvider();
        var registry = built.GetRequiredService<ProviderRegistry>();

        var runway = Assert.Single(registry.Current.Providers);
        Assert.Equal(("runway", "ours", TimeSpan.FromSeconds(7)), (runway.Name, runway.ApiKey, runway.Options.Timeout));
        Assert.Equal(("runway/veo3.1", 5), (registry.Current.Options.DefaultModel, registry.Current.Options.Jobs.MaxCount));

        own["RemixProxy:Jobs:MaxCount"] = "6";
        applications.Reload();
        Assert.Equal(5, registry.Current.Options.Jobs.MaxCount);
        own.Reload();
        Assert.Equal(6, registry.Current.Options.Jobs.MaxCount);
    }

    private static IConfigurationRoot Configuration(params (string Key, string? Value)[] settings) =>
        new ConfigurationBuilder().AddInMemoryCollection(settings.Select(s => KeyValuePair.Create(s.Key, s.Value))).Build();
}
