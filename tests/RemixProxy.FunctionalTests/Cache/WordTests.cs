using RemixProxy.FunctionalTests.Kit;
using static RemixProxy.FunctionalTests.Cache.CacheReplies;

namespace RemixProxy.FunctionalTests.Cache;

/// <summary>The shipped embedder and word lists, as a caller meets them: what reads the same is a hit, what means another video never is.</summary>
public class WordTests
{
    [Theory]
    [InlineData("A red fox runs through the snow", "a red fox runs through the snow.")]
    [InlineData("A red fox runs through the snow", "Red fox runs through snow!")]
    [InlineData("A red fox runs through the snow", "Please, a red fox runs through the snow")]
    [InlineData("Make the sky darker", "Could you make the sky darker")]
    public async Task A_surface_variant_is_a_hit(string stored, string asked)
    {
        await using var app = await ProxyApp.StartAsync();
        var first = await app.CreateAsync(Model, stored, Semantic);
        var hit = await app.CreateAsync(Model, asked, Semantic);
        Assert.Equal((first.Id, "semantic"), (hit.Id, hit.HitType()));
        var debug = hit.Debug();
        Assert.Equal(["cache_hit", "cache_id", "hit_type", "provider_used", "model_used", "input_tokens", "threshold", "similarity"], debug.Select(p => p.Key));
        Assert.Equal(("builtin", "lexical-1", 0.85),
            (debug["provider_used"]!.GetValue<string>(), debug["model_used"]!.GetValue<string>(), debug["threshold"]!.GetValue<double>()));
        Assert.InRange(debug["similarity"]!.GetValue<double>(), 0.85, 1);
    }

    [Theory]
    [InlineData("make the car red", "make the car blue")]
    [InlineData("two dogs on a beach", "three dogs on a beach")]
    [InlineData("pan left over the city", "pan right over the city")]
    [InlineData("a village with snow", "a village without snow")]
    [InlineData("turn day into night", "turn night into day")]
    [InlineData("the dog chases the cat", "the cat chases the dog")]
    [InlineData("a sign that says \"open\"", "a sign that says \"shut\"")]
    [InlineData("a man walks home", "a woman walks home")]
    public async Task Another_meaning_is_no_hit_however_low_the_threshold(string stored, string asked)
    {
        await using var app = await ProxyApp.StartAsync();
        var (source, other) = ((await app.CreateFinishedAsync(Model))["id"]!.GetValue<string>(), ("x-remix-cache-threshold", "0"));
        Assert.NotEqual((await app.CreateAsync(Model, stored, Semantic)).Id, (await app.CreateAsync(Model, asked, Semantic, other)).Id);
        _ = (await app.CallAsync("POST", $"v1/videos/{source}/remix", new { prompt = stored }, Semantic)).Id;
        var remix = await app.CallAsync("POST", $"v1/videos/{source}/remix", new { prompt = asked }, Semantic, other);
        Assert.Null(remix.HitType());
        Assert.NotNull(remix.Debug()["similarity"]);
    }
}
