using RemixProxy.Adapters;
using RemixProxy.Exchanges;
using RemixProxy.Providers;

namespace RemixProxy.Tests.Exchanges;

/// <summary>Whose credential goes on a message, and what is left of secrets in a provider's words.</summary>
public class CredentialTests
{
    [Theory]
    [InlineData(null, true)]
    [InlineData("own", false)]
    public void Header_of_an_application_is_replaced_only_where_there_is_a_key(string? key, bool stays)
    {
        using var message = new HttpRequestMessage();
        message.Headers.TryAddWithoutValidation("Authorization", "Bearer mine");

        new OutboundExchange(Provider(new() { Provider = "openai", ApiKey = key }), new(HttpMethod.Post, "videos")).Prepare(message, "https://server.example/");

        Assert.Equal(stays, message.Headers.Contains("Authorization"));
    }

    [Fact]
    public void Nothing_is_left_of_a_secret_that_begins_like_another()
    {
        var secrets = new Dictionary<string, string>(StringComparer.Ordinal) { ["Id"] = "AKIA", ["Secret"] = "AKIA-very-secret" };
        var provider = Provider(new() { Provider = "openai", ApiKey = "AKIA-long-key", Secrets = secrets });

        Assert.Equal("bad credential [key] or [key] or [key]", ProviderText.Clean("bad credential AKIA-very-secret or AKIA-long-key or AKIA", provider));
    }

    private static Provider Provider(ProviderCredential credential) => new()
    {
        Name = "openai",
        Adapter = BuiltInAdapters.All.Single(p => p.Profile.Type == "openai"),
        BaseUrl = new("https://server.example/v1/"),
        Credential = credential,
        KeySource = null,
        Options = new(),
    };
}
