using RemixProxy.FunctionalTests.Kit;

namespace RemixProxy.FunctionalTests.Submits;

/// <summary>Uploads before a submit that are not found.</summary>
public class LostUploadTests
{
    [Theory]
    [InlineData("gemini", "gemini/gemini-omni-1.1-flash", 404)]
    [InlineData("gemini", "gemini/gemini-omni-1.1-flash", 410)]
    [InlineData("runway", "runway/gen4.5", 404)]
    public async Task Upload_that_nobody_finds_is_no_missing_model(string provider, string model, int status)
    {
        var upstream = new Upstream();
        upstream.On(provider, r => r.Path.Value!.Contains("/files", StringComparison.Ordinal) || r.Path.Value!.EndsWith("/uploads", StringComparison.Ordinal),
            Upstream.Answers(status, """{"error":{"message":"not found"}}"""));
        await using var app = await ProxyApp.StartAsync(new() { Sandbox = upstream.Sandbox });
        using var form = new MultipartFormDataContent
        {
            { new StringContent(model), "model" }, { new StringContent("A cat"), "prompt" },
            { new ByteArrayContent([0x89, 0x50, 0x4E, 0x47, .. new byte[21 << 20]]) { Headers = { ContentType = new("image/png") } },
                "input_reference", "cat.png" },
        };

        var message = (await app.SendAsync(HttpMethod.Post, "v1/videos", form)).Error(502, "provider_error");

        Assert.Contains("before anything was submitted", message, StringComparison.Ordinal);
        Assert.Equal(0, app.SubmitsSeen());
    }
}
