using System.Text.Json.Nodes;
using RemixProxy.TestKit;

namespace RemixProxy.Tests.TestKit;

/// <summary>The instrument that answers are measured with.</summary>
public class JsonSchemaTests
{
    [Theory]
    [InlineData("""{"type":"string"}""", "\"a\"", "1")]
    [InlineData("""{"type":["null","integer"]}""", "null", "1.5")]
    [InlineData("""{"type":"integer"}""", "1.0", "true")]
    [InlineData("""{"type":"number"}""", "1e-3", "\"1\"")]
    [InlineData("""{"type":"boolean"}""", "false", "null")]
    [InlineData("""{"type":"object"}""", "{}", "[]")]
    [InlineData("""{"type":"array"}""", "[]", "{}")]
    [InlineData("""{"enum":["a",true]}""", "true", "\"b\"")]
    [InlineData("""{"const":"a"}""", "\"a\"", "null")]
    [InlineData("""{"required":["a"]}""", """{"a":null}""", "{}")]
    [InlineData("""{"properties":{"a":{"type":"string"}}}""", """{"b":1}""", """{"a":1}""")]
    [InlineData("""{"properties":{"a":{}},"additionalProperties":false}""", """{"a":1}""", """{"b":1}""")]
    [InlineData("""{"properties":{"a":{}},"additionalProperties":{"type":"string"}}""", """{"a":1,"b":"1"}""", """{"b":1}""")]
    [InlineData("""{"propertyNames":{"pattern":"^a$"}}""", """{"a":1}""", """{"b":1}""")]
    [InlineData("""{"items":{"type":"string"}}""", """["a"]""", """["a",1]""")]
    [InlineData("""{"minProperties":1}""", """{"a":1}""", "{}")]
    [InlineData("""{"maxProperties":1}""", """{"a":1}""", """{"a":1,"b":1}""")]
    [InlineData("""{"minimum":-1}""", "-1", "-1.01")]
    [InlineData("""{"exclusiveMinimum":0}""", "0.1", "0")]
    [InlineData("""{"maximum":60}""", "60", "61")]
    [InlineData("""{"minLength":1}""", "\"a\"", "\"\"")]
    [InlineData("""{"maxLength":1}""", "\"\\ud83c\\udfac\"", "\"ab\"")]
    [InlineData("""{"pattern":"^a+$"}""", "\"aa\"", "\"ab\"")]
    [InlineData("""{"format":"uri"}""", "\"https://a/b\"", "\"b\"")]
    [InlineData("""{"format":"int64"}""", "9223372036854775807", "9223372036854775808")]
    [InlineData("""{"contentEncoding":"base64"}""", "\"QUJD\"", "\"Q\"")]
    [InlineData("""{"anyOf":[{"type":"null"},{"type":"string"}]}""", "null", "1")]
    [InlineData("""{"allOf":[{"type":"integer"},{"minimum":1}]}""", "1", "0")]
    [InlineData("""{"$ref":"#/defs/a~1b","description":"x"}""", "1", "\"a\"")]
    public void Each_keyword_lets_the_right_value_through_and_not_the_wrong_one(string schema, string right, string wrong)
    {
        var checker = new JsonSchema(JsonNode.Parse("""{"defs":{"a/b":{"type":"integer"}}}""")!);
        var parsed = JsonNode.Parse(schema)!;

        checker.Audit(parsed);
        Assert.Empty(checker.Check(parsed, JsonNode.Parse(right)));
        Assert.NotEmpty(checker.Check(parsed, JsonNode.Parse(wrong)));
    }

    [Theory]
    [InlineData("""{"uniqueItems":true}""")]
    [InlineData("""{"patternProperties":{"a":{"type":"string"}}}""")]
    [InlineData("""{"format":"date-time"}""")]
    [InlineData("""{"type":"date"}""")]
    [InlineData("""{"contentEncoding":"gzip"}""")]
    [InlineData("""{"$ref":"#/defs/none"}""")]
    [InlineData("""{"$ref":"other.json"}""")]
    [InlineData("""{"properties":{"deep":{"items":{"allOf":[{"not":{}}]}}}}""")]
    public void What_it_does_not_know_it_refuses_wherever_it_stands(string schema)
    {
        var checker = new JsonSchema(new JsonObject());

        Assert.Throws<NotSupportedException>(() => checker.Audit(JsonNode.Parse(schema)!));
    }

    [Fact]
    public void A_fault_says_where_it_is()
    {
        var schema = JsonNode.Parse("""{"properties":{"data":{"items":{"properties":{"id":{"type":"string"}}}}}}""")!;

        var fault = Assert.Single(new JsonSchema(schema).Check(schema, JsonNode.Parse("""{"data":[{"id":"a"},{"id":1}]}""")));
        Assert.StartsWith("$.data[1].id: 1 against type", fault, StringComparison.Ordinal);
    }
}
