using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using RemixProxy.FunctionalTests.Kit;
using RemixProxy.Host.Commands;
using RemixProxy.Sandbox;

namespace RemixProxy.FunctionalTests.Host;

/// <summary>The host's command <c>models</c>: what is declared, and whether it is still what the vendors say.</summary>
public class ModelsCommandTests
{
    private const string Key = "key_0f9e8d7c6b5a4321";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task All_declared_models_are_as_the_simulated_vendors_say()
    {
        var (exitCode, output) = await HostProcess.RunAsync(
            new() { Environment = { ["ASPNETCORE_ENVIRONMENT"] = "Development" }, Arguments = ["models", "--check"] });

        Assert.True(exitCode == 0, output);
        Assert.Matches("(?m)^  as declared  fal-ai/veo3.1/image-to-video$", output);
        Assert.Matches("(?m)^  as declared  kwaivgi/kling-v3-omni-video$", output);
        Assert.Contains("runway: Runway does not tell its models", output, StringComparison.Ordinal);
        Assert.Contains(" as declared, 0 gone, 0 differ, 0 new, 0 not checked.", output, StringComparison.Ordinal);
        Assert.DoesNotContain("Videos API at", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_check_the_declared_models_are_printed_and_nobody_is_asked()
    {
        await using var vendors = await Vendors.StartAsync();
        var (exitCode, output) = await HostProcess.RunAsync(vendors.Setup(["models", "--RemixProxy:Providers:replicate:Enabled=false"]));

        Assert.Equal(0, exitCode);
        Assert.Contains(
            "  fal/fal-ai/veo3.1: create; 720x1280, 1080x1920, 1280x720, 1920x1080; 4, 6, 8 s; first_frame; sound switch", output, StringComparison.Ordinal);
        Assert.Contains(
            "  fal/fal-ai/kling-video/o1/video-to-video/edit: remix, edit; any size; any length; reference_images:4; sound switch", output,
            StringComparison.Ordinal);
        Assert.DoesNotContain("replicate", output, StringComparison.Ordinal);
        Assert.Empty(vendors.Asked);
    }

    [Fact]
    public async Task What_is_gone_new_or_different_is_named_and_the_key_goes_to_no_list_of_models()
    {
        await using var vendors = await Vendors.StartAsync();
        vendors.Answer("/v1/models?expand=openapi-3.0&endpoint_id=fal-ai%2Fveo3.1", """{"error":{"type":"not_found","message":"no"}}""", 404);
        vendors.Answer(Find("xai/grok-imagine-video/extend-video"), """{"models":[],"next_cursor":null,"has_more":false}""");
        vendors.Answer(Find("google/gemini-omni-flash/edit"), Model("google/gemini-omni-flash/edit", "deprecated", null));
        vendors.Answer(Find("luma/agent/ray/v3.2/video-to-video"), "<html><title>Sorry</title></html>");
        vendors.Answer(
            Find("xai/grok-imagine-video/edit-video"), Model("xai/grok-imagine-video/edit-video", "active", """{"error":{"code":"expansion_failed"}}"""));
        vendors.Answer(Find("fal-ai/wan/v2.7/edit-video"), Model("fal-ai/wan/v2.7/edit-video", "active", Document("""
            {"type":"object","required":["prompt","video_url","style"],"properties":{"prompt":{"type":"string"},"video_url":{"type":"string"},
            "style":{"type":"string"},"audio_setting":{"$ref":"#/components/schemas/Audio"},"resolution":{"enum":["720p","1080p","4k"]},
            "reference_image_url":{"anyOf":[{"type":"string"},{"type":"null"}]}}}
            """)));
        vendors.Answer(Find("fal-ai/veo3.1/image-to-video"), Model("fal-ai/veo3.1/image-to-video", null, Document("""
            {"allOf":[{"required":["image_url"],"properties":{"image_url":{}}},{"properties":{"prompt":{},"negative_prompt":{},"seed":{"type":"integer"},
            "resolution":{"enum":["720p","1080p","4k"]},"duration":{"enum":["4s","6s","8s"]},"generate_audio":{"type":"boolean"}}}]}
            """)));
        vendors.Answer(Find("xai/grok-imagine-video/text-to-video"), Model("xai/grok-imagine-video/text-to-video", "active", Document("""
            {"properties":{"prompt":{},"aspect_ratio":{"type":"string"},"resolution":{},"duration":{"type":"integer","minimum":1,"maximum":12}}}
            """)));
        vendors.Answer(
            "/v1/models?category=text-to-video&status=active",
            """{"models":[{"endpoint_id":"alibaba/new\u001b[31m"},{"endpoint_id":"fal-ai/veo3.1"}],"next_cursor":"Mg==","has_more":true}""");
        vendors.Answer(
            "/v1/models?category=text-to-video&status=active&cursor=Mg%3D%3D",
            """{"models":[{"endpoint_id":"later/one"}],"next_cursor":null,"has_more":false}""");
        vendors.Answer("/v1/models/google/veo-3.1", """{"detail":"gone"}""", 404);
        vendors.Answer("/v1/models/luma/modify-video", """{"name":"modify-video","latest_version":null}""");
        vendors.Answer("/v1/models/runwayml/aleph-2", Latest("""
            {"required":["prompt","video_url"],"properties":{"prompt":{},"video_url":{},"seed":{"type":"string"},"keyframe_images":{},"keyframe_positions":{}}}
            """));

        var (exitCode, output) = await HostProcess.RunAsync(vendors.Setup(["models", "--check"]));

        string[] lines = [.. output.Split('\n').Where(l => l.StartsWith("  ", StringComparison.Ordinal))];
        Assert.Equal(1, exitCode);
        Assert.Equal(
            [
                "  gone         fal-ai/veo3.1: the vendor has it no more",
                "  as declared  fal-ai/veo3.1/image-to-video: 'resolution' also takes \"4k\"",
                "  differs      xai/grok-imagine-video/text-to-video: 'duration' does not take 13, 14, 15, only integer 1 to 12",
                "  gone         google/gemini-omni-flash/edit: the vendor calls it deprecated",
                "  not checked  xai/grok-imagine-video/edit-video: the vendor tells no schema of it that can be read",
                "  differs      fal-ai/wan/v2.7/edit-video: it has no input 'seed'; it needs 'style', which nothing sends; "
                    + "'audio_setting' does not take \"origin\", only \"auto\"",
                "  not checked  luma/agent/ray/v3.2/video-to-video: the answer can't be read: 200 text/html: a page titled 'Sorry'",
                "  gone         xai/grok-imagine-video/extend-video: the vendor has it no more",
                "  new          alibaba/new [31m",
                "  new          later/one",
                "  gone         google/veo-3.1: the vendor has it no more",
                "  differs      runwayml/aleph-2: it has no input 'video'; it needs 'video_url', which nothing sends",
                "  not checked  luma/modify-video: the vendor tells no schema of it that can be read",
            ],
            lines.Where(l => !l.StartsWith("  as declared  ", StringComparison.Ordinal) || l.Contains("also", StringComparison.Ordinal)));
        Assert.DoesNotContain(Key, output, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', output);
        Assert.All(vendors.Asked.Where(a => a.Target.StartsWith("/fal/", StringComparison.Ordinal)), a => Assert.Empty(a.Authorization));
        Assert.All(
            vendors.Asked.Where(a => a.Target.StartsWith("/replicate/", StringComparison.Ordinal)), a => Assert.Equal("Bearer " + Key, a.Authorization));
    }

    [Fact]
    public async Task A_models_configuration_is_compared_too()
    {
        await using var vendors = await Vendors.StartAsync();
        vendors.Answer(Find("kling/v5/edit"), Model("kling/v5/edit", "active", Document("""
            {"required":["prompt","source_url"],"properties":{"prompt":{},"source_url":{},"keep_audio":{"type":"boolean"},"duration":{"enum":["5","10"]}}}
            """)));
        vendors.Answer(Find("kling/v5/text"), Model("kling/v5/text", "active", Document("""
            {"properties":{"prompt":{},"duration":{"type":"string","enum":["5","10"]},"ratio":{"enum":["16:9"]},"resolution":{"enum":["720p"]}}}
            """)));
        var setup = vendors.Setup(["models", "--check", "--RemixProxy:Providers:replicate:Enabled=false"]);
        (string Setting, string Value)[] models =
        [
            ("0__Model", "dream"), ("0__Path", "kling/v5/text"), ("0__Operations", "create"), ("0__Seconds", "5-6"), ("0__Sizes", "1280x720"),
            ("0__Fields__aspect_ratio", "ratio"), ("0__Inputs", "last_frame"),
            ("1__Model", "kling/v5/edit"), ("1__Operations", "edit"), ("1__Fields__video", "source_url"), ("1__Fixed__keep_audio", "yes"),
        ];
        foreach (var (setting, value) in models) setup.Environment["RemixProxy__Providers__fal__Models__" + setting] = value;
        setup.Environment["RemixProxy__Providers__fal__RemixModel"] = "nobody/has/this";

        var (exitCode, output) = await HostProcess.RunAsync(setup);

        Assert.Equal(1, exitCode);
        Assert.Contains(
            "  differs      kling/v5/text: it has no input 'end_image_url'; 'duration' does not take 5, 6, only \"5\", \"10\"", output,
            StringComparison.Ordinal);
        Assert.Contains("  differs      kling/v5/edit: 'keep_audio' does not take \"yes\", only boolean", output, StringComparison.Ordinal);
        Assert.Contains("  gone         nobody/has/this: the vendor has it no more", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_is_not_reached_or_refuses_the_key_is_asked_no_further()
    {
        using var closed = new ClosedPort();
        await using var vendors = await Vendors.StartAsync();
        vendors.Answer("/v1/models/google/veo-3.1", $$"""{"title":"Unauthenticated","detail":"{{Key}} is no token","status":401}""", 401);
        var setup = vendors.Setup(["models", "--check"]);
        setup.Environment["RemixProxy__Providers__fal__BaseUrl"] = $"http://{closed.Authority}";

        var (exitCode, output) = await HostProcess.RunAsync(setup);

        Assert.Equal(2, exitCode);
        Assert.Matches("(?m)^  not checked  fal-ai/kling-video/v3/standard/text-to-video: unreachable: ConnectionError$", output);
        Assert.Matches(@"(?m)^  not checked  google/veo-3\.1: 401: \[key\] is no token$", output);
        Assert.Matches("(?m)^  not checked  5 more: left out after that$", output);
        Assert.EndsWith("0 as declared, 0 gone, 0 differ, 0 new, 23 not checked.", output.TrimEnd(), StringComparison.Ordinal);
        Assert.DoesNotContain(Key, output, StringComparison.Ordinal);
        Assert.Single(vendors.Asked);
    }

    [Fact]
    public async Task Fals_list_is_asked_at_its_own_host_through_the_proxy_and_without_the_key()
    {
        await using var vendors = await Vendors.StartAsync();
        vendors.Answer(Find("fal-ai/kling-video/v3/standard/text-to-video"), """{"models":[]}""");
        vendors.Drop(Find("fal-ai/kling-video/v3/standard/image-to-video"));
        await using var front = new TlsFront("api.fal.ai") { Server = vendors.Authority };
        await using var proxy = new CompanyProxy { Hosts = { ["api.fal.ai:443"] = front.Authority } };
        using var folder = new ConfigFolder();
        var (exitCode, output) = await HostProcess.RunAsync(new()
        {
            Environment = { ["FAL_KEY"] = Key, ["HTTPS_PROXY"] = proxy.Authority, ["SSL_CERT_FILE"] = folder.Write("trusted.pem", front.Pem) },
            Arguments = ["models", "--check"],
        });

        Assert.True(exitCode == 1, output);
        Assert.Contains("  gone         fal-ai/kling-video/v3/standard/text-to-video: the vendor has it no more", output, StringComparison.Ordinal);
        Assert.All(proxy.Calls, c => Assert.Equal("CONNECT api.fal.ai:443", $"{c.Method} {c.Target}"));
        Assert.Equal(
            "/v1/models?expand=openapi-3.0&endpoint_id=fal-ai%2Fkling-video%2Fv3%2Fstandard%2Ftext-to-video", vendors.Asked.First().Target);
        Assert.All(vendors.Asked, a => Assert.Empty(a.Authorization));
    }

    [Fact]
    public async Task Half_a_key_or_a_wrong_setting_ends_the_command_with_what_to_mend()
    {
        var (exitCode, output) = await HostProcess.RunAsync(new()
        {
            Environment = { ["FAL_KEY_SECRET"] = Key, ["RemixProxy__DrainTimeout"] = "soon" }, Arguments = ["models", "--check"],
        });
        var (served, said) = await HostProcess.RunAsync(new() { Environment = { ["FAL_KEY_SECRET"] = Key } });

        Assert.Equal((2, 1), (exitCode, served));
        Assert.Contains("RemixProxy:DrainTimeout", output, StringComparison.Ordinal);
        Assert.Contains("FAL_KEY_SECRET is set without FAL_KEY_ID", said, StringComparison.Ordinal);
        Assert.DoesNotContain(Key, output + said, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("models")]
    [InlineData("models --check", true)]
    [InlineData("models --check --urls http://a", true, 2)]
    [InlineData("models --RemixProxy:Sandbox=true /a b --check c=d", true, 4)]
    [InlineData("--urls http://a models", false, 3, false)]
    [InlineData("", false, 0, false)]
    public void Arguments_are_a_command_or_configuration(string text, bool checks = false, int settings = 0, bool isModels = true)
    {
        var line = CommandLine.Read(text.Split(' ', StringSplitOptions.RemoveEmptyEntries));

        Assert.Equal((null, isModels, checks, settings), (line.Error, line.IsModels, line.Checks, line.Settings.Length));
    }

    [Theory]
    [InlineData("model", "There is no command 'model'.")]
    [InlineData("models --chek", "'--chek' is nothing that models understands.")]
    [InlineData("models --chek --check", "'--chek' is nothing that models understands.")]
    [InlineData("models check", "'check' is nothing that models understands.")]
    public void A_wrong_argument_is_named(string text, string error) =>
        Assert.StartsWith(error, CommandLine.Read(text.Split(' ')).Error, StringComparison.Ordinal);

    [Fact]
    public async Task A_wrong_argument_ends_the_program_with_2()
    {
        var (exitCode, output) = await HostProcess.RunAsync(new() { Arguments = ["models", "--chek"] });

        Assert.Equal(2, exitCode);
        Assert.Contains("`models --check`", output, StringComparison.Ordinal);
    }

    private static string Find(string model) => "/v1/models?expand=openapi-3.0&endpoint_id=" + Uri.EscapeDataString(model);

    private static string Model(string name, string? status, string? document)
    {
        var model = new JsonObject { ["endpoint_id"] = name };
        if (status is not null) model["metadata"] = new JsonObject { ["status"] = status };
        if (document is not null) model["openapi"] = JsonNode.Parse(document);
        return new JsonObject { ["models"] = new JsonArray(model), ["next_cursor"] = null, ["has_more"] = false }.ToJsonString();
    }

    private static string Document(string input) => $$"""
        {"openapi":"3.0.4","paths":{"/x/status":{"get":{} },"/x":{"post":{"requestBody":{"content":{"application/json":{"schema":
        {"$ref":"#/components/schemas/X~1Input"} } } } } } },"components":{"schemas":{"X/Input":{{input}},"Audio":{"allOf":[{"enum":["auto"]}]} } } }
        """;

    private static string Latest(string input) =>
        $$"""{"owner":"a","name":"b","latest_version":{"id":"c","openapi_schema":{"components":{"schemas":{"Input":{{input}}} } } } }""";

    /// <summary>Both vendors as the sandbox has them, but for what a test says.</summary>
    private sealed class Vendors : IAsyncDisposable
    {
        private readonly ConcurrentDictionary<string, Func<HttpContext, Task>> _answers = new(StringComparer.Ordinal);
        private SandboxServer? _server;

        public ConcurrentQueue<(string Target, string Authorization)> Asked { get; } = new();

        public string Authority => _server!.Address.Authority;

        public static async Task<Vendors> StartAsync()
        {
            var vendors = new Vendors();
            vendors._server = await SandboxServer.StartAsync(new() { Intercept = vendors.InterceptAsync }, Ct);
            return vendors;
        }

        public void Answer(string target, string body, int status = 200) =>
            _answers[target] = http => Upstream.Answers(status, body, body[0] == '<' ? "text/html" : "application/json")(http, _ => Task.CompletedTask);

        public void Drop(string target) => _answers[target] = http => Upstream.Drops(http, _ => Task.CompletedTask);

        public HostProcess.Setup Setup(string[] arguments) => new()
        {
            Environment =
            {
                ["FAL_KEY"] = Key, ["REPLICATE_API_TOKEN"] = Key, ["RemixProxy__Providers__fal__BaseUrl"] = _server!.BaseUrl("fal", "fal"),
                ["RemixProxy__Providers__replicate__BaseUrl"] = _server.BaseUrl("replicate", "replicate"),
            },
            Arguments = arguments,
        };

        public ValueTask DisposeAsync() => _server!.DisposeAsync();

        private Task InterceptAsync(HttpContext http, RequestDelegate simulator)
        {
            var target = http.Request.Path.ToUriComponent() + http.Request.QueryString;
            Asked.Enqueue((target, http.Request.Headers.Authorization.ToString()));
            return _answers.TryGetValue(target[target.IndexOf("/v1/", StringComparison.Ordinal)..], out var answer) ? answer(http) : simulator(http);
        }
    }
}
