using System.Net.Http.Json;
using RemixProxy.FunctionalTests.Kit;

namespace RemixProxy.FunctionalTests.Content;

/// <summary>
/// Bytes that this proxy needs itself, of a source that accepts connections and says nothing: over https the connection is never made, over http it is never
/// answered.
/// </summary>
public class SilentSourceTests
{
    private static readonly Dictionary<string,
        string?> Settings = new() { ["RemixProxy:Providers:luma:Timeout"] = "00:00:20", ["RemixProxy:Providers:luma:AssetHosts:0"] = "127.0.0.1" };

    // Of the real clock: not what ends the waiting here.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    [Theory]
    [InlineData("http")]
    [InlineData("https")]
    public async Task Base64_is_given_up_at_the_providers_timeout(string scheme)
    {
        await using var source = new RawServer(answer: null);
        await using var one = await OneVideoApp.StartAsync(Settings, Patience);
        one.Url = _ => $"{scheme}://{source.Authority}/clip.mp4";

        var video = one.App.SendAsync(HttpMethod.Get, "v1/videos/clip:luma?include=base64");
        await source.Connected;
        one.App.Time.Advance(TimeSpan.FromSeconds(20));

        (await video).AssertError(504, "provider_timeout");
    }

    [Theory]
    [InlineData("http")]
    [InlineData("https")]
    public async Task A_hand_over_is_given_up_at_the_providers_timeout_and_nothing_is_submitted(string scheme)
    {
        await using var source = new RawServer(answer: null);
        await using var one = await OneVideoApp.StartAsync(Settings, Patience);
        one.Url = _ => $"{scheme}://{source.Authority}/clip.mp4";

        var remix = one.App.SendAsync(
            HttpMethod.Post, "v1/videos/clip:luma/remix", JsonContent.Create(new { model = "openai/sora-2", prompt = "make it snow" }));
        await source.Connected;
        one.App.Time.Advance(TimeSpan.FromSeconds(20));

        (await remix).AssertError(504, "provider_timeout");
        Assert.Equal(0, one.App.SubmitsSeen());
    }
}
