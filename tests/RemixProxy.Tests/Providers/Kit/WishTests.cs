using System.Text.Json;
using RemixProxy.Adapters;
using RemixProxy.Contract;
using RemixProxy.Providers.Kit;

namespace RemixProxy.Tests.Providers.Kit;

/// <summary>Nothing that was asked for vanishes in silence.</summary>
public class WishTests
{
    private static readonly Exchange Step = new(new(HttpMethod.Post, "x"), _ => throw new InvalidOperationException());

    private static readonly VideoModel Model = new("m", VideoOperation.Submit)
    {
        Sizes = SizeOption.Standard(["16:9", "9:16"], ["720p", "1080p"]),
        Seconds = Durations.Of(5, 10),
        ExtendSeconds = Durations.Of(3),
        Fields =
        [
            ModelField.Integer("seed"), ModelField.Boolean("loop", VideoOperation.Create), ModelField.Word("mode", VideoOperation.Submit, "std", "pro"),
            ModelField.Object("options"),
        ],
    };

    [Fact]
    public void Every_change_and_every_field_that_nobody_took_is_in_the_plan()
    {
        var wish = new Wish(Request(VideoOperation.Create, """{"seed":"7","unknown":"x"}""") with { Size = new(1000, 1000), Seconds = 4 }, Model);

        Assert.Equal(7, wish.Fields.Value("seed")!.Value.GetInt32());
        wish.FitSize();
        wish.FitSeconds();
        var plan = wish.ToPlan(Step);

        Assert.Equal(("1920x1080", "5", "m"), (plan.Size, plan.Seconds, plan.Model));
        Assert.Equal(
            [
                new("size", "1000x1000", "1920x1080", "nearest supported"), new("seconds", "4", "5", "next supported"),
                new Adjustment("unknown", "x", null, "not supported by mine"),
            ],
            plan.Adjustments);
    }

    [Fact]
    public void A_field_that_the_model_or_the_operation_has_not_is_never_taken()
    {
        var wish = new Wish(Request(VideoOperation.Extend, """{"loop":true,"other":1,"seed":3}"""), Model);

        Assert.Null(wish.Fields.Boolean("loop"));
        Assert.Null(wish.Fields.Json("other"));
        Assert.Equal(3, wish.Fields.Integer("seed"));
        Assert.Equal(["loop", "other"], wish.ToPlan(Step).Adjustments.Select(a => a.Param));
    }

    [Theory]
    [InlineData("""{"seed":1.5}""", "seed")]
    [InlineData("""{"mode":"best"}""", "mode")]
    [InlineData("""{"mode":5}""", "mode")]
    [InlineData("""{"options":[]}""", "options")]
    [InlineData("""{"loop":"perhaps"}""", "loop")]
    public void A_value_of_another_kind_is_refused(string fields, string name)
    {
        var wish = new Wish(Request(VideoOperation.Create, fields), Model);

        Assert.Equal(name, Assert.Throws<VideoRequestException>(() => wish.Fields.Value(name)).Param);
    }

    [Theory]
    [InlineData("seed", "\"7\"", "7")]
    [InlineData("loop", "\"True\"", "true")]
    [InlineData("options", "\"{\\\"a\\\":1}\"", """{"a":1}""")]
    [InlineData("mode", "\"pro\"", "\"pro\"")]
    [InlineData("mode", "null", null)]
    public void A_forms_text_becomes_what_the_field_is(string name, string value, string? read)
    {
        var wish = new Wish(Request(VideoOperation.Create, $$"""{"{{name}}":{{value}}}"""), Model);

        Assert.Equal(read, wish.Fields.Value(name)?.GetRawText());
    }

    [Fact]
    public void Fields_cannot_be_read_behind_the_plans_back()
    {
        var wish = new Wish(Request(VideoOperation.Create, "{}"), Model);
        wish.ToPlan(Step);

        Assert.Throws<InvalidOperationException>(() => wish.Fields.Integer("seed"));
    }

    [Fact]
    public void A_ratio_or_resolution_wins_over_the_size()
    {
        var wish = new Wish(Request(VideoOperation.Create, """{"aspect_ratio":"16:9","resolution":"1080P"}""") with { Size = new(720, 1280) }, Model);

        Assert.Equal(new("16:9", "1080p", new(1920, 1080)), wish.FitSize());
        Assert.Equal([new("size", "720x1280", "1920x1080", "an aspect ratio or resolution was given")], wish.ToPlan(Step).Adjustments);
    }

    [Fact]
    public void An_extension_has_lengths_of_its_own_and_is_told_with_its_source()
    {
        var request = Request(VideoOperation.Extend, "{}") with { Seconds = 3, SourceSeconds = "4.5", SourceSize = "1280x720", Size = new(720, 1280) };
        var wish = new Wish(request, Model);

        wish.FollowSourceSize();
        wish.Append(wish.FitSeconds());
        var plan = wish.ToPlan(Step);

        Assert.Equal("7.5", plan.Seconds);
        Assert.Equal([new("size", "720x1280", "1280x720", "follows the source")], plan.Adjustments);
    }

    private static SubmitRequest Request(VideoOperation operation, string fields) => new()
    {
        Operation = operation, Model = "m", Prompt = "A boat", BaseUrl = new("https://mine.example/v1/"), Provider = "mine",
        Fields = JsonElement.Parse(fields).EnumerateObject().ToDictionary(f => f.Name, f => f.Value),
    };
}
