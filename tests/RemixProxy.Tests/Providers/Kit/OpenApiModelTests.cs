using System.Text;
using System.Text.Json;
using RemixProxy.Adapters;
using RemixProxy.Exchanges;
using RemixProxy.Providers;
using RemixProxy.Providers.Kit;

namespace RemixProxy.Tests.Providers.Kit;

/// <summary>What vendors say of their models, in documents that may be anything.</summary>
public class OpenApiModelTests
{
    [Theory]
    [InlineData("""{"type":"string","enum":["a","b",null,""]}""", "string", "\"a\" \"b\"", null, null)]
    [InlineData("""{"type":["integer","null"],"minimum":1,"maximum":9}""", "integer", null, 1, 9)]
    [InlineData("""{"anyOf":[{"enum":["a"],"type":"string"},{"type":"null"}]}""", "string", "\"a\"", null, null)]
    [InlineData("""{"anyOf":[{"enum":["a"],"type":"string"},{"type":"integer","minimum":2}]}""", null, null, null, null)]
    [InlineData("""{"oneOf":[{"enum":["a"]},{"const":5}]}""", null, "\"a\" 5", null, null)]
    [InlineData("""{"allOf":[{"$ref":"#/schemas/Three"},{"enum":[2,3,4]}],"maximum":4}""", "integer", "2 3", null, 4)]
    [InlineData("""{"$ref":"#/schemas/Circle"}""", "string", null, null, null)]
    [InlineData("""{"$ref":"#/schemas/Nobody"}""", null, null, null, null)]
    [InlineData("""{"$ref":"https://elsewhere.example/x"}""", null, null, null, null)]
    [InlineData("5", null, null, null, null)]
    public void A_field_takes_what_its_schema_allows(string schema, string? type, string? values, int? min, int? max)
    {
        var field = Assert.Single(Read($$"""{"required":["x","y"],"properties":{"x":{{schema}}} }""")!);

        Assert.Equal(("x", true, type, (decimal?)min, (decimal?)max), (field.Name, field.IsRequired, field.Type, field.Min, field.Max));
        Assert.Equal(values, field.Values is { } all ? string.Join(' ', all.Select(v => v.GetRawText())) : null);
    }

    [Theory]
    [InlineData("""{"type":"object"}""")]
    [InlineData("[]")]
    [InlineData("""{"properties":[]}""")]
    public void A_schema_without_properties_describes_nothing(string schema) => Assert.Null(Read(schema));

    [Fact]
    public void References_that_multiply_end() =>
        Assert.Equal(["a"], Read("""{"$ref":"#/schemas/Many"}""")!.Select(f => f.Name));

    [Theory]
    [InlineData("fal")]
    [InlineData("replicate")]
    public async Task No_answer_to_a_look_breaks_out_of_it(string type)
    {
        var adapter = BuiltInAdapters.All.Single(a => a.Profile.Type == type);
        var answer = """
            {"models":[{"endpoint_id":"m","metadata":{"status":"active"},"openapi":{"paths":{"/m":{"post":{"requestBody":{"content":{"application/json":
            {"schema":{"required":["a"],"properties":{"a":{"enum":[1,"b"],"anyOf":[{"$ref":"#/paths"}]}}}}}}}}}}}],"next_cursor":"Mg==","has_more":true,
            "name":"m","latest_version":{"openapi_schema":{"components":{"schemas":{"Input":{"properties":{"a":{"allOf":[{"$ref":"#/components"}]}}}}}}}}
            """;
        foreach (var look in adapter.Looks([new ConfiguredModel("m", default)], new(adapter.Profile.BaseUrl!)).ToArray())
        {
            for (var i = 0; i < 60; i++)
            {
                var (random, sent) = (new Random(i), 0);
                var body = Encoding.UTF8.GetBytes(Changed(answer, random));
                var outcome = await StepRunner.RunAsync(look.First, exchange =>
                {
                    Assert.False(exchange.Forward);
                    Assert.True(++sent <= 100);
                    return new(new ExchangeResult.Answered(new(200, new Dictionary<string, string>(), body)));
                });

                Assert.True(outcome is Outcome.Listed or Outcome.Unreadable);
            }
        }
    }

    // Cuts, doubles or replaces a few characters.
    private static string Changed(string text, Random random)
    {
        for (var changes = random.Next(3); changes > 0; changes--)
        {
            var (at, length) = (random.Next(text.Length), random.Next(12));
            var piece = text.Substring(at, Math.Min(length, text.Length - at));
            text = text.Remove(at, piece.Length).Insert(at, random.Next(4) switch { 0 => "", 1 => piece + piece, 2 => "\"\\ud800\"", _ => "null" });
        }

        return text;
    }

    private static IReadOnlyList<NativeField>? Read(string schema)
    {
        var document = JsonElement.Parse("""
            {"schemas":{"Three":{"type":"integer","enum":[1,2,3]},"Circle":{"type":"string","allOf":[{"$ref":"#/schemas/Circle"}]},
            "Many":{"properties":{"a":{}},"allOf":[{"$ref":"#/schemas/Many"},{"$ref":"#/schemas/Many"},{"$ref":"#/schemas/Many"},{"$ref":"#/schemas/Many"},
            {"$ref":"#/schemas/Many"},{"$ref":"#/schemas/Many"},{"$ref":"#/schemas/Many"},{"$ref":"#/schemas/Many"},{"$ref":"#/schemas/Many"}]}}}
            """);
        return OpenApiModel.Read(document, JsonElement.Parse(schema));
    }
}
