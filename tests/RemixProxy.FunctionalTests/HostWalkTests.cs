using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace RemixProxy.FunctionalTests;

/// <summary>The README's walk with curl, against the host in sandbox mode and in real time.</summary>
public class HostWalkTests(SandboxHost sandbox) : IClassFixture<SandboxHost>
{
    [Fact]
    public Task Create_poll_remix_poll_download_list_at_every_provider_and_without_naming_a_model() =>
        Task.WhenAll(FinishedVideos.Providers.Select(FinishedVideos.ModelOf).Append(null).Select(WalkAsync));

    private async Task WalkAsync(string? model)
    {
        var created = await PostAsync("v1/videos", model is null ? new JsonObject { ["prompt"] = "A paper boat on a canal" } : new JsonObject { ["prompt"] = "A paper boat on a canal", ["model"] = model });
        var completed = await FinishAsync(created);
        var remix = await FinishAsync(await PostAsync($"v1/videos/{completed["id"]}/remix", new() { ["prompt"] = "make it snow" }));

        Assert.Equal(completed["id"]!.GetValue<string>(), remix["remixed_from_video_id"]!.GetValue<string>());
        // The address in the answer is one that the caller can fetch.
        foreach (var url in new[] { $"v1/videos/{remix["id"]}/content", remix["videos"]![0]!["url"]!.GetValue<string>() })
            Assert.Equal("ftyp"u8.ToArray(), (await sandbox.Host.Http.GetByteArrayAsync(url))[4..8]);
        var listed = JsonNode.Parse(await sandbox.Host.Http.GetStringAsync("v1/videos?limit=100"))!["data"]!.AsArray().Select(v => v!["id"]!.GetValue<string>());
        Assert.Superset(new HashSet<string> { completed["id"]!.GetValue<string>(), remix["id"]!.GetValue<string>() }, listed.ToHashSet());
    }

    private async Task<JsonObject> PostAsync(string path, JsonObject body)
    {
        using var response = await sandbox.Host.Http.PostAsJsonAsync(path, body);
        return await ReadAsync(response);
    }

    // As fast as the proxy asks for, like the SDKs.
    private async Task<JsonObject> FinishAsync(JsonObject video)
    {
        for (var i = 0; i < 200; i++)
        {
            using var response = await sandbox.Host.Http.GetAsync("v1/videos/" + video["id"]!.GetValue<string>());
            video = await ReadAsync(response);
            if (video["status"]!.GetValue<string>() == "completed") return video;
            Assert.NotEqual("failed", video["status"]!.GetValue<string>());
            await Task.Delay(int.Parse(response.Headers.GetValues("openai-poll-after-ms").Single(), null));
        }

        throw new TimeoutException("The video is not finished.");
    }

    private static async Task<JsonObject> ReadAsync(HttpResponseMessage response)
    {
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == HttpStatusCode.OK, text);
        return JsonNode.Parse(text)!.AsObject();
    }
}
