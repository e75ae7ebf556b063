using System.Net.Http.Json;
using System.Text.Json.Nodes;
using RemixProxy.FunctionalTests.Kit;

namespace RemixProxy.FunctionalTests.Exchanges;

/// <summary>The native payloads of a call, for those who may see them.</summary>
public class RawTests
{
    private static readonly (string, string) Wanted = ("x-remix-raw", "true");

    [Fact]
    public async Task Raw_shows_what_was_sent_and_answered_without_credentials_and_signed_queries()
    {
        await using var app = await ProxyApp.StartAsync(new() { Settings = new() { ["RemixProxy:AllowRaw"] = "true" } });
        var created = (await app.SendAsync(HttpMethod.Post, "v1/videos", JsonContent.Create(new { model = "runway/gen4.5", prompt = "A boat" }), Wanted)).Ok();
        Assert.Equal("A boat", Raw(created, "raw_request")["promptText"]!.GetValue<string>());
        var id = created["id"]!.GetValue<string>();
        Assert.Equal(id.Split(':')[0], Raw(created, "raw_response")["id"]!.GetValue<string>());

        app.Time.Advance(TimeSpan.FromSeconds(6));
        var polled = (await app.SendAsync(HttpMethod.Get, "v1/videos/" + id, null, Wanted)).Ok();
        Assert.EndsWith(".mp4?…", Raw(polled, "raw_response")["output"]![0]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.DoesNotContain("raw_response", (await app.GetAsync("v1/videos/" + id))["extra_fields"]!.AsObject().Select(p => p.Key));
    }

    [Fact]
    public async Task Raw_of_an_upload_keeps_its_signature_to_itself()
    {
        await using var app = await ProxyApp.StartAsync(new() { Settings = new() { ["RemixProxy:AllowRaw"] = "true" } });
        var id = (await app.CreateFinishedAsync("gemini/gemini-omni-1.1-flash"))["id"]!.GetValue<string>();
        var remix = (await app.SendAsync(
            HttpMethod.Post, $"v1/videos/{id}/remix", JsonContent.Create(new { model = "runway/aleph2", prompt = "make it snow" }), Wanted)).Ok();

        var place = remix["extra_fields"]!["raw_response"]![0]!;
        Assert.StartsWith("runway://", place["runwayUri"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal(("…", "…"), (place["fields"]!["policy"]!.GetValue<string>(), place["fields"]!["x-amz-signature"]!.GetValue<string>()));
    }

    [Fact]
    public async Task Raw_is_nothing_where_it_is_not_allowed()
    {
        await using var app = await ProxyApp.StartAsync();
        var created = (await app.SendAsync(HttpMethod.Post, "v1/videos", JsonContent.Create(new { model = "runway/gen4.5", prompt = "A boat" }), Wanted)).Ok();
        Assert.DoesNotContain(created["extra_fields"]!.AsObject(), p => p.Key.StartsWith("raw_", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("""{"id":"video_1","status":"queued","note":1,"note":"https://cdn.example/a?Signature=s3cret"}""")]
    [InlineData("""{"id":"video_1","status":"queued","note":"\ud800","url":"https://cdn.example/a?Signature=s3cret"}""")]
    public async Task An_accepted_answer_that_can_t_be_shown_is_no_lost_video(string answer)
    {
        var upstream = new Upstream();
        await using var app = await ProxyApp.StartAsync(new() { Settings = new() { ["RemixProxy:AllowRaw"] = "true" }, Sandbox = upstream.Sandbox });
        upstream.OnSubmit("openai", Upstream.Answers(200, answer));

        var reply = await app.CreateAsync("openai/sora-2", "A boat", Wanted);

        Assert.Equal("video_1:openai", reply.Id);
        Assert.NotNull(reply.Json["extra_fields"]!["raw_response"]);
        Assert.DoesNotContain("s3cret", reply.Text, StringComparison.Ordinal);
        Assert.Equal(["video_1:openai"], await app.ListAsync());
    }

    private static JsonObject Raw(JsonObject video, string name) => video["extra_fields"]![name]!.AsObject();
}
