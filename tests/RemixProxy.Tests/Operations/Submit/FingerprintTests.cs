using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using RemixProxy.Adapters;
using RemixProxy.Cache;
using RemixProxy.Contract;
using RemixProxy.Operations.Submit;

namespace RemixProxy.Tests.Operations.Submit;

/// <summary>Laws of <see cref="Fingerprint"/>: how a request is written doesn't matter, any real difference does.</summary>
public class FingerprintTests
{
    private const string Png = "data:image/png;base64,iVBORw0KGgo=";

    /// <summary>Every field differs from the others' values, so that a change of one is seen nowhere else.</summary>
    private const string Full =
        $$"""
        {"prompt":"A red car","model":"sora-2","seconds":8,"size":"1280x720","seed":42,"style":"noir","strength":0.25,"flags":[true,null,"a"],
         "input_reference":{"image_url":"{{Png}}"},"deep":{"list":[{"url":"{{Png}}"},1.50],"empty":{},"text":"8"} }
        """;

    [Fact]
    public void The_way_a_request_is_written_does_not_matter() => Prop.ForAll(Seeds, seed =>
    {
        var random = new Random(seed);
        return Of(Full) == Of(Rewritten(JsonNode.Parse(Full)!, random));
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Any_change_of_one_value_or_name_does() => Prop.ForAll(Seeds, seed =>
    {
        var random = new Random(seed);
        var changed = JsonNode.Parse(Full)!;
        var what = Change(changed, random);
        return (Of(Full) != Of(changed.ToJsonString())).Label(what);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Numbers_count_by_value_whatever_their_spelling_and_none_is_rounded() => Prop.ForAll(Seeds, seed =>
    {
        var random = new Random(seed);
        var digits = string.Concat(Enumerable.Range(0, random.Next(1, 60)).Select(_ => (char)('0' + random.Next(10)))).TrimStart('0') + "7";
        var other = digits[..^1] + "8";
        var exponent = random.Next(-400, 400);
        var one = CanonicalNumber.Of(Spelled(digits, exponent, random));
        return one == CanonicalNumber.Of(Spelled(digits, exponent, random))
            && one != CanonicalNumber.Of(Spelled(other, exponent, random))
            && one != CanonicalNumber.Of("-" + Spelled(digits, exponent, random))
            && one != CanonicalNumber.Of(Spelled(digits, exponent + 1, random));
    }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("5", "5.0")]
    [InlineData("5", "5e0")]
    [InlineData("5", "0.5E+1")]
    [InlineData("500", "5e2")]
    [InlineData("0", "-0.0e7")]
    [InlineData("1e-7", "0.0000001")]
    [InlineData("1e5", "1e0000000000000000000000000000000000000005")]
    public void One_value(string a, string b) => Assert.Equal(CanonicalNumber.Of(a), CanonicalNumber.Of(b));

    [Theory]
    [InlineData("5", "-5")]
    [InlineData("9007199254740992", "9007199254740993")]
    [InlineData("0.1", "0.10000000000000000000000000000000000001")]
    [InlineData("1e400", "1e401")]
    [InlineData("1e999999999999999999999", "1e999999999999999999998")]
    public void Two_values(string a, string b) => Assert.NotEqual(CanonicalNumber.Of(a), CanonicalNumber.Of(b));

    [Theory]
    [InlineData("""{"prompt":"x","seconds":8}""", """{"prompt":"x","seconds":"8"}""")]
    [InlineData("""{"prompt":"x","seconds":8}""", """{"prompt":"x","seconds":"8.00"}""")]
    [InlineData("""{"prompt":"x","size":"1280x720"}""", """{"prompt":"x","size":"1280X0720"}""")]
    [InlineData("""{"prompt":"x"}""", """{"prompt":"x","seed":null,"size":null,"model":null}""")]
    [InlineData("""{"prompt":"caf\u00e9 au lait"}""", """{"prompt":"cafe\u0301 au lait"}""")]
    [InlineData("""{"prompt":"a dog"}""", """{"prompt":" \n\ta\u00a0\u2003 dog\u3000\r\n"}""")]
    [InlineData("""{"prompt":"x","image":"data:image/png;base64,AAEC"}""", """{"prompt":"x","image":"DATA:IMAGE/PNG;BASE64,AA EC"}""")]
    public void The_same_wish(string a, string b) => Assert.Equal(Of(a), Of(b));

    [Theory]
    [InlineData("""{"prompt":"a dog"}""", """{"prompt":"A dog"}""")]
    [InlineData("""{"prompt":"a dog"}""", """{"prompt":"adog"}""")]
    [InlineData("""{"prompt":"a dog"}""", """{"prompt":"a\u200bdog"}""")]
    [InlineData("""{"prompt":"2 dogs"}""", """{"prompt":"3 dogs"}""")]
    [InlineData("""{"prompt":"e"}""", """{"prompt":"e\u0301"}""")]
    [InlineData("""{"prompt":"x","size":"1280x720"}""", """{"prompt":"x","size":"720x1280"}""")]
    [InlineData("""{"prompt":"x","seconds":8}""", """{"prompt":"x","seconds":8.000000000000000000000000000000000001}""")]
    [InlineData("""{"prompt":"x"}""", """{"prompt":"x","seed":0}""")]
    [InlineData("""{"prompt":"x","seed":1}""", """{"prompt":"x","seed":"1"}""")]
    [InlineData("""{"prompt":"x","a":"b"}""", """{"prompt":"x","b":"a"}""")]
    [InlineData("""{"prompt":"x","a":["b","c"]}""", """{"prompt":"x","a":["c","b"]}""")]
    [InlineData("""{"prompt":"x","a":["b",["c"]]}""", """{"prompt":"x","a":[["b"],"c"]}""")]
    [InlineData("""{"prompt":"x","a":{"b":null}}""", """{"prompt":"x","a":{}}""")]
    [InlineData("""{"prompt":"x","a":"true"}""", """{"prompt":"x","a":true}""")]
    [InlineData("""{"prompt":"x","a":"style  noir"}""", """{"prompt":"x","a":"style noir"}""")]
    [InlineData("""{"prompt":"x","image":"data:image/png;base64,AAEC"}""", """{"prompt":"x","image":"data:image/png;base64,AAED"}""")]
    [InlineData("""{"prompt":"x","image":"data:image/png;base64,AAEC"}""", """{"prompt":"x","image":"data:image/webp;base64,AAEC"}""")]
    [InlineData("""{"prompt":"x","image":"data:text/plain;charset=a;base64,AAEC"}""", """{"prompt":"x","image":"data:text/plain;charset=b;base64,AAEC"}""")]
    [InlineData("""{"prompt":"x","image":"https://a.example/1.png"}""", """{"prompt":"x","image":"https://a.example/2.png"}""")]
    public void Another_wish(string a, string b) => Assert.NotEqual(Of(a), Of(b));

    [Fact]
    public async Task A_file_counts_by_its_field_its_type_and_its_bytes_and_not_by_its_name()
    {
        var file = await OfFileAsync("input_reference", "a.png", "image/png", [1, 2, 3]);
        Assert.Equal(file, await OfFileAsync("input_reference", "b.png", "IMAGE/png", [1, 2, 3]));
        Assert.NotEqual(file, await OfFileAsync("input_reference", "a.png", "image/png", [1, 2, 4]));
        Assert.NotEqual(file, await OfFileAsync("input_reference", "a.png", "image/webp", [1, 2, 3]));
        Assert.NotEqual(file, await OfFileAsync("video", "a.png", "image/png", [1, 2, 3]));
        Assert.NotEqual(file, Of("""{"prompt":"x"}"""));
    }

    [Fact]
    public void Operation_and_source_are_part_of_a_request()
    {
        var all = new[] { VideoOperation.Create, VideoOperation.Remix, VideoOperation.Edit, VideoOperation.Extend }
            .SelectMany(o => new[] { null, "", "a:runway", "b:runway" }.Select(s => Of("""{"prompt":"x"}""", o, s))).ToArray();
        Assert.Equal(all.Length, all.Distinct().Count());
    }

    [Theory]
    [InlineData(VideoOperation.Edit, true)]
    [InlineData(VideoOperation.Extend, true)]
    [InlineData(VideoOperation.Create, false)]
    [InlineData(VideoOperation.Remix, false)]
    public void The_field_that_names_the_source_is_no_parameter_beside_it(VideoOperation operation, bool same) =>
        Assert.Equal(same, Parameters("""{"prompt":"x","video":{"id":"a:runway"}}""", operation) == Parameters(
            """{"prompt":"x","video":{"id":"a:runway:runway"}}""", operation));

    private static Arbitrary<int> Seeds => Gen.Choose(0, int.MaxValue).ToArbitrary();

    private static string Of(string json, VideoOperation operation = VideoOperation.Create, string? source = null) => Read(json, operation, source).Request;

    private static string Parameters(string json, VideoOperation operation) => Read(json, operation, source: null).Parameters(_ => true);

    private static Fingerprint Read(string json, VideoOperation operation, string? source) =>
        Wait(Fingerprint.OfAsync(operation, source, RequestBody.Of(JsonNode.Parse(json)!.AsObject()), CancellationToken.None));

    /// <summary>Without files it is there at once; a property can't await.</summary>
    private static T Wait<T>(ValueTask<T> task)
    {
        Assert.True(task.IsCompletedSuccessfully);
        return task.Result;
    }

    private static async Task<string> OfFileAsync(string field, string name, string type, byte[] bytes)
    {
        var body = RequestBody.Of((MultipartPart[])[new("prompt", "x"), new(field, null, MediaFile.From(name, type, bytes))]);
        return (await Fingerprint.OfAsync(VideoOperation.Create, null, body, CancellationToken.None)).Request;
    }

    /// <summary>The same JSON: members shuffled, numbers and strings spelled otherwise, white space strewn in; in the prompt too.</summary>
    private static string Rewritten(JsonNode? node, Random random, string name = "") => node switch
    {
        null => "null",
        JsonObject o =>
            "{" + Space(random) + string.Join(
            "," + Space(random), Shuffled(
                o.Select(p => $"{JsonSerializer.Serialize(p.Key)}{Space(random)}:{Rewritten(p.Value, random, p.Key)}"), random)) + "}",
        JsonArray a => "[" + string.Join("," + Space(random), a.Select(v => Rewritten(v, random))) + Space(random) + "]",
        _ => node.GetValueKind() switch
        {
            JsonValueKind.Number => Respelled(node.ToJsonString(), random),
            JsonValueKind.String => Escaped(name == "prompt" ? node.GetValue<string>().Replace(" ", " \u2009\n") + "\t" : node.GetValue<string>(), random),
            _ => node.ToJsonString(),
        },
    };

    private static string[] Shuffled(IEnumerable<string> items, Random random)
    {
        var all = items.ToArray();
        random.Shuffle(all);
        return all;
    }

    private static string Space(Random random) => new(' ', random.Next(3));

    private static string Escaped(string text, Random random)
    {
        var json = new StringBuilder("\"");
        foreach (var c in text) json.Append(c < ' ' || random.Next(4) == 0 ? $"\\u{(int)c:x4}" : JsonEncodedText.Encode([c]).Value);
        return json.Append('"').ToString();
    }

    private static string Respelled(string number, Random random)
    {
        var value = decimal.Parse(number, NumberStyles.Float, CultureInfo.InvariantCulture);
        return random.Next(3) switch
        {
            0 => (value * 1000m).ToString("0.###", CultureInfo.InvariantCulture) + "e-3",
            1 => value.ToString("0.00###", CultureInfo.InvariantCulture),
            _ => (value / 100m).ToString("0.#####", CultureInfo.InvariantCulture) + "E+2",
        };
    }

    /// <summary>One of many ways to write digits times a power of ten.</summary>
    private static string Spelled(string digits, int exponent, Random random)
    {
        var zeros = random.Next(4);
        var point = random.Next(digits.Length + zeros + 1);
        var text = digits + new string('0', zeros);
        var (whole, fraction) = (text[..point], text[point..]);
        var written = (whole.Length == 0 ? "0" : whole) + (fraction.Length == 0 ? "" : "." + fraction);
        return $"{written}{(random.Next(2) == 0 ? "e" : "E")}{(exponent - zeros + fraction.Length).ToString(
            random.Next(2) == 0 ? "0" : "+0;-0;0", CultureInfo.InvariantCulture)}";
    }

    /// <summary>Changes one value, or adds, removes or renames one member, anywhere.</summary>
    private static string Change(JsonNode node, Random random)
    {
        switch (node)
        {
            case JsonObject o when o.Count == 0 || random.Next(6) == 0:
                o["added" + random.Next(100)] = 0;
                return "added";
            case JsonObject o:
                var (name, value) = o.ElementAt(random.Next(o.Count));
                // A list in a list is changed inside; a prompt has to stay a text.
                if (value is JsonObject or JsonArray && random.Next(3) > 0) return Change(value, random);
                if (name is not ("prompt" or "model") && random.Next(4) == 0)
                {
                    o.Remove(name);
                    if (random.Next(2) == 0) o[name + "_"] = value?.DeepClone();
                    return "renamed or removed " + name;
                }

                o[name] = Other(value, random);
                return "changed " + name;
            case JsonArray a when random.Next(3) == 0:
                a.Add(random.Next(100));
                return "appended";
            case JsonArray a:
                var i = random.Next(a.Count);
                if (a[i] is JsonObject or JsonArray) return Change(a[i]!, random);
                a[i] = Other(a[i], random);
                return "changed [" + i + "]";
            default:
                throw new InvalidOperationException();
        }
    }

    private static JsonNode Other(JsonNode? value, Random random) => value?.GetValueKind() switch
    {
        JsonValueKind.Number => JsonNode.Parse(value.ToJsonString() + (value.ToJsonString().Contains('.') ? "1" : ".001"))!,
        JsonValueKind.String when value.GetValue<string>() is var text && random.Next(2) == 0 => text.Length > 0 && char.IsLower(text[^1])
            ? text[..^1] + char.ToUpperInvariant(text[^1])
            : text + "x",
        JsonValueKind.String => "~" + value.GetValue<string>(),
        JsonValueKind.True => false,
        _ => 17,
    };
}
