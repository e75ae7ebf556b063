using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;
using RemixProxy.Cache.Language;
using RemixProxy.Configuration;

namespace RemixProxy.Tests.Configuration;

/// <summary>
/// Reads nothing, and writes each key that was asked for into a JSON Schema (draft 7, which editors know best). Descriptions and defaults are the options'.
/// </summary>
/// <param name="options">The options that the section fills; null for a dictionary, whose entries <paramref name="entry"/> has.</param>
/// <param name="path">Of the section, below <c>RemixProxy</c>.</param>
/// <param name="leaves">Takes the keys that have values.</param>
/// <param name="entry">The type of a dictionary's entries.</param>
internal sealed class SchemaReader(object? options, string path, List<SchemaLeaf> leaves, Type? entry = null) : SectionReader(Nothing, [], options?.GetType())
{
    /// <summary>Stands for any name in a dictionary.</summary>
    public const string Any = "{}";

    private const string AddressPattern = """^https?://[^/?#@\s]+(/[^?#\s]*)?$""";
    private const string OriginPattern = """^(\*|[A-Za-z][A-Za-z0-9+.-]*://[^/?#@*\s]+)$""";
    private const string HostPattern = """^[^/\\?#@%*\s]+$""";
    private const string ProxyPattern = """^(https?|socks(4a?|5h?))://([^/?#@\s]+@)?[^/?#@\s]+/?$""";
    private const string DurationPattern = """^(\d{1,8}\.)?([01]?\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,7})?$""";

    private static readonly IConfigurationSection Nothing = new ConfigurationBuilder().Build().GetSection("");

    // Other rooms judge the names of entries, so the rules for names are repeated here.
    private static readonly Dictionary<string, Func<JsonObject>> EntryNames = new(StringComparer.Ordinal)
    {
        ["Providers"] = () => new() { ["pattern"] = "^[a-z0-9-]{1,32}$" },
        ["Cache:Words"] = () => new() { ["enum"] = Names(typeof(WordClass)) },
    };

    private readonly string _path = path;
    private readonly Dictionary<string, SchemaReader> _sections = new(StringComparer.Ordinal);

    public JsonObject Schema { get; } = new() { ["type"] = "object" };

    public override string? Text(string key)
    {
        Put(key, new() { ["type"] = "string" }, [Quoted(Sample(key))], ["""{"a": "b"}""", """["a"]"""]);
        return null;
    }

    protected override string? Plain(string key, string marks)
    {
        Put(key, new() { ["type"] = "string", ["pattern"] = $"^[A-Za-z0-9{Regex.Escape(marks).Replace("-", "\\-", StringComparison.Ordinal)}]*$" },
            [Quoted("aZ09"), Quoted(marks)], [Quoted("a b"), Quoted("{a}"), Quoted("ä")]);
        return null;
    }

    public override bool? Flag(string key)
    {
        Put(key, new() { ["type"] = "boolean" }, ["true", "false"], ["5", Quoted("perhaps"), """{"a": true}"""]);
        return null;
    }

    protected override long? Count(string key, long min, long max)
    {
        var beyond = max == long.MaxValue ? "9223372036854775808" : $"{max + 1}";
        Put(key, new() { ["type"] = "integer", ["minimum"] = min, ["maximum"] = max }, [$"{min}", $"{max}", $"{min + ((max - min) / 2)}"],
            [$"{min - 1}", beyond, $"{min}.5", Quoted("many")]);
        return null;
    }

    protected override IReadOnlyList<int>? Counts(string key, int min, int max)
    {
        var one = new JsonObject { ["type"] = "integer", ["minimum"] = min, ["maximum"] = max };
        var list = new JsonObject { ["type"] = "array", ["items"] = one.DeepClone() };
        var text = new JsonObject { ["type"] = "string", ["pattern"] = @"^\d+(\s*,\s*\d+)*$" };
        Put(key, new() { ["anyOf"] = new JsonArray(one, list, text) }, [$"{min}", $"[{min}, {max}]", Quoted($"{min}, {max}")],
            [$"{min - 1}", $"{max + 1}", $"[{min}, {max + 1}]", Quoted("many"), $"[[{min}]]"], [Quoted($"{min},{max + 1}")]);
        return null;
    }

    protected override double? Number(string key, double min, double max)
    {
        Put(key, new() { ["type"] = "number", ["minimum"] = min, ["maximum"] = max }, [$"{min}", $"{(min + max) / 2}", $"{max}"],
            [$"{min - 0.1}", $"{max + 0.1}", Quoted("much")]);
        return null;
    }

    public override T? Word<T>(string key)
    {
        var meanings = Enum.GetNames<T>().Select(n => (JsonNode)(OptionDocumentation.Of($"F:{typeof(T).FullName}.{n}") ?? "")).ToArray();
        Put(key, new() { ["enum"] = Names(typeof(T)), ["enumDescriptions"] = new JsonArray(meanings) }, [.. Enum.GetNames<T>().Select(Quoted)],
            ["1", Quoted("Perhaps"), "true"]);
        return null;
    }

    protected override TimeSpan? Duration(string key, TimeSpan min, TimeSpan max)
    {
        Put(
            key,
            new() { ["type"] = "string", ["pattern"] = DurationPattern, ["description"] = $"From {min:c} to {max:c}." },
            [Quoted($"{min:c}"), Quoted($"{max:c}"), Quoted($"{min + ((max - min) / 2):c}")],
            ["5", Quoted("soon"), Quoted("5s"), Quoted("PT5S"), Quoted($"-{TimeSpan.FromSeconds(1):c}"), Quoted("00:00:60")],
            [Quoted($"{max + TimeSpan.FromTicks(1):c}"), .. min > TimeSpan.Zero ? new[] { Quoted($"{min - TimeSpan.FromTicks(1):c}") } : []]);
        return null;
    }

    public override Uri? Address(string key)
    {
        Put(
            key,
            new() { ["type"] = "string", ["pattern"] = AddressPattern },
            [Quoted("https://example.com"), Quoted("http://10.0.0.1:8000/v1")],
            [Quoted("example.com"), Quoted("ftp://example.com"), Quoted("https://me:secret@example.com"), Quoted("https://example.com/?a=b"),
            Quoted("https://example.com/#a")],
            [Quoted("https://:80/")]);
        return null;
    }

    public override string? Proxy(string key)
    {
        Put(
            key,
            new() { ["type"] = "string", ["pattern"] = ProxyPattern },
            [Quoted("http://proxy:3128"), Quoted("https://me:secret@proxy.example/"), Quoted("socks5://10.0.0.1")],
            [Quoted("proxy:3128"), Quoted("ftp://proxy"), Quoted("http://proxy/proxy.pac"), Quoted("http://proxy?a=b"), Quoted("http://me:a@b@proxy")],
            [Quoted("http://:80/")]);
        return null;
    }

    public override IReadOnlyList<string>? List(string key)
    {
        var text = Quoted(Sample(key));
        Put(key, new() { ["type"] = new JsonArray("string", "array"), ["items"] = new JsonObject { ["type"] = "string" } },
            [text, $"[{text}]", $"[{text}, {text}]"], [$"[[{text}]]", $$"""{"a": {"b": {{text}} } }"""]);
        return null;
    }

    public override IReadOnlyList<string>? Origins(string key)
    {
        var origin = new JsonObject { ["type"] = "string", ["pattern"] = OriginPattern };
        Put(key, new() { ["type"] = new JsonArray("string", "array"), ["pattern"] = OriginPattern, ["items"] = origin },
            [Quoted("*"), Quoted("https://app.example"), """["http://localhost:3000", "https://[2001:db8::1]:8443", "tauri://localhost"]"""],
            [Quoted("https://app.example/"), Quoted("app.example"), """["https://me@app.example"]""", """["https://app.example", "null"]"""],
            [Quoted("https://:80")]);
        return null;
    }

    public override IReadOnlyList<string>? Hosts(string key)
    {
        var host = new JsonObject { ["type"] = "string", ["pattern"] = HostPattern };
        Put(key, new() { ["type"] = new JsonArray("string", "array"), ["pattern"] = HostPattern, ["items"] = host },
            [Quoted("cdn.example"), """["gpu-box:9000", "[fd00::7]:443", "10.0.0.7"]"""],
            [Quoted("https://cdn.example"), Quoted("*.cdn.example"), """["cdn.example/videos"]""", """["cdn.example", ""]"""],
            [Quoted("cdn.example:"), Quoted("cdn.example:70000"), Quoted("169.254.169.254")]);
        return null;
    }

    public override SectionReader Section(string key, [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicProperties)] Type? options = null)
    {
        if (_sections.TryGetValue(key, out var known)) return known;
        var value = key == Any ? Activator.CreateInstance(entry!) : ValueOf(key);
        var entries = value?.GetType() is { IsGenericType: true } dictionary ? dictionary.GetGenericArguments()[1] : null;
        var section = new SchemaReader(entries is null ? value : null, PathOf(key), leaves, entries);
        Put(key, section.Schema);
        return _sections[key] = section;
    }

    public override IEnumerable<string> Names(string key)
    {
        var section = (SchemaReader)Section(key);
        if (EntryNames.TryGetValue(section._path, out var names)) section.Schema["propertyNames"] = names();
        return [Any];
    }

    // A list may also be written as an object with the numbers as keys, as environment variables do.
    public override IEnumerable<SectionReader> Items(
        string key, [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicProperties)] Type options)
    {
        var item = new SchemaReader(Activator.CreateInstance(options), $"{PathOf(key)}:{Any}", leaves);
        Put(key, new() { ["type"] = new JsonArray("array", "object"), ["items"] = item.Schema, ["additionalProperties"] = item.Schema.DeepClone() });
        yield return item;
        Schema["properties"]![key]!["additionalProperties"] = item.Schema.DeepClone();
    }

    public override void RejectUnknown() => Schema["additionalProperties"] = false;

    private static JsonArray Names(Type type) => new([.. Enum.GetNames(type).Select(n => (JsonNode)n)]);

    private static string Quoted(string text) => JsonSerializer.Serialize(text);

    /// <summary>What an option of any text may be; some are judged further.</summary>
    private static string Sample(string key) => key switch
    {
        "Type" or "Providers" => "vault",
        "Keys" => "key-of-ann-0123456789",
        "Key" => new('k', 32),
        "KeysSha256" => new('a', 64),
        "NoProxy" or "AssetHosts" or "TraceContextHosts" => "vault.example",
        "Operations" => "create",
        "WithImage" => "big",
        "Inputs" => "first_frame",
        "Sizes" => "1280x720",
        "Seconds" => "4",
        "OutputUri" => "vault://bucket/videos/",
        _ => "vault/small",
    };

    private string PathOf(string key) => _path.Length == 0 ? key : $"{_path}:{key}";

    private object? ValueOf(string key) => options?.GetType().GetProperty(key)!.GetValue(options);

    private void Put(string key, JsonObject schema, string[] good, string[] bad, string[]? badAtStart = null)
    {
        leaves.Add(new(PathOf(key), good, bad, badAtStart ?? []));
        var value = ValueOf(key);
        JsonNode? fallback = value switch
        {
            null or IReadOnlyList<string> or IReadOnlyList<int> => null,
            bool flag => flag,
            TimeSpan span => span.ToString("c", CultureInfo.InvariantCulture),
            string or Enum => value.ToString(),
            _ => JsonNode.Parse(((IFormattable)value).ToString(null, CultureInfo.InvariantCulture)),
        };
        if (fallback is not null) schema["default"] = fallback;
        Put(key, schema);
    }

    private void Put(string key, JsonObject schema)
    {
        var member = key == Any ? $"T:{entry!.FullName}" : $"P:{options!.GetType().FullName}.{key}";
        string?[] description = [OptionDocumentation.Of(member), (string?)schema["description"]];
        if (description.Any(d => d is not null))
        {
            schema.Remove("description");
            schema.Insert(0, "description", string.Join(' ', description.OfType<string>()));
        }

        if (key == Any) Schema["additionalProperties"] = schema;
        else if (Schema["properties"] is JsonObject properties) properties[key] = schema;
        else Schema["properties"] = new JsonObject { [key] = schema };
    }
}
