using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using RemixProxy.Adapters;
using RemixProxy.Providers.Kit;

namespace RemixProxy.Tests.Providers.Kit;

/// <summary>Native bodies as adapters write them.</summary>
public class NativeObjectTests
{
    private static readonly MediaFile File = MediaFile.From("a.png", "image/png", "bytes"u8.ToArray());

    [Fact]
    public void Members_stand_in_order_and_what_is_null_is_left_out()
    {
        var body = new NativeObject
        {
            { "text", "a" },
            { "no_text", (string?)null },
            { "whole", 7L },
            { "no_whole", (long?)null },
            { "part", 1.50m },
            { "flag", false },
            { "no_object", (NativeObject?)null },
            { "object", new NativeObject { { "inner", true } } },
            { "empty", new NativeObject() },
            { "objects", new NativeObject[] { new() { { "n", 1 } }, new() { { "n", 2 } } } },
            { "texts", new[] { "x", "y" } },
            { "no_json", (JsonElement?)null },
        };

        Assert.Equal(
            """{"text":"a","whole":7,"part":1.50,"flag":false,"object":{"inner":true},"empty":{},"objects":[{"n":1},{"n":2}],"texts":["x","y"]}""", Text(body));
    }

    [Fact]
    public void What_a_caller_sent_stays_as_it_came_also_a_null()
    {
        var fields = new Dictionary<string, JsonElement>
        {
            ["a"] = JsonElement.Parse("""{"b":null,"c":[1,null]}"""), ["n"] = JsonElement.Parse("null"), ["d"] = JsonElement.Parse("1e2"),
        };

        Assert.Equal("""{"a":{"b":null,"c":[1,null]},"n":null,"d":1e2}""", Text(new NativeObject { fields }));
    }

    [Fact]
    public void A_name_given_again_replaces_its_value_where_it_stands()
    {
        NativeObject[] parts = [new() { { "t", 1 } }];

        Assert.Equal("""{"input":[{"t":1}],"z":1}""", Text(new() { { "input", "text" }, { "z", 1 }, { "input", parts } }));
    }

    [Fact]
    public void The_same_members_can_stand_in_two_bodies()
    {
        var shared = new NativeObject { { "a", new NativeObject { { "b", 1 } } } };

        Assert.Equal("""{"x":1,"a":{"b":1}}""", Text(new() { { "x", 1 }, shared }));
        Assert.Equal("""{"y":{"a":{"b":1}}}""", Text(new() { { "y", shared } }));
    }

    [Fact]
    public void Files_in_any_depth_are_streamed_where_they_stand()
    {
        var other = MediaFile.From("b.wav", "audio/wav", "sound"u8.ToArray());
        var image = new NativeMedia { Inline = new(File, "data:image/png;base64,"), ContentType = "image/png" };
        var sound = new NativeMedia { Inline = new(other), ContentType = "audio/wav" };

        foreach (var (body, expected) in new (NativeObject, string)[]
        {
            (new() { { "image", image }, { "z", 1 } }, """{"image":"data:image/png;base64,‹a.png›","z":1}"""),
            (new() { { "deep", new NativeObject { { "image", image.Inline } } } }, """{"deep":{"image":"data:image/png;base64,‹a.png›"}}"""),
            (new() { { "parts", new NativeObject[] { new() { { "t", "data" } }, new() { { "data", sound.Inline } } } } },
                """{"parts":[{"t":"data"},{"data":"‹b.wav›"}]}"""),
            (new() { { "all", new[] { image, new() { Url = "https://a.example/b.png" }, sound } } },
                """{"all":["data:image/png;base64,‹a.png›","https://a.example/b.png","‹b.wav›"]}"""),
            (new() { { "data", "@media" }, new NativeObject { { "image", sound } } }, """{"data":"@media","image":"‹b.wav›"}"""),
        })
        {
            var json = body.ToBody();
            var text = Encoding.UTF8.GetString(json.Utf8.Span);
            foreach (var (offset, file) in json.Media.Reverse()) text = text.Insert(offset, $"‹{file.Name}›");
            Assert.Equal(expected, text);
        }

        Assert.Equal("""{"image":"https://a.example/b.png"}""", Text(new() { { "image", new NativeMedia { Url = "https://a.example/b.png" } } }));
    }

    [Fact]
    public void A_form_says_the_same_with_the_file_last()
    {
        var form = new NativeObject
        {
            { "prompt", "a" }, { "n", 7 }, { "deep", new NativeObject { { "flag", true } } }, { "list", new[] { "x", "y" } },
            new Dictionary<string, JsonElement> { ["nothing"] = JsonElement.Parse("null") },
        }.ToForm("image", File);

        Assert.Equal(
            [("prompt", "a"), ("n", "7"), ("deep[flag]", "true"), ("list[]", "x"), ("list[]", "y"), ("image", null)], form.Parts.Select(p => (p.Name, p.Text)));
        Assert.Same(File, form.Parts[^1].File);
    }

    private static string Text(NativeObject body)
    {
        var json = body.ToBody();
        Assert.Empty(json.Media);
        Assert.NotNull(JsonNode.Parse(json.Utf8.Span));
        return Encoding.UTF8.GetString(json.Utf8.Span);
    }
}
