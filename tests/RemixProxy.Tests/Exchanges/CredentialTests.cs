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

    [Theory]
    [InlineData("sk-Ab+1/x=Z9")]
    [InlineData("SK-AB+1/X=Z9")]
    [InlineData("sk-Ab%2B1%2Fx%3DZ9")]
    [InlineData("sk-Ab\\u002B1/x=Z9")]
    [InlineData("c2stQWIrMS94PVo5")]
    [InlineData("OnNrLUFiKzEveD1aOQ==", "On", "OQ==")]
    [InlineData("dTpzay1BYisxL3g9Wjk=", "dTp", "=")]
    public void Nothing_is_left_of_a_secret_that_is_encoded(string told, string before = "", string after = "")
    {
        var provider = Provider(new() { Provider = "openai", ApiKey = "sk-Ab+1/x=Z9" });

        var clean = ProviderText.Clean($"bad <{told}>", provider);

        Assert.StartsWith($"bad <{before}[key]", clean, StringComparison.Ordinal);
        Assert.InRange(clean.Length, 0, $"bad <{before}[key]{after}>".Length + 1);
    }

    [Theory]
    [InlineData("at gpu-7.farm.internal failed", "at [address] failed")]
    [InlineData("at api.vendor.com:8443/v1/x failed", "at [address] failed")]
    [InlineData("at cache.svc:6379 failed", "at [address] failed")]
    [InlineData("at localhost:9000 failed", "at [address] failed")]
    [InlineData("at gpu-7:8443, failed", "at [address], failed")]
    [InlineData("at redis:6379 failed", "at [address] failed")]
    [InlineData("connect to my_db:5432/videos: refused", "connect to [address] refused")]
    [InlineData("dial tcp: lookup vllm:8000", "dial tcp: lookup [address]")]
    [InlineData("code:1001, max_length:2500, promptText:1000", "code:1001, max_length:2500, promptText:1000")]
    [InlineData("ratio:1280:720, size:1280x720", "ratio:1280:720, size:1280x720")]
    [InlineData("at 10.7.7.7, failed", "at [address], failed")]
    [InlineData("at [fd00::77]:80 failed", "at [address] failed")]
    [InlineData("at fe80::1:2:3 failed", "at [address] failed")]
    [InlineData("at db-7.farm.xyz failed", "at [address] failed")]
    [InlineData("in /srv/models/run.py, line 3", "in [path], line 3")]
    [InlineData("can't open '/home/gpu/.cache/x/model.bin'", "can't open '[path]'")]
    [InlineData("in C:\\srv\\models\\run.py failed", "in [path] failed")]
    [InlineData("at \\\\gpu-7\\share\\x.mp4 failed", "at [path] failed")]
    [InlineData("POST /v1/videos takes image/png and 16:9/9:16", "POST /v1/videos takes image/png and 16:9/9:16")]
    [InlineData("see https://vendor.com/errors?a=b now", "see [address] now")]
    [InlineData("'body.seconds' must be 4 or 8, not 4.5: status 400", "'body.seconds' must be 4 or 8, not 4.5: status 400")]
    [InlineData("gen4.5 takes promptImage[0].uri, e.g. cat.png at 12:34:56", "gen4.5 takes promptImage[0].uri, e.g. cat.png at 12:34:56")]
    [InlineData("error:404 std::string", "error:404 std::string")]
    public void Hosts_are_left_out_and_field_names_stay(string told, string clean) =>
        Assert.Equal(clean, ProviderText.Clean(told, Provider(new() { Provider = "openai", ApiKey = "sk-Ab+1/x=Z9" })));

    [Theory]
    [InlineData("sk-Ab+1/x=Z9")]
    [InlineData("sk-Ab%2B1%2Fx%3DZ9")]
    [InlineData("736B2D41622B312F783D5A39")]
    public void What_a_cut_leaves_of_a_secret_is_left_out(string form)
    {
        var provider = Provider(new() { Provider = "openai", ApiKey = "sk-Ab+1/x=Z9" });
        // The address becomes short, so the end of what is read is shown.
        for (var length = 4; length < form.Length; length++)
        {
            var before = "https://" + new string('a', 1_990 - length - 8) + " key: ";
            before += new string('.', 2_000 - length - before.Length);
            var clean = ProviderText.Clean(before + form + " and more", provider);
            Assert.DoesNotContain(form[..4], clean, StringComparison.OrdinalIgnoreCase);
            Assert.StartsWith("[address] key: ", clean, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Text_is_cut_between_characters()
    {
        var provider = Provider(new() { Provider = "openai", ApiKey = "sk-Ab+1/x=Z9" });
        Assert.Equal("x" + string.Concat(Enumerable.Repeat("😀", 249)) + "…", ProviderText.Clean("x" + string.Concat(Enumerable.Repeat("😀", 300)), provider));
    }

    [Fact]
    public void A_refusal_in_plain_text_hides_a_key_wherever_it_stands()
    {
        var provider = Provider(new() { Provider = "openai", ApiKey = "sk-Ab+1/x=Z9" });
        for (var before = 485; before < 505; before++)
        {
            var body = System.Text.Encoding.ASCII.GetBytes(new string('.', before) + "sk-Ab+1/x=Z9 is wrong");
            var error = provider.Adapter.ReadError(new(400, new Dictionary<string, string>(), body));
            Assert.DoesNotContain("sk-", ProviderText.Clean(error.Message, provider), StringComparison.Ordinal);
        }
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
