using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using RemixProxy.Adapters;
using RemixProxy.Configuration;
using RemixProxy.Providers;
using RemixProxy.TestKit;
using RemixProxy.Tests.Providers;

namespace RemixProxy.Tests.Configuration;

/// <summary>The schema by which editors complete and check <c>config/*.json</c> has exactly the keys, kinds and bounds that the start reads.</summary>
public class ConfigurationSchemaTests
{
    private static readonly JsonDocumentOptions AsRead = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };
    private static readonly JsonSerializerOptions AsWritten = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly (JsonObject Schema, List<SchemaLeaf> Leaves) Made = Make();

    /// <summary>Example names for the entries that the operator names.</summary>
    private static readonly Dictionary<string,
        string> Entries = new(StringComparer.Ordinal)
        {
            ["Providers"] = "vault", ["Secrets"] = "AccessKey", ["Models"] = "mine", ["Words"] = "Opposites",
            ["Fields"] = "seconds", ["Fixed"] = "fps", ["Clients"] = "0",
        };

    public static TheoryData<string> Paths { get; } = [.. Made.Leaves.Select(l => l.Path)];

    /// <summary>The sections whose keys are fixed, not named by the operator.</summary>
    public static TheoryData<string> Sections { get; } = [.. Made.Leaves.Select(l => l.Path).Where(
        p => !p.EndsWith(SchemaReader.Any, StringComparison.Ordinal)).Select(p => p[..(p.LastIndexOf(':') + 1)]).Distinct()];

    private static string Folder => Path.Combine(Repository.Root, "config");

    [Fact]
    public void Schema_is_what_the_options_read()
    {
        var path = Path.Combine(Folder, "remixproxy.schema.json");
        var schema = Made.Schema.ToJsonString(AsWritten) + "\n";
        if (Repository.IsUpdating) File.WriteAllText(path, schema);
        else Assert.Equal(File.ReadAllText(path), schema);
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public void What_the_schema_says_of_a_key_holds_at_the_start(string path)
    {
        var leaf = Made.Leaves.Single(l => l.Path == path);
        Assert.All(leaf.Good, value => Assert.Equal(("", ""), (Editor(With(path, value)), Start(With(path, value)))));
        Assert.All(leaf.Bad, value => Assert.Contains(Written(path), Editor(With(path, value)), StringComparison.Ordinal));
        Assert.All([.. leaf.Bad, .. leaf.BadAtStart], value => Assert.Contains(Written(path), Start(With(path, value)), StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Sections))]
    public void A_key_beside_the_known_ones_is_refused(string section)
    {
        var beside = section + "Colour";
        Assert.Contains("Colour is not described", Editor(With(beside, "true")), StringComparison.Ordinal);
        Assert.Contains($"{Written(beside)} is not a known key", Start(With(beside, "true")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Redis", "\"localhost:6379\"")]
    [InlineData("Providers", "\"luma\"")]
    [InlineData("Providers:{}", "\"key\"")]
    [InlineData("Providers:{}:Secrets", "\"hush\"")]
    [InlineData("Cache:Words", "\"calm/stormy\"")]
    [InlineData("Providers:Luma!", "{}")]
    [InlineData("Providers:abcdefghijklmnopqrstuvwxyz0123456", "{}")]
    [InlineData("Cache:Words:Colours", "[\"teal\"]")]
    [InlineData("Providers:{}:Models", "\"big\"")]
    [InlineData("Providers:{}:Models:{}", "\"big\"")]
    public void A_section_that_is_none_and_a_name_that_is_none_are_refused(string path, string value)
    {
        Assert.Contains(Written(path), Editor(With(path, value)), StringComparison.Ordinal);
        Assert.Contains(Written(path), Start(With(path, value)), StringComparison.Ordinal);
    }

    [Fact]
    public void Other_sections_and_the_schemas_own_name_are_nobodys_business()
    {
        var configuration = With("AllowRaw", "true");
        configuration["$schema"] = "./remixproxy.schema.json";
        configuration["Logging"] = new JsonObject { ["LogLevel"] = new JsonObject { ["Default"] = "Warning" } };
        configuration["GOOGLE_API_KEY"] = "key";
        Assert.Equal(("", ""), (Editor(configuration), Start(configuration)));
    }

    [Fact]
    public void What_is_shipped_is_valid_and_names_its_schema()
    {
        foreach (var file in Directory.EnumerateFiles(Folder, "*.json").Where(f => !f.EndsWith(".schema.json", StringComparison.Ordinal)))
        {
            var configuration = JsonNode.Parse(File.ReadAllText(file), documentOptions: AsRead)!.AsObject();
            Assert.Equal("./remixproxy.schema.json", (string?)configuration["$schema"]);
            Assert.Equal(("", ""), (Editor(configuration), Start(configuration)));
        }
    }

    [Fact]
    public void Each_key_has_one_row_in_the_readme_and_each_row_there_is_a_key()
    {
        var readme = File.ReadAllText(Path.Combine(Repository.Root, "README.md"));
        var table = Regex.Match(readme, @"\| key under `RemixProxy` \|.*\n\|[-|]+\n(?<rows>(\|.*\n)+)", RegexOptions.ExplicitCapture).Groups["rows"].Value;
        string[][] rows = [.. table.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(row => row.Split('|', StringSplitOptions.TrimEntries)[1..^1])];
        var listed = rows.Select(cells => Regex.Replace(cells[0].Trim('`'), @"\{[^}]*\}", SchemaReader.Any)).Order(StringComparer.Ordinal);
        Assert.Equal(Made.Leaves.Select(l => l.Path).Order(StringComparer.Ordinal), listed);
        // Meaning, range, default, and whether a change needs a restart.
        Assert.All(rows, cells => Assert.True(cells.Length == 5 && cells.All(c => c.Length > 0) && cells[4] is "yes" or "restart", cells[0]));
    }

    [Fact]
    public void Examples_in_the_readme_are_valid()
    {
        var blocks = Regex.Matches(
            File.ReadAllText(
                Path.Combine(Repository.Root, "README.md")), @"```json\n(?<json>\{.*?)```", RegexOptions.Singleline | RegexOptions.ExplicitCapture).Select(
            m => JsonNode.Parse(m.Groups["json"].Value)!.AsObject()).ToArray();
        Assert.NotEmpty(blocks);
        Assert.All(blocks, b => Assert.Equal("", Editor(b)));
    }

    private static (JsonObject Schema, List<SchemaLeaf> Leaves) Make()
    {
        var leaves = new List<SchemaLeaf>();
        var section = new SchemaReader(new RemixProxyOptions(), "", leaves);
        ReadOptions.Read(section, new());
        var properties = new JsonObject { ["$schema"] = new JsonObject { ["type"] = "string" }, [ReadOptions.SectionName] = section.Schema };
        foreach (var (name, description) in new[] { ("ReverseProxy", "Routes and clusters of YARP beside RemixProxy's own."),
            ("Logging", "Log levels, as of every .NET application."), ("Kestrel", "Endpoints, certificates and limits of the server.") })
            properties[name] = new JsonObject { ["description"] = description, ["type"] = "object" };
        properties["AllowedHosts"] = new JsonObject { ["description"] = "Host names that are served, separated by semicolons.", ["type"] = "string" };
        return (new()
        {
            ["$schema"] = "http://json-schema.org/draft-07/schema#",
            ["title"] = "Configuration of RemixProxy; generated from its options, `GOLDEN_UPDATE=1 dotnet test` writes it",
            ["allowComments"] = true,
            ["allowTrailingCommas"] = true,
            ["type"] = "object",
            ["properties"] = properties,
        }, leaves);
    }

    /// <summary>A configuration that is right but for one value, with a provider that has every setting there is.</summary>
    private static JsonObject With(string path, string value)
    {
        var root = JsonNode.Parse(
            """
            {"RemixProxy": {
                "Providers": {"vault": {"ApiKey": "key", "BaseUrl": "https://vault.example", "Project": "boats", "Models": {"mine": {"Model": "big"}}}},
                "Cache": {"Embeddings": {"Model": "any"}},
                "Clients": {"0": {"Name": "ann", "Keys": ["key-of-ann-0123456789"]}}
            }}
            """)!.AsObject();
        var at = root[ReadOptions.SectionName]!.AsObject();
        var keys = Written(path).Split(':')[2..];
        foreach (var key in keys[..^1])
        {
            if (at[key] is null) at[key] = new JsonObject();
            at = at[key]!.AsObject();
        }

        at[keys[^1]] = JsonNode.Parse(value);
        // The vault's requests are signed, and a key stands beside.
        if (path.EndsWith(":Passthrough", StringComparison.Ordinal))
        {
            var callers = new JsonObject { ["Type"] = "luma", ["Passthrough"] = JsonNode.Parse(value) };
            root[ReadOptions.SectionName]!["Providers"] = new JsonObject { ["vault"] = callers };
        }

        return root;
    }

    private static string Written(string path)
    {
        var keys = path.Split(':');
        for (var i = 1; i < keys.Length; i++)
            if (keys[i] == SchemaReader.Any) keys[i] = Entries[keys[i - 1]];
        return $":{ReadOptions.SectionName}:{string.Join(':', keys)}";
    }

    private static string Editor(JsonObject configuration) =>
        string.Join('\n', new JsonSchema(Made.Schema).Check(Made.Schema, configuration)).Replace('.', ':');

    /// <summary>The errors that stop the start.</summary>
    private static string Start(JsonObject configuration)
    {
        using var json = new MemoryStream(Encoding.UTF8.GetBytes(configuration.ToJsonString()));
        var services = new ServiceCollection().AddLogging().AddSingleton<IVideoAdapter, VaultAdapter>().AddSingleton<IRequestSigner, VaultSigner>();
        services.AddReverseProxy().AddRemixProxy(new ConfigurationBuilder().AddJsonStream(json).Build());
        using var built = services.BuildServiceProvider();
        try
        {
            built.GetRequiredService<ProviderRegistry>();
            return "";
        }
        catch (OptionsValidationException e)
        {
            return string.Join('\n', e.Failures.Select(f => $":{f}"));
        }
    }
}
