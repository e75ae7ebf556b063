using System.Text.Json.Nodes;
using RemixProxy.FunctionalTests.Kit;
using RemixProxy.FunctionalTests.Walks;
using RemixProxy.Sandbox;

namespace RemixProxy.FunctionalTests.Jobs;

/// <summary>Videos that this process has never seen, as after a restart, in open mode.</summary>
public class StatelessTests
{
    [Theory]
    [MemberData(nameof(WalkTests.Models), MemberType = typeof(WalkTests))]
    public async Task A_restarted_proxy_serves_every_operation_on_an_id_that_it_never_saw(string model)
    {
        await using var before = await ProxyApp.StartAsync();
        var id = Text(await before.CreateFinishedAsync(model), "id");
        var bytes = await before.BytesAsync($"v1/videos/{id}/content");

        Assert.Equal(bytes, await OnRestartedAsync(app => app.BytesAsync($"v1/videos/{id}/content")));
        await OnRestartedAsync(async app =>
        {
            var video = await app.GetAsync("v1/videos/" + id);
            Assert.Equal((id, "completed", 100), (Text(video, "id"), Text(video, "status"), video["progress"]!.GetValue<int>()));
            Assert.All(["model", "size", "seconds"], key => Assert.NotNull(video[key]));
            Assert.True(video["created_at"]!.GetValue<long>() > 0);
            // Known from then on.
            Assert.Equal(id, Text((await app.GetAsync("v1/videos"))["data"]![0]!, "id"));
            return 0;
        });
        await OnRestartedAsync(async app =>
        {
            if (!TestedProviders.Find(model.Split('/')[0]).Remixes) return 0;
            var remix = await app.PostAsync($"v1/videos/{id}/remix", new { prompt = "make it snow" });
            Assert.Equal(id, Text(remix, "remixed_from_video_id"));
            return 0;
        });
        await OnRestartedAsync(async app =>
        {
            (await app.SendAsync(HttpMethod.Delete, "v1/videos/" + id)).Ok();
            (await app.SendAsync(HttpMethod.Get, "v1/videos/" + id)).Error(404, "video_not_found", "video_id");
            (await app.SendAsync(HttpMethod.Get, $"v1/videos/{id}/content")).Error(404, "video_not_found", "video_id");
            return 0;
        });

        async Task<T> OnRestartedAsync<T>(Func<ProxyApp, Task<T>> work)
        {
            await using var app = await ProxyApp.StartAsync(new() { Settings = At(before.Sandbox) });
            return await work(app);
        }
    }

    [Theory]
    [MemberData(nameof(WalkTests.Models), MemberType = typeof(WalkTests))]
    public async Task A_well_formed_id_that_nobody_knows_is_404(string model)
    {
        await using var app = await ProxyApp.StartAsync();
        (await app.SendAsync(HttpMethod.Get, $"v1/videos/v1_nobodyknowsthis:{model.Split('/')[0]}")).Error(404, "video_not_found", "video_id");
        Assert.Empty((await app.GetAsync("v1/videos"))["data"]!.AsArray());
    }

    private static Dictionary<string, string?> At(SandboxServer sandbox) => new(
        from provider in TestedProviders.All
        from setting in (provider.Settings?.Invoke(sandbox) ?? []).Append(new("BaseUrl", sandbox.BaseUrl(provider.Type, provider.Type)))
        select KeyValuePair.Create($"RemixProxy:Providers:{provider.Type}:{setting.Key}", (string?)setting.Value));

    private static string Text(JsonNode node, string name) => node[name]!.GetValue<string>();
}
