using RemixProxy.FunctionalTests.Kit;

namespace RemixProxy.FunctionalTests.Submits;

/// <summary>Edits and extensions of a video that the caller uploads.</summary>
public class UploadedVideoTests
{
    [Theory]
    [InlineData("gemini", "edits")]
    [InlineData("luma", "edits")]
    [InlineData("runway", "edits")]
    [InlineData("openai", "edits")]
    [InlineData("gemini", "extensions")]
    [InlineData("runway", "extensions")]
    [InlineData("openai", "extensions")]
    public async Task An_uploaded_video_reaches_the_provider_byte_for_byte(string provider, string operation)
    {
        // The alias names a model that creates. To edit and to extend, its provider's own models for that are used.
        await using var app = await ProxyApp.StartAsync(new() { Settings = new() { ["RemixProxy:Models:mine"] = provider + "/any-model" } });
        var clip = await ClipAsync(app);
        var before = app.Sandbox.Requests.Count;
        using var form = Form(clip, ("model", "mine"), ("prompt", "make it snow"), ("seconds", "4"));

        var video = (await app.SendAsync(HttpMethod.Post, "v1/videos/" + operation, form)).Ok();

        var id = video["id"]!.GetValue<string>();
        Assert.EndsWith(":" + provider, id, StringComparison.Ordinal);
        Assert.Equal(operation == "edits" ? "video_edit" : "video_extension", video["extra_fields"]!["request_type"]!.GetValue<string>());
        Assert.Null(video["remixed_from_video_id"]);
        Assert.Matches("^[0-9]+x[0-9]+$", video["size"]!.GetValue<string>());
        Assert.Matches("^[0-9]+(\\.[0-9]+)?$", video["seconds"]!.GetValue<string>());
        Assert.Contains(app.Sandbox.Requests.Skip(before), r => Carries(r.Body.Span, clip));
        Assert.Equal("completed", (await app.FinishAsync(id))["status"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_default_that_creates_leaves_the_edit_to_its_providers_own_model()
    {
        await using var app = await ProxyApp.StartAsync(new() { Settings = new() { ["RemixProxy:DefaultModel"] = "runway/veo3.1" } });
        using var form = Form(await ClipAsync(app), ("prompt", "make it snow"));
        Assert.Equal("aleph2", (await app.SendAsync(HttpMethod.Post, "v1/videos/edits", form)).Ok()["model"]!.GetValue<string>());
    }

    [Fact]
    public async Task An_alias_for_a_model_that_edits_means_that_model()
    {
        await using var app = await ProxyApp.StartAsync(new() { Settings = new() { ["RemixProxy:Models:mine"] = "runway/seedance2_5" } });
        using var form = Form(await ClipAsync(app), ("model", "mine"), ("prompt", "make it snow"));
        Assert.Equal("seedance2_5", (await app.SendAsync(HttpMethod.Post, "v1/videos/edits", form)).Ok()["model"]!.GetValue<string>());
    }

    [Fact]
    public async Task Luma_extends_no_upload_and_the_error_lists_who_does()
    {
        await using var app = await ProxyApp.StartAsync();
        using var form = Form([1, 2, 3], ("model", "luma/ray-3.2"), ("prompt", "and on"), ("seconds", "5"));
        var message = (await app.SendAsync(HttpMethod.Post, "v1/videos/extensions", form)).Error(400, "unsupported_operation", "video");
        Assert.Contains("gemini, ", message, StringComparison.Ordinal);
        Assert.Empty(app.Sandbox.Requests);
    }

    [Theory]
    [InlineData("luma", "openai")]
    [InlineData("openai", "luma")]
    public async Task Of_the_targets_of_an_alias_the_one_that_can_extend_an_upload_does(string first, string second)
    {
        await using var app = await ProxyApp.StartAsync(Alias(first, second));
        using var form = Form([1, 2, 3], ("model", "mine"), ("prompt", "and on"), ("seconds", "4"));
        Assert.EndsWith(":openai", (await app.SendAsync(HttpMethod.Post, "v1/videos/extensions", form)).Id, StringComparison.Ordinal);
        Assert.Single(app.Sandbox.Requests);
    }

    [Fact]
    public async Task Where_no_target_of_an_alias_extends_uploads_the_error_is_the_first_ones()
    {
        var setup = Alias("luma", "luma-eu");
        foreach (var (key, value) in new[] { ("Type", "luma"), ("BaseUrl", "http://127.0.0.1:9"), ("ApiKey", "k") })
            setup.Settings["RemixProxy:Providers:luma-eu:" + key] = value;
        await using var app = await ProxyApp.StartAsync(setup);
        using var form = Form([1, 2, 3], ("model", "mine"), ("prompt", "and on"), ("seconds", "4"));
        var reply = await app.SendAsync(HttpMethod.Post, "v1/videos/extensions", form);
        Assert.StartsWith("luma can't", reply.Error(400, "unsupported_operation", "video"), StringComparison.Ordinal);
        Assert.Equal("luma", reply.Json["extra_fields"]!["provider"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_model_that_only_creates_edits_nothing_and_the_error_lists_who_does()
    {
        await using var app = await ProxyApp.StartAsync();
        using var form = Form([1, 2, 3], ("model", "runway/gen4.5"), ("prompt", "make it snow"));
        Assert.Contains("runway/aleph2", (await app.SendAsync(HttpMethod.Post, "v1/videos/edits", form)).Error(400, "unsupported_operation", "model"),
            StringComparison.Ordinal);
        Assert.Empty(app.Sandbox.Requests);
    }

    [Theory]
    [MemberData(nameof(Extending))]
    public async Task Every_provider_that_extends_does_so_with_its_own_video_by_id(string model)
    {
        await using var app = await ProxyApp.StartAsync();
        var source = await app.CreateFinishedAsync(model);
        var id = source["id"]!.GetValue<string>();

        var extension = await app.PostAsync("v1/videos/extensions", new { video = new { id }, prompt = "and on", seconds = "4" });

        Assert.Equal(id, extension["remixed_from_video_id"]!.GetValue<string>());
        Assert.Equal(source["size"]!.GetValue<string>(), extension["size"]!.GetValue<string>());
        Assert.NotEqual("", extension["seconds"]!.GetValue<string>());
        Assert.Equal("completed", (await app.FinishAsync(extension["id"]!.GetValue<string>()))["status"]!.GetValue<string>());
    }

    [Fact]
    public async Task What_a_provider_has_not_is_400_and_names_who_has()
    {
        await using var app = await ProxyApp.StartAsync();
        var id = (await app.CreateFinishedAsync("kling/kling-3.0"))["id"]!.GetValue<string>();
        var submits = app.Sandbox.Submits;
        var extend = await app.CallAsync("POST", "v1/videos/extensions", new { video = new { id }, prompt = "and on", seconds = "4" });
        Assert.Equal(
            "kling can't extend. These can: ark, fal, gemini, luma, openai, replicate, runway, vertex, vertex-veo, xai.",
            extend.Error(400, "unsupported_operation"));
        using var form = Form([1, 2, 3], ("model", "kling/kling-3.0-omni"), ("prompt", "make it snow"));
        Assert.Equal(
            "kling can't edit an uploaded video. These can: fal, gemini, luma, openai, replicate, runway, vertex, xai.",
            (await app.SendAsync(HttpMethod.Post, "v1/videos/edits", form)).Error(400, "unsupported_operation", "video"));
        Assert.Equal(submits, app.Sandbox.Submits);
    }

    public static TheoryData<string> Extending => [.. TestedProviders.All.Where(p => p.Extends).Select(p => $"{p.Type}/{p.Model}")];

    private static ProxyApp.Setup Alias(params string[] providers) =>
        new() { Settings = providers.Index().ToDictionary(p => $"RemixProxy:Models:mine:{p.Index}", p => (string?)$"{p.Item}/any-model") };

    private static async Task<byte[]> ClipAsync(ProxyApp app)
    {
        var id = (await app.CreateFinishedAsync("openai/sora-2"))["id"]!.GetValue<string>();
        return await app.BytesAsync($"v1/videos/{id}/content");
    }

    private static bool Carries(ReadOnlySpan<byte> body, byte[] clip) =>
        body.IndexOf(clip) >= 0 || body.IndexOf(System.Text.Encoding.ASCII.GetBytes(Convert.ToBase64String(clip))) >= 0;

    private static MultipartFormDataContent Form(byte[] clip, params (string Name, string Value)[] fields)
    {
        var form = new MultipartFormDataContent();
        foreach (var (name, value) in fields) form.Add(new StringContent(value), name);
        form.Add(new ByteArrayContent(clip) { Headers = { ContentType = new("video/mp4") } }, "video", "clip.mp4");
        return form;
    }
}
