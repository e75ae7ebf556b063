using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using RemixProxy.Adapters;
using RemixProxy.Cache;
using RemixProxy.Cache.Embedding;
using RemixProxy.Cache.Language;
using RemixProxy.Contract;
using RemixProxy.Operations.Submit;
using RemixProxy.Providers;
using RemixProxy.TestKit.Prompts;

namespace RemixProxy.Tests.Cultures;

/// <summary>RemixProxy reads and writes the same in every culture, because replicas share a cache and LANG is the machine's.</summary>
public class CultureTests
{
    /// <summary>Hungarian and Welsh take two letters for one, Turkish has two i, Swedish and Arabic another minus, German a comma before a fraction.</summary>
    public static TheoryData<string> Cultures => ["tr-TR", "az", "th-TH", "de-DE", "ar-SA", "fa-IR", "sv-SE", "lt-LT", "hu-HU", "cy-GB", "sq-AL"];

    [Theory]
    [MemberData(nameof(Cultures))]
    public void Prompts_are_read_alike(string culture) => AreAlike(culture, Prompts);

    [Theory]
    [MemberData(nameof(Cultures))]
    public void Requests_are_read_alike(string culture) => AreAlike(culture, Requests);

    [Theory]
    [MemberData(nameof(Cultures))]
    public void Options_are_read_alike_and_so_is_what_is_wrong_with_them(string culture) => AreAlike(culture, Settings);

    /// <summary>Else the tests above prove nothing.</summary>
    [Fact]
    public void The_cultures_differ_in_this_process() => Assert.Equal(
        ["-1.5", "−1,5", "I", "ı", "-1,5"],
        [In("", () => $"{-1.5}"), In("sv-SE", () => $"{-1.5}"), In("de-DE", () => "i".ToUpper(CultureInfo.CurrentCulture)),
            In("tr-TR", () => "I".ToLower(CultureInfo.CurrentCulture)), In("de-DE", () => $"{-1.5}")]);

    private static void AreAlike(string culture, Func<List<string>> read) => Assert.Equal(In("", read), In(culture, read));

    private static T In<T>(string culture, Func<T> read)
    {
        var (before, ui) = (CultureInfo.CurrentCulture, CultureInfo.CurrentUICulture);
        try
        {
            CultureInfo.CurrentCulture = CultureInfo.CurrentUICulture = new(culture);
            return read();
        }
        finally
        {
            (CultureInfo.CurrentCulture, CultureInfo.CurrentUICulture) = (before, ui);
        }
    }

    private static List<string> Prompts()
    {
        (string A, string B)[] traps =
        [
            ("the comic's cover is torn", "the comics' cover is torn"),
            ("Magically, the tree grows", "Magically the tree grows"),
            ("THE FILM TITLE IN ISTANBUL ISN'T LIT", "the film title in istanbul is not lit"),
            ("on\u00ADly, a single\u200D-line", "o\u0640nly a single-line"),
            ("İstanbul, ısı, Iğdır, IŞIK", "istanbul, isi, igdir, isik"),
            ("twenty-first of 1,5 at -5 degrees", "twenty-one of 1.5 at −5 degrees"),
            ("a red car\u200D and a blue car", "a blue car\u200D and a red car"),
        ];
        var pairs = PromptPairs.Contrasts.Concat(PromptPairs.Surface).Concat(PromptPairs.Paraphrases).Select(p => (p.A, p.B)).Concat(traps).ToArray();
        // Built anew: the shipped ones may have been read in another culture.
        var words = ConflictWords.Build([KeyValuePair.Create<string, IReadOnlyList<string>>("COLORS", ["İvory, INDIGO"])], []);
        return [.. pairs.Select(p => $"{p}: {LexicalConflict.Find(p.A, p.B, words)}"), .. pairs.SelectMany(p => new[] { p.A, p.B }).Select(Reading)];
    }

    private static string Reading(string prompt)
    {
        var text = PromptText.Read(prompt);
        var vector = SHA256.HashData(MemoryMarshal.AsBytes(LexicalEmbedder.Embed(text).AsSpan()));
        return $"{prompt}: {string.Join('|', text.Content)} {Convert.ToHexString(vector)} {Fingerprint.PromptOf(prompt)} {text.Words.Count.ToString(
            CultureInfo.InvariantCulture)}";
    }

    private static List<string> Requests()
    {
        var body = JsonNode.Parse("""{"prompt":"İ I ı i","seconds":"8.50","size":"1280X0720","seed":-5,"strength":-0.25e-3,"Iı":1.5,"iİ":"I"}""")!.AsObject();
        var fingerprint = Fingerprint.OfAsync(VideoOperation.Edit, "a:runway", RequestBody.Of(body), CancellationToken.None).AsTask();
        Assert.True(fingerprint.IsCompletedSuccessfully);
        var http = new DefaultHttpContext();
        http.Request.Headers.CacheControl = "NO-CACHE";
        foreach (var (name, value) in new[] { ("X-REMIX-CACHE", "semantic"), ("X-Remix-Cache-Threshold", "0.875"), ("x-remix-cache-ttl", "3600") })
            http.Request.Headers[name] = value;
        var policy = CacheHeaders.Read(http.Request, new());
        http.Request.Headers["x-remix-cache-threshold"] = "0,875";
        _ = VideoSize.TryParse("1920X1080", out var size);
        return
        [
            $"{fingerprint.Result}", CanonicalNumber.Of("-1.50e-7"), CanonicalNumber.Of("0.125"), $"{size}", Durations.Text(-1.5m),
            string.Create(CultureInfo.InvariantCulture, $"{policy.Mode} {policy.Threshold} {policy.Ttl} {policy.NoCache}"),
            Assert.Throws<ApiException>(() => CacheHeaders.Read(http.Request, new())).Error.Message,
        ];
    }

    private static List<string> Settings()
    {
        var options = Registry(
        ("RemixProxy:CACHE:MODE", "SEMANTIC"), ("RemixProxy:Cache:Threshold", "0.875"), ("RemixProxy:DrainTimeout", "00:00:01.5"), (
            "RemixProxy:PROVIDERS:runway:TYPE", "runway"),
            ("RemixProxy:LIMITS:MAXREQUESTBYTES", "1000000")).Current.Options;
        var wrong = Assert.Throws<OptionsValidationException>(() => Registry(
            ("RemixProxy:Cache:Threshold", "0,875"), ("RemixProxy:DrainTimeout", "00:00:01,5"), ("RemixProxy:Limits:MaxRequestBytes", "-1"), (
                "RemixProxy:Jobs:MaxCount", "1.000")));
        return
        [
            string.Create(CultureInfo.InvariantCulture,
            $"{options.Cache.Mode} {options.Cache.Threshold} {options.DrainTimeout} {options.Limits.MaxRequestBytes} {string.Join(
            ' ', options.Providers.Keys)}"),
            .. wrong.Failures,
        ];
    }

    private static ProviderRegistry Registry(params (string Key, string Value)[] settings)
    {
        var services = new ServiceCollection().AddLogging();
        services.AddReverseProxy().AddRemixProxy(
            new ConfigurationBuilder().AddInMemoryCollection(settings.Select(s => KeyValuePair.Create(s.Key, (string?)s.Value))).Build());
        using var built = services.BuildServiceProvider();
        return built.GetRequiredService<ProviderRegistry>();
    }
}
