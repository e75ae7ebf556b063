using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using RemixProxy.Adapters;
using RemixProxy.Exchanges;
using RemixProxy.Providers;

namespace RemixProxy.Tests.Providers;

/// <summary>What an account needs beside its key.</summary>
public class AccountTests
{
    private const string At = "RemixProxy:Providers:vault:";
    private const string Luma = "RemixProxy:Providers:luma:";
    private const string Fal = "RemixProxy:Providers:fal:";

    private static readonly (string Key, string Value)[] Complete =
        [(At + "Secrets:AccessKey", "id-1"), (At + "Secrets:SecretKey", "hush"), (At + "Region", "south-2"), (At + "Project", "boats")];

    [Fact]
    public void Secrets_region_and_project_are_configured()
    {
        var vault = Assert.Single(Providers(Complete));

        Assert.Equal(("id-1", "hush"), (vault.Credential.Secrets["accesskey"], vault.Credential.Secrets["SecretKey"]));
        Assert.Equal(("south-2", "boats", null), (vault.Credential.Region, vault.Credential.Project, vault.Credential.ApiKey));
        Assert.Equal("https://south-2.vault.example/projects/boats/v1/", vault.BaseUrl.AbsoluteUri);
        Assert.DoesNotContain("hush", vault.Credential.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Conventional_variables_stand_in_and_the_profiles_default_last()
    {
        var vault = Assert.Single(Providers(("VAULT_ID", "id-2"), ("VAULT_SECRET_KEY", "hush"), ("VAULT_SESSION", "now"), ("VAULT_PROJECT", "p")));

        Assert.Equal(["id-2", "hush", "now"], new[] { "AccessKey", "SecretKey", "Session" }.Select(name => vault.Credential.Secrets[name]));
        Assert.Equal("north-1", vault.Credential.Region);
        Assert.Equal("the secrets AccessKey, SecretKey, Session", vault.KeySource);
    }

    [Fact]
    public void A_key_stands_for_all_secrets() => Assert.Equal("k", Assert.Single(Providers((At + "ApiKey", "k"), (At + "Project", "p"))).Credential.ApiKey);

    [Fact]
    public void A_key_may_come_in_parts_where_nothing_else_sets_it()
    {
        var fal = Assert.Single(Providers(("FAL_KEY_ID", "id"), ("FAL_KEY_SECRET", "a-secret-of-sixteen")));

        Assert.Equal(("id:a-secret-of-sixteen", "FAL_KEY_ID with FAL_KEY_SECRET"), (fal.Credential.ApiKey, fal.KeySource));
        Assert.Equal("[key] and [key]", ProviderText.Clean("a-secret-of-sixteen and id:a-secret-of-sixteen", fal));
        Assert.Equal("whole", Assert.Single(Providers(("FAL_KEY", "whole"), ("FAL_KEY_ID", "id"), ("FAL_KEY_SECRET", "hush"))).Credential.ApiKey);
        Assert.Equal("own", Assert.Single(Providers((Fal + "ApiKey", "own"), ("FAL_KEY_ID", "id"))).Credential.ApiKey);
        Assert.Null(Assert.Single(Providers((Fal + "Passthrough", "true"), ("FAL_KEY_ID", "id"))).Credential.ApiKey);
        Assert.Empty(Providers((Fal + "Enabled", "false"), ("FAL_KEY_ID", "id")));
    }

    [Theory]
    [InlineData("FAL_KEY_ID", "FAL_KEY_SECRET")]
    [InlineData("FAL_KEY_SECRET", "FAL_KEY_ID")]
    public void Half_a_key_stops_the_start(string there, string missing)
    {
        var expected = $"{there} is set without {missing}: fal's key is FAL_KEY or FAL_KEY_ID with FAL_KEY_SECRET.";

        Assert.Contains(expected, Failures(signs: true, ((string, string)[])[(there, "x")]));
        Assert.Contains(expected, Failures(signs: true, ((string, string)[])[(there, "x"), (missing, "")]));
        Assert.Contains(expected, Failures(signs: true, ((string, string)[])[(there, "x"), (Fal + "Enabled", "true")]));
        Assert.Equal(
            [Fal + "ApiKey is missing, and so is FAL_KEY or FAL_KEY_ID with FAL_KEY_SECRET."], Errors((Fal + "Enabled", "true")));
    }

    [Theory]
    [InlineData("VAULT_ID")]
    [InlineData("VAULT_REGION")]
    [InlineData("VAULT_ID", "VAULT_SECRET_KEY")]
    public void Variables_that_are_not_all_there_enable_nothing(params string[] variables) =>
        Assert.Empty(Providers([.. variables.Select(v => (v, "x"))]));

    [Fact]
    public void What_is_missing_stops_the_start_by_name() => Assert.Equal(
        [At + "Project is missing, and so is VAULT_PROJECT.", At + "Secrets:SecretKey is missing, and so is VAULT_SECRET_KEY."],
        Errors((At + "Secrets:AccessKey", "x")));

    [Fact]
    public void What_is_unknown_or_unfit_stops_the_start_by_name()
    {
        Assert.Equal(
            [At + "Secrets:Colour is no secret of vault; these are: AccessKey, SecretKey, Session."], Errors([.. Complete, (At + "Secrets:Colour", "x")]));
        Assert.Equal([At + "Region must be letters, digits and -."], Errors([.. Complete, (At + "Region", "a.evil.example/")]));
        Assert.Contains(At + "Project must be letters, digits and - _ . :.", Errors([.. Complete, (At + "Project", "../x")]));
        Assert.Equal(
            [At + "Region must be letters, digits and -, at most 64."],
            Errors((At + "ApiKey", "k"), (At + "Project", "p"), ("VAULT_REGION", "a.evil.example/")));
        Assert.Equal(
            [
                "RemixProxy:Providers:luma:Project is not a setting of luma.", "RemixProxy:Providers:luma:Region is not a setting of luma.",
                "RemixProxy:Providers:luma:Secrets:A is no secret of luma, which has none.",
            ],
            Errors(
                ("RemixProxy:Providers:luma:ApiKey", "k"), ("RemixProxy:Providers:luma:Secrets:A", "x"), ("RemixProxy:Providers:luma:Region", "r"),
                ("RemixProxy:Providers:luma:Project", "p")));
    }

    [Fact]
    public void A_provider_whose_callers_bring_the_key_takes_none_from_here()
    {
        var luma = Assert.Single(Providers((Luma + "Passthrough", "true"), ("LUMA_AGENTS_API_KEY", "of-another-program")));

        Assert.Equal((null, "the caller's bearer", true), (luma.Credential.ApiKey, luma.KeySource, luma.LacksKey));
        Assert.Empty(Providers((Luma + "Passthrough", "true"), (Luma + "Enabled", "false")));
    }

    [Fact]
    public void Passthrough_is_refused_where_it_can_not_be_meant()
    {
        Assert.Equal(
            [Luma + "Passthrough sends the caller's own key: remove it, or ApiKey and Secrets."],
            Errors((Luma + "Passthrough", "true"), (Luma + "ApiKey", "k")));
        Assert.Equal(
            [
                At + "Passthrough needs a provider that takes one key in a header, and requests to vault are signed otherwise.",
                At + "Passthrough sends the caller's own key: remove it, or ApiKey and Secrets.",
            ],
            Errors([.. Complete, (At + "Passthrough", "true")]));
        Assert.Equal(
            ["RemixProxy:Models:mine lists luma, which has Passthrough: a caller's key is for one provider, so it has to stand alone."],
            Errors(
                (Luma + "Passthrough", "true"), ("RUNWAYML_API_SECRET", "k"), ("RemixProxy:Models:mine:0", "runway/gen4.5"),
                ("RemixProxy:Models:mine:1", "luma/ray-3.2")));
    }

    [Fact]
    public void A_default_alias_is_for_callers_without_a_key_if_anybody_serves_them()
    {
        Assert.Equal("luma", DefaultOf((Luma + "Passthrough", "true")));
        Assert.Equal("runway", DefaultOf((Luma + "Passthrough", "true"), ("RUNWAYML_API_SECRET", "k")));
    }

    [Fact]
    public void A_callers_key_is_in_the_providers_of_its_own_call_alone()
    {
        using var services = Build(signs: true, [(Luma + "Passthrough", "true"), ("RUNWAYML_API_SECRET", "k")]);
        var all = services.GetRequiredService<ProviderRegistry>().Current;

        var mine = all.With("own");

        Assert.Equal(("own", "k"), (mine.Find("luma")!.Credential.ApiKey, mine.Find("runway")!.Credential.ApiKey));
        Assert.Same(mine.Find("luma"), Assert.Single(mine.Resolve("luma/ray-3.2")).Provider);
        Assert.Null(all.Find("luma")!.Credential.ApiKey);
        Assert.Same(all, all.With(null));
    }

    [Fact]
    public void A_scheme_needs_its_signer() => Assert.Equal(
        ["RemixProxy:Providers:vault is signed by vault, and no IRequestSigner of that name is registered."], Errors(signs: false, Complete));

    [Fact]
    public void No_secret_is_in_a_providers_text()
    {
        var vault = Assert.Single(Providers([.. Complete, (At + "ApiKey", "the-key")]));

        Assert.Equal("[key], [key] and [key] of boats", ProviderText.Clean("id-1, hush and the-key of boats", vault));
    }

    private static string DefaultOf(params (string Key, string Value)[] settings)
    {
        using var services = Build(signs: true, settings);
        return Assert.Single(services.GetRequiredService<ProviderRegistry>().Current.Resolve("sora-2")).Provider.Name;
    }

    private static IReadOnlyCollection<Provider> Providers(params (string Key, string Value)[] settings)
    {
        using var services = Build(signs: true, settings);
        return services.GetRequiredService<ProviderRegistry>().Current.Providers;
    }

    private static string[] Errors(params (string Key, string Value)[] settings) => Errors(signs: true, settings);

    private static string[] Errors(bool signs, params (string Key, string Value)[] settings) =>
        [.. Failures(signs, settings).Where(f => f.StartsWith("RemixProxy:", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];

    private static IEnumerable<string> Failures(bool signs, (string Key, string Value)[] settings)
    {
        using var services = Build(signs, settings);
        return Assert.Throws<OptionsValidationException>(services.GetRequiredService<ProviderRegistry>).Failures;
    }

    private static ServiceProvider Build(bool signs, (string Key, string Value)[] settings)
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(settings.GroupBy(s => s.Key).Select(s => KeyValuePair.Create(s.Key, (string?)s.Last().Value))).Build();
        var services = new ServiceCollection().AddLogging();
        if (signs) services.AddSingleton<IRequestSigner, VaultSigner>();
        services.AddSingleton<IVideoAdapter, VaultAdapter>();
        services.AddReverseProxy().AddRemixProxy(configuration);
        return services.BuildServiceProvider();
    }
}
