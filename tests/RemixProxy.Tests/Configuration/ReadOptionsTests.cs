using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using RemixProxy.Providers;

namespace RemixProxy.Tests.Configuration;

/// <summary>Where settings are read.</summary>
public class ReadOptionsTests
{
    [Fact]
    public void Everything_is_read_from_the_configuration_that_is_handed_over_and_nothing_from_the_applications()
    {
        var applications = Configuration(
            ("RemixProxy:Colour", "blue"), ("RemixProxy:Jobs:MaxCount", "7"), ("RemixProxy:Providers:luma:ApiKey", "theirs"), ("GOOGLE_API_KEY", "theirs"));
        var own = Configuration(
            ("RemixProxy:DefaultModel", "runway/veo3.1"), ("RemixProxy:Jobs:MaxCount", "5"), (
                "RemixProxy:Providers:runway:Timeout", "00:00:07"), ("RUNWAYML_API_SECRET", "ours"));
        var services = new ServiceCollection().AddLogging().AddSingleton<IConfiguration>(applications);
        services.AddReverseProxy().AddRemixProxy(own);
        using var built = services.BuildServiceProvider();
        var registry = built.GetRequiredService<ProviderRegistry>();

        var runway = Assert.Single(registry.Current.Providers);
        Assert.Equal(("runway", "ours", TimeSpan.FromSeconds(7)), (runway.Name, runway.Credential.ApiKey, runway.Options.Timeout));
        Assert.Equal(("runway/veo3.1", 5), (registry.Current.Options.DefaultModel, registry.Current.Options.Jobs.MaxCount));

        own["RemixProxy:Jobs:MaxCount"] = "6";
        applications.Reload();
        Assert.Equal(5, registry.Current.Options.Jobs.MaxCount);
        own.Reload();
        Assert.Equal(6, registry.Current.Options.Jobs.MaxCount);
    }

    [Fact]
    public void What_other_rooms_judge_stands_in_the_same_message()
    {
        var configuration = Configuration(
            ("RemixProxy:Redis:ConnectionString", "redis:6379,noSuchSetting=5"), ("RemixProxy:Cache:Words:Colours", "teal"), (
                "RemixProxy:Limits:MaxBufferedBytes", "1023"), (
                "RemixProxy:Redis:KeyPrefix", "{a}"), ("RemixProxy:ContentUrls:Key", new string('k', 31)));
        var services = new ServiceCollection().AddLogging();
        services.AddReverseProxy().AddRemixProxy(configuration);
        using var built = services.BuildServiceProvider();
        var error = Assert.Throws<OptionsValidationException>(built.GetRequiredService<ProviderRegistry>);

        string[] expected =
        [
            "RemixProxy:Redis:ConnectionString must be a connection string of StackExchange.Redis, e.g. redis:6379,password=…,ssl=true.",
            "RemixProxy:Redis:KeyPrefix must be letters, digits and - _ . :.",
            "RemixProxy:ContentUrls:Key must be at least 32 characters long.",
            "RemixProxy:Limits:MaxBufferedBytes must be a whole number from 1024 to 9223372036854775807.",
        ];
        Assert.All(expected, message => Assert.Single(error.Failures, message));
        Assert.StartsWith("RemixProxy:Cache:Words:Colours must be one of the classes Numbers, ",
            Assert.Single(error.Failures, f => f.Contains(":Words:", StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    private static IConfigurationRoot Configuration(params (string Key, string? Value)[] settings) =>
        new ConfigurationBuilder().AddInMemoryCollection(settings.Select(s => KeyValuePair.Create(s.Key, s.Value))).Build();
}
