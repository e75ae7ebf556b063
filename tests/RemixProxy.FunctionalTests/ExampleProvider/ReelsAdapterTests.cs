using System.Text;
using System.Text.Json.Nodes;
using Reels;
using RemixProxy.Adapters;
using RemixProxy.Contract;

namespace RemixProxy.FunctionalTests.ExampleProvider;

/// <summary>The adapter without a server: what it sends, and what it makes of an answer.</summary>
public class ReelsAdapterTests
{
    private static readonly ReelsAdapter Adapter = new();

    [Fact]
    public void A_create_becomes_a_post()
    {
        var plan = Adapter.Submit(new()
        {
            Operation = VideoOperation.Create, Model = "reel-2", Prompt = "A boat", Size = new(1280, 720), Seconds = 5, Provider = "reels",
            BaseUrl = new("https://eu.reels.example/studios/main/v2/"),
        });

        var create = Assert.IsType<Exchange>(plan.First);
        Assert.Equal((HttpMethod.Post, "reels"), (create.Request.Method, create.Request.Target));
        var body = JsonNode.Parse(Assert.IsType<JsonBody>(create.Request.Body).Utf8.Span);
        Assert.Equal("""{"model":"reel-2","prompt":"A boat","size":"1280x720","length":6}""", body!.ToJsonString());
        Assert.Equal([new("seconds", "5", "6", "next supported")], plan.Adjustments);

        var answer = Assert.IsType<Answer>(create.Next(Response(202, """{"id":"r1","state":"waiting"}""")));
        Assert.Equal(("r1", VideoStatus.Queued), (answer.Snapshot.Id, answer.Snapshot.Status));
    }

    [Fact]
    public void A_ready_reel_is_asked_for_its_clips()
    {
        var poll = Assert.IsType<Exchange>(Adapter.Retrieve("r1"));
        var look = Assert.IsType<Exchange>(poll.Next(Response(200, """{"id":"r1","state":"ready"}""")));
        Assert.Equal(("reels/r1/clips", false), (look.Request.Target, look.Forward));

        var answer = Assert.IsType<Answer>(look.Next(Response(200, """{"clips":[{"url":"https://cdn.reels.example/r1.mp4"}]}""")));
        Assert.Equal("https://cdn.reels.example/r1.mp4", Assert.Single(answer.Snapshot.Outputs).Url);
    }

    [Theory]
    [InlineData(400, """{"error":{"code":"bad_field","message":"too long","field":"length"}}""", ProviderErrorKind.ByStatus, "seconds")]
    [InlineData(400, """{"error":{"code":"prompt_blocked","message":"no"}}""", ProviderErrorKind.Moderation, null)]
    [InlineData(429, """{"error":{"code":"out_of_credit","message":"top up"}}""", ProviderErrorKind.InsufficientQuota, null)]
    [InlineData(429, """{"error":{"code":"slow_down","message":"wait"}}""", ProviderErrorKind.ByStatus, null)]
    [InlineData(500, """{"error":{"code":"prompt_blocked","message":"no"}}""", ProviderErrorKind.ByStatus, null)]
    public void A_refusal_is_read(int status, string body, ProviderErrorKind kind, string? param)
    {
        var error = Adapter.ReadError(Response(status, body));
        Assert.Equal((kind, param), (error.Kind, error.Param));
    }

    private static NativeResponse Response(int status, string body) =>
        new(status, new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase), Encoding.UTF8.GetBytes(body));
}
