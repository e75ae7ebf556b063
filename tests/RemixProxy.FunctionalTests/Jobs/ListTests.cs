using System.ClientModel;
using System.Text.Json.Nodes;
using RemixProxy.FunctionalTests.Kit;

namespace RemixProxy.FunctionalTests.Jobs;

/// <summary>One list over all providers.</summary>
public class ListTests
{
    private static readonly string[] Models = ["openai/sora-2", "luma/ray-3.2", "runway/gen4.5", "gemini/gemini-omni-1.1-flash", "luma/ray-3.2"];

    [Theory]
    [InlineData("desc")]
    [InlineData("asc")]
    public async Task Paging_by_hand_sees_each_video_once_while_others_arrive_and_go(string order)
    {
        await using var app = await ProxyApp.StartAsync();
        var client = app.NewVideoClient();
        var created = await CreateAsync(app, 5);
        if (order == "desc") created.Reverse();
        var seen = new List<string>();
        string? after = null;
        for (var more = true; more;)
        {
            JsonObject? page = null;
            await foreach (ClientResult result in client.GetVideosAsync(limit: 2, order: order, after: after).GetRawPagesAsync()) page = JsonNode.Parse(
                result.GetRawResponse().Content)!.AsObject();
            var ids = Ids(page!);
            Assert.Equal((ids[0], ids[^1]), (page!["first_id"]!.GetValue<string>(), page["last_id"]!.GetValue<string>()));
            seen.AddRange(ids);
            more = page["has_more"]!.GetValue<bool>();
            after = ids[^1];
            if (seen.Count != 2) continue;
            // New ones arrive, and the very video that the cursor stands on goes.
            var late = await CreateAsync(app, 2);
            if (order == "asc") created.AddRange(late);
            (await app.SendAsync(HttpMethod.Delete, "v1/videos/" + after)).Ok();
        }

        Assert.Equal(created, seen);
    }

    [Theory]
    [InlineData("", 20, true)]
    [InlineData("limit=0", 1, true)]
    [InlineData("limit=21", 21, true)]
    [InlineData("limit=500", 22, false)]
    [InlineData("limit=99999999999", 22, false)]
    public async Task Limit_is_taken_to_its_bounds(string query, int count, bool more)
    {
        await using var app = await ProxyApp.StartAsync();
        await CreateAsync(app, 22);
        var page = await app.GetAsync("v1/videos?" + query);
        Assert.Equal((count, more, "list"), (page["data"]!.AsArray().Count, page["has_more"]!.GetValue<bool>(), page["object"]!.GetValue<string>()));
    }

    [Fact]
    public async Task More_than_a_hundred_are_never_on_one_page()
    {
        await using var app = await ProxyApp.StartAsync();
        await CreateAsync(app, 101);
        var page = await app.GetAsync("v1/videos?limit=101");
        Assert.Equal((100, true), (page["data"]!.AsArray().Count, page["has_more"]!.GetValue<bool>()));
    }

    [Theory]
    [InlineData("limit=many", 400, "invalid_value", "limit")]
    [InlineData("limit=-1", 400, "invalid_value", "limit")]
    [InlineData("limit=1.5", 400, "invalid_value", "limit")]
    [InlineData("order=new", 400, "invalid_value", "order")]
    [InlineData("after=nothing", 400, "invalid_video_id", "after")]
    [InlineData("after=nothing:luma", 404, "video_not_found", "after")]
    public async Task A_wrong_query_names_its_parameter(string query, int status, string code, string param)
    {
        await using var app = await ProxyApp.StartAsync();
        (await app.SendAsync(HttpMethod.Get, "v1/videos?" + query)).Error(status, code, param);
    }

    [Fact]
    public async Task An_empty_list_is_a_list()
    {
        await using var app = await ProxyApp.StartAsync();
        Assert.Equal("""{"object":"list","data":[],"first_id":null,"last_id":null,"has_more":false}""", (await app.GetAsync("v1/videos")).ToJsonString());
    }

    private static List<string> Ids(JsonObject page) => [.. page["data"]!.AsArray().Select(v => v!["id"]!.GetValue<string>())];

    private static async Task<List<string>> CreateAsync(ProxyApp app, int count)
    {
        var ids = new List<string>();
        for (var i = 0; i < count; i++)
        {
            // Two in each second: within one the order of arrival decides.
            app.Time.Advance(TimeSpan.FromMilliseconds(500));
            ids.Add((await app.PostAsync("v1/videos", new { model = Models[i % Models.Length], prompt = "Boat " + i }))["id"]!.GetValue<string>());
        }

        return ids;
    }
}
