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
    [InlineData("PUT", "v1/videos", 405)]
    [InlineData("DELETE", "v1/models", 405)]
    [InlineData("PATCH", "v1/videos/abc:luma", 404)]
    [InlineData("GET", "v1/videos/abc:luma/remix", 404)]
    [InlineData("POST", "v1/videos/abc:luma/content", 404)]
    [InlineData("GET", "v1/videos/abc:luma/a/b/c", 404)]
    public async Task What_is_no_operation_is_a_json_error(string method, string path, int status)
    {
        await using var app = await ProxyApp.StartAsync();
        var reply = await app.SendAsync(new(method), path, method == "POST" ? JsonContent.Create(new { prompt = "x" }) : null);
        reply.Error(status, "unsupported_operation");
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
