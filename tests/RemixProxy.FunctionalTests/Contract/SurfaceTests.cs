using System.Net.Http.Json;
using RemixProxy.FunctionalTests.Kit;
using RemixProxy.FunctionalTests.Walks;

namespace RemixProxy.FunctionalTests.Contract;

/// <summary>What every answer has, and what is no operation.</summary>
public class SurfaceTests
{
    [Theory]
    [InlineData("POST", "v1/videos/characters", 400)]
    [InlineData("GET", "v1/videos/characters/char_1", 400)]
    [InlineData("PUT", "v1/videos", 405, "POST, GET, HEAD")]
    [InlineData("OPTIONS", "v1/videos", 405, "POST, GET, HEAD")]
    [InlineData("DELETE", "v1/models", 405, "GET, HEAD")]
    [InlineData("DELETE", "v1/models/sora-2", 405, "GET, HEAD")]
    [InlineData("PATCH", "v1/videos/abc:luma", 405, "GET, HEAD, DELETE")]
    [InlineData("GET", "v1/videos/abc:luma/remix", 405, "POST")]
    [InlineData("GET", "v1/videos/edits", 405, "POST")]
    [InlineData("DELETE", "v1/videos/extensions", 405, "POST")]
    [InlineData("GET", "v1/videos/characters", 405, "POST")]
    [InlineData("POST", "v1/videos/abc:luma/content", 405, "GET, HEAD")]
    [InlineData("GET", "v1/videos/abc:luma/a/b/c", 404)]
    public async Task What_is_no_operation_is_a_json_error(string method, string path, int status, string? allowed = null)
    {
        await using var app = await ProxyApp.StartAsync();
        var reply = await app.SendAsync(new(method), path, method == "POST" ? JsonContent.Create(new { prompt = "x" }) : null);
        reply.Error(status, "unsupported_operation");
        Assert.Equal(allowed, reply.Header("Allow"));
        Assert.StartsWith("req_", reply.Headers["x-request-id"], StringComparison.Ordinal);
        Assert.Empty(app.Sandbox.Requests);
    }

    [Fact]
    public async Task Every_answer_has_a_request_id_of_its_own()
    {
        await using var app = await ProxyApp.StartAsync();
        var create = await app.SendAsync(HttpMethod.Post, "v1/videos", JsonContent.Create(new { model = "runway/gen4.5", prompt = "A boat" }));
        var id = create.Ok()["id"]!.GetValue<string>();
        await app.FinishAsync(id);
        Reply[] replies =
        [
            create,
            await app.SendAsync(HttpMethod.Get, "v1/videos"),
            await app.SendAsync(HttpMethod.Get, "v1/models"),
            await app.SendAsync(HttpMethod.Get, "v1/videos/" + id),
            await app.SendAsync(HttpMethod.Get, $"v1/videos/{id}/content"),
            await app.SendAsync(HttpMethod.Head, $"v1/videos/{id}/content"),
            await app.SendAsync(HttpMethod.Post, $"v1/videos/{id}/remix", JsonContent.Create(new { prompt = "make it snow" })),
            await app.SendAsync(HttpMethod.Delete, "v1/videos/" + id),
            await app.SendAsync(HttpMethod.Get, "v1/videos/" + id),
            await app.SendAsync(HttpMethod.Post, "v1/videos", new StringContent("x")),
        ];
        Assert.Equal([200, 200, 200, 200, 200, 200, 200, 200, 404, 415], replies.Select(r => r.Status));
        Assert.Equal(replies.Length, replies.Select(r => r.Headers["x-request-id"]).Distinct().Count());
    }

    [Fact]
    public async Task Head_says_what_get_would()
    {
        await using var app = await ProxyApp.StartAsync();
        var id = (await app.CreateFinishedAsync("openai/sora-2"))["id"]!.GetValue<string>();
        foreach (var path in new[] { "v1/videos", "v1/videos/" + id, "v1/models", "v1/models/sora-2", "v1/videos/nobody:openai" })
        {
            var (head, get) = (await app.SendAsync(HttpMethod.Head, path), await app.SendAsync(HttpMethod.Get, path));
            Assert.Equal((get.Status, 0), (head.Status, head.Bytes.Length));
            Assert.Equal(get.Headers.Keys.Order(), head.Headers.Keys.Order());
            Assert.Equal(get.Headers["Content-Type"], head.Headers["Content-Type"]);
        }
    }

    [Theory]
    [InlineData("sora-2")]
    [InlineData("runway/gen4.5")]
    [InlineData("runway%2Fgen4.5")]
    [InlineData("runway%2fgen4.5/")]
    [InlineData("gen4.5")]
    public async Task A_model_is_shown_as_the_list_shows_it(string name)
    {
        await using var app = await ProxyApp.StartAsync();
        var model = await app.GetAsync("v1/models/" + name);
        var id = Uri.UnescapeDataString(name).TrimEnd('/');
        Assert.Equal(id, model["id"]!.GetValue<string>());
        model["id"] = id == "gen4.5" ? "runway/gen4.5" : id;
        var listed = (await app.GetAsync("v1/models"))["data"]!.AsArray().Single(m => m!["id"]!.GetValue<string>() == model["id"]!.GetValue<string>());
        Assert.Equal(listed!.ToJsonString(), model.ToJsonString());
    }

    [Theory]
    [MemberData(nameof(WalkTests.Models), MemberType = typeof(WalkTests))]
    public async Task Head_of_content_says_what_get_would(string model)
    {
        await using var app = await ProxyApp.StartAsync();
        var path = $"v1/videos/{(await app.CreateFinishedAsync(model))["id"]}/content";
        var (head, get) = (await app.SendAsync(HttpMethod.Head, path), await app.SendAsync(HttpMethod.Get, path));
        Assert.Equal((200, 0), (head.Status, head.Bytes.Length));
        Assert.All(["Content-Length", "Content-Type", "ETag", "Last-Modified", "Accept-Ranges"], name => Assert.Equal(get.Headers[name], head.Headers[name]));
    }
}
