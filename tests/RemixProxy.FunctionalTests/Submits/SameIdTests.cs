using RemixProxy.FunctionalTests.Kit;

namespace RemixProxy.FunctionalTests.Submits;

/// <summary>A server that begins to count anew and gives out an id a second time.</summary>
public class SameIdTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_new_video_takes_the_place_of_the_old_one(bool deleted)
    {
        var upstream = new Upstream();
        await using var app = await ProxyApp.StartAsync(new() { Sandbox = upstream.Sandbox });
        upstream.OnSubmit("openai", Upstream.Answers(200, """{"id":"video_1","status":"queued"}"""));
        var id = (await app.CreateAsync("openai/sora-2", "old")).Id;
        if (deleted) (await app.CallAsync("DELETE", "v1/videos/" + id)).Ok();

        var other = (await app.CreateAsync("luma/ray-3.2", "other")).Id;
        app.Time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(id, (await app.CreateAsync("openai/sora-2", "new")).Id);

        Assert.Equal("new", (await app.GetAsync("v1/videos/" + id))["prompt"]!.GetValue<string>());
        Assert.Equal([id, other], await app.ListAsync());
    }
}
