using System.ClientModel;
using System.Text.Json.Nodes;
using OpenAI.Videos;
using RemixProxy.FunctionalTests.Kit;

namespace RemixProxy.FunctionalTests.Walks;

/// <summary>The walk of a stranger with the official client: create, retrieve, remix, download, list, delete.</summary>
public class WalkTests
{
    public static TheoryData<string> Models => [.. FinishedVideos.Providers.Select(FinishedVideos.ModelOf)];

    [Theory]
    [MemberData(nameof(Models))]
    public async Task Official_client_walks_from_create_to_delete(string model)
    {
        await using var app = await ProxyApp.StartAsync();
        var client = app.NewVideoClient();

        var created = Json(await client.CreateVideoAsync(
            BinaryContent.Create(BinaryData.FromString(new JsonObject { ["model"] = model, ["prompt"] = "A lighthouse", ["seconds"] = "8" }.ToJsonString())),
                "application/json"));
        var id = created["id"]!.GetValue<string>();
        Assert.EndsWith(":" + model.Split('/')[0], id, StringComparison.Ordinal);
        Assert.Equal("A lighthouse", created["prompt"]!.GetValue<string>());
        var completed = await app.FinishAsync(id);
        Assert.Equal("completed", completed["status"]!.GetValue<string>());
        Assert.Equal(100, completed["progress"]!.GetValue<int>());

        var source = (await client.DownloadVideoAsync(id)).GetRawResponse().Content.ToArray();
        Assert.Equal("ftyp"u8.ToArray(), source[4..8]);
        if (TestedProviders.Find(model.Split('/')[0]).Remixes) await RemixAsync(app, client, completed, source);

        Assert.True(Json(await client.DeleteVideoAsync(id))["deleted"]!.GetValue<bool>());
        var gone = await Assert.ThrowsAsync<ClientResultException>(() => client.GetVideoAsync(id));
        Assert.Equal(404, gone.Status);
    }

    private static async Task RemixAsync(ProxyApp app, VideoClient client, JsonObject completed, byte[] source)
    {
        var id = completed["id"]!.GetValue<string>();
        var remix = Json(
            await client.CreateVideoRemixAsync(id, BinaryContent.Create(BinaryData.FromString("""{"prompt":"make it snow"}""")), "application/json"));
        var remixId = remix["id"]!.GetValue<string>();
        Assert.Equal(id, remix["remixed_from_video_id"]!.GetValue<string>());
        Assert.Equal(completed["size"]!.GetValue<string>(), remix["size"]!.GetValue<string>());
        Assert.Equal("completed", (await app.FinishAsync(remixId))["status"]!.GetValue<string>());

        var result = (await client.DownloadVideoAsync(remixId)).GetRawResponse().Content.ToArray();
        Assert.NotEqual(source, result);
    }

    private static JsonObject Json(ClientResult result)
    {
        Assert.Equal(200, result.GetRawResponse().Status);
        return JsonNode.Parse(result.GetRawResponse().Content)!.AsObject();
    }
}
