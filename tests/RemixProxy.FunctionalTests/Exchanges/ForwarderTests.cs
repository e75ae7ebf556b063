using RemixProxy.FunctionalTests.Kit;
using RemixProxy.FunctionalTests.Walks;

namespace RemixProxy.FunctionalTests.Exchanges;

/// <summary>YARP does the proxying: what goes upstream goes through its forwarder, and nothing goes without need.</summary>
public class ForwarderTests
{
    [Theory]
    [MemberData(nameof(WalkTests.Models), MemberType = typeof(WalkTests))]
    public async Task Yarp_forwards_once_for_what_needs_the_provider_and_never_else(string model)
    {
        await using var app = await ProxyApp.StartAsync();
        using var starts = new ForwarderStarts(app.Sandbox.Address);

        var id = (await app.PostAsync("v1/videos", new { model, prompt = "A lighthouse" }))["id"]!.GetValue<string>();
        Assert.Equal(1, starts.New());
        await app.GetAsync("v1/videos/" + id);
        Assert.Equal(0, starts.New());
        app.Time.Advance(TimeSpan.FromSeconds(6));
        Assert.Equal("completed", (await app.GetAsync("v1/videos/" + id))["status"]!.GetValue<string>());
        Assert.Equal(1, starts.New());
        await app.GetAsync("v1/videos/" + id);
        await app.GetAsync("v1/videos");
        await app.GetAsync("v1/models");
        Assert.Equal(0, starts.New());
        var provider = TestedProviders.Find(model.Split('/')[0]);
        if (provider.Remixes)
        {
            await app.PostAsync($"v1/videos/{id}/remix", new { prompt = "make it snow" });
            Assert.Equal(1, starts.New());
        }

        await app.BytesAsync($"v1/videos/{id}/content");
        Assert.Equal(1, starts.New());
        (await app.SendAsync(HttpMethod.Delete, "v1/videos/" + id)).Ok();
        Assert.Equal(provider.Deletes ? 1 : 0, starts.New());
    }
}
