using System.Net.Http.Json;
using System.Text.Json.Nodes;
using RemixProxy.FunctionalTests.Kit;

namespace RemixProxy.FunctionalTests.Submits;

/// <summary>Which provider and model a request means, and what became of its wishes.</summary>
public class ModelTests
{
    [Fact]
    public async Task Models_list_the_aliases_and_every_model_with_what_it_can_do()
    {
        await using var app = await ProxyApp.StartAsync();
        var list = await app.GetAsync("v1/models");
        Assert.Equal("list", list["object"]!.GetValue<string>());
        var models = list["data"]!.AsArray().ToDictionary(m => m!["id"]!.GetValue<string>(), m => m!.AsObject());

        Assert.Equal(("gemini", "native"), (Text(models["sora-2"], "owned_by"), Text(models["sora-2"]["capabilities"]!, "remix")));
        Assert.All(["sora-2-pro", "gemini/gemini-omni-1.1-flash", "luma/ray-3.2", "openai/sora-2"], id => Assert.Contains(id, models.Keys));
        Assert.Equal("edit", Text(models["runway/aleph2"]["capabilities"]!, "remix"));
        Assert.Equal("reference", Text(models["runway/seedance2"]["capabilities"]!, "remix"));
        Assert.Equal("reference", Text(models["ark/dreamina-seedance-2-0-260128"]["capabilities"]!, "remix"));
        Assert.Equal("edit", Text(models["ark/dreamina-seedance-2-5-260628"]["capabilities"]!, "remix"));
        Assert.Equal(["remix", "edit", "retrieve", "delete", "content", "list", "cancel"], Words(models["runway/aleph2"], "operations"));
        Assert.Contains("extend", Words(models["luma/ray-3.2"], "operations"));
        Assert.Contains("720x1280", Words(models["luma/ray-3.2"], "sizes"));
        Assert.Equal(["9:16", "3:4", "1:1", "4:3", "16:9", "21:9"], Words(models["luma/ray-3.2"], "aspect_ratios"));
        Assert.Equal("[5,10]", models["luma/ray-3.2"]["capabilities"]!["seconds"]!.ToJsonString());
        Assert.All(models.Values, m => Assert.Equal("model", Text(m, "object")));
    }

    [Theory]
    [InlineData("sora-2", ":gemini")]
    [InlineData("sora-2-pro", ":gemini")]
    [InlineData(null, ":gemini")]
    [InlineData("ray-3.2", ":luma")]
    [InlineData("luma/ray-3.2", ":luma")]
    [InlineData("mine", ":runway")]
    public async Task A_model_is_an_explicit_target_an_alias_or_a_declared_name(string? model, string suffix)
    {
        await using var app = await ProxyApp.StartAsync(
            new() { Settings = new() { ["RemixProxy:Models:mine:0"] = "runway/gen4.5", ["RemixProxy:Models:mine:1"] = "luma/ray-3.2" } });
        var video = await app.PostAsync("v1/videos", new { model, prompt = "A boat" });
        Assert.EndsWith(suffix, Text(video, "id"), StringComparison.Ordinal);
        Assert.Equal(model ?? "sora-2", Text(video["extra_fields"]!, "model_requested"));
        Assert.Equal(Text(video, "model"), Text(video["extra_fields"]!, "model_deployment"));
    }

    [Theory]
    [InlineData("gemini", ":luma")]
    [InlineData("luma", ":gemini")]
    public async Task Unchanged_code_goes_to_the_first_enabled_provider(string disabled, string suffix)
    {
        await using var app = await ProxyApp.StartAsync(new() { Settings = new() { [$"RemixProxy:Providers:{disabled}:Enabled"] = "false" } });
        Assert.EndsWith(suffix, Text(await app.PostAsync("v1/videos", new { model = "sora-2", prompt = "A boat" }), "id"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_model_the_default_one_is_taken()
    {
        await using var app = await ProxyApp.StartAsync(new() { Settings = new() { ["RemixProxy:DefaultModel"] = "runway/veo3.1" } });
        Assert.Equal("veo3.1", Text(await app.PostAsync("v1/videos", new { prompt = "A boat" }), "model"));
    }

    [Fact]
    public async Task Configured_models_create_and_remix()
    {
        await using var app = await ProxyApp.StartAsync(
            new()
            {
                Settings = new()
                {
                    ["RemixProxy:Providers:runway:CreateModel"] = "veo3.1", ["RemixProxy:Providers:runway:RemixModel"] = "gemini_omni_flash",
                    ["RemixProxy:Models:sora-2"] = "runway/veo3.1"
                }
            });
        var video = await app.CreateFinishedAsync("sora-2");
        var remix = await app.PostAsync($"v1/videos/{Text(video, "id")}/remix", new { prompt = "make it snow" });
        Assert.Equal(("veo3.1", "gemini_omni_flash"), (Text(video, "model"), Text(remix, "model")));
    }

    [Fact]
    public async Task In_a_remix_a_bare_model_is_the_source_providers_own()
    {
        await using var app = await ProxyApp.StartAsync();
        var id = Text(await app.CreateFinishedAsync("runway/gen4.5"), "id");
        var path = $"v1/videos/{id}/remix";
        // An alias must not carry the video to another provider.
        (await app.SendAsync(HttpMethod.Post, path, JsonContent.Create(new { model = "sora-2", prompt = "x" }))).Error(404, "model_not_found", "model");
        Assert.Equal("seedance2_5", Text(await app.PostAsync(path, new { model = "seedance2_5", prompt = "make it snow" }), "model"));
    }

    [Theory]
    [InlineData("openai/sora-2-pro", true)]
    [InlineData("sora-2-pro", true)]
    [InlineData("openai/sora-2", false)]
    [InlineData("sora-2", false)]
    public async Task A_provider_that_remixes_with_the_sources_model_tells_that_it_took_no_other(string model, bool differs)
    {
        await using var app = await ProxyApp.StartAsync();
        var id = Text(await app.CreateFinishedAsync("openai/sora-2"), "id");

        var remix = await app.PostAsync($"v1/videos/{id}/remix", new { model, prompt = "make it snow" });

        Assert.Equal("sora-2", Text(remix, "model"));
        Assert.DoesNotContain("sora", app.Sandbox.Requests[^1].BodyText, StringComparison.Ordinal);
        if (differs) Assert.Equal((model, "sora-2"), Adjustments(remix)["model"]);
        else Assert.DoesNotContain("adjustments", remix["extra_fields"]!.AsObject().Select(p => p.Key));
    }

    [Fact]
    public async Task An_unknown_model_is_404_and_asks_nobody()
    {
        await using var app = await ProxyApp.StartAsync();
        foreach (var model in new[] { "veo-9", "nobody/veo-9", "/", "luma/" })
            (await app.SendAsync(HttpMethod.Post, "v1/videos", JsonContent.Create(new { model, prompt = "x" }))).Error(404, "model_not_found", "model");
        Assert.Empty(app.Sandbox.Requests);
    }

    [Theory]
    [InlineData("gemini/gemini-omni-1.1-flash", "7.5", "7.5")]
    [InlineData("luma/ray-3.2", "7", "10")]
    [InlineData("runway/gen4.5", "60", "10")]
    [InlineData("openai/sora-2", "5", "8")]
    public async Task Portrait_stays_portrait_and_every_change_is_reported(string model, string seconds, string used)
    {
        await using var app = await ProxyApp.StartAsync();
        var video = await app.PostAsync("v1/videos", new { model, prompt = "A boat", size = "1000x1800", seconds });
        var sides = Text(video, "size").Split('x').Select(int.Parse).ToArray();
        Assert.True(sides[1] > sides[0], Text(video, "size"));
        Assert.Equal(used, Text(video, "seconds"));
        var adjustments = Adjustments(video);
        Assert.Equal(("1000x1800", Text(video, "size")), adjustments["size"]);
        if (used == seconds) Assert.DoesNotContain("seconds", adjustments.Keys);
        else Assert.Equal((seconds, used), adjustments["seconds"]);
        // The clip has the height that the request asked for, so that is what was sent.
        Assert.Equal(Text(video, "size"), Text(await app.FinishAsync(Text(video, "id")), "size"));
    }

    [Theory]
    [InlineData("gemini/gemini-omni-1.1-flash")]
    [InlineData("luma/ray-3.2")]
    [InlineData("runway/gen4.5")]
    public async Task Fields_that_nobody_knows_are_reported_and_not_sent(string model)
    {
        await using var app = await ProxyApp.StartAsync();
        var video = await app.PostAsync("v1/videos", new { model, prompt = "A boat", style = "noir", quality = new { level = 3 } });
        var adjustments = Adjustments(video);
        Assert.Equal((("noir", (string?)null), ("{\"level\":3}", (string?)null)), (adjustments["style"], adjustments["quality"]));
        Assert.DoesNotContain("noir", Assert.Single(app.Sandbox.Requests).BodyText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wish_met_to_the_letter_makes_no_adjustment()
    {
        await using var app = await ProxyApp.StartAsync();
        var video = await app.PostAsync("v1/videos", new { model = "luma/ray-3.2", prompt = "A boat", size = "720x1280", seconds = 5 });
        Assert.DoesNotContain("adjustments", video["extra_fields"]!.AsObject().Select(p => p.Key));
        Assert.Equal("""{"cache_hit":false}""", video["extra_fields"]!["cache_debug"]!.ToJsonString());
    }

    private static Dictionary<string, (string Requested, string? Used)> Adjustments(JsonObject video) =>
        video["extra_fields"]!["adjustments"]!.AsArray().ToDictionary(a => Text(a!, "param"), a => (Text(a!, "requested"), a!["used"]?.GetValue<string>()));

    private static string[] Words(JsonObject model, string name) => [.. model["capabilities"]![name]!.AsArray().Select(w => w!.GetValue<string>())];

    private static string Text(JsonNode node, string name) => node[name]!.GetValue<string>();
}
