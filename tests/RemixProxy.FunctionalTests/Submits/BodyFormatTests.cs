using Microsoft.Extensions.Options;
using RemixProxy.FunctionalTests.Kit;

namespace RemixProxy.FunctionalTests.Submits;

/// <summary>OpenAI-compatible servers that take forms only: found out once, sent once more, and never after any other refusal.</summary>
public class BodyFormatTests
{
    private const string Key = "RemixProxy:Providers:openai:BodyFormat";

    // As vLLM-Omni answers.
    private const string Vllm = """
        {"error":{"message":"1 validation error:\n  {'type': 'missing', 'loc': ('body', 'prompt'), 'msg': 'Field required', 'input': None}\n\n  File
         \"/usr/lib/python3/vllm_omni/entrypoints/openai/api_server.py\", line 1610, in create_video\n    POST /v1/videos [{'type': 'missing', 'loc':
         ('body', 'prompt'), 'msg': 'Field required', 'input': None}]","type":"Bad Request","param":null,"code":400}}
        """;

    private const string FastApi =
        """{"detail":[{"type":"missing","loc":["body","prompt"],"msg":"Field required"},{"type":"missing","loc":["body","model"],"msg":"Field required"}]}""";

    [Theory]
    [InlineData(415, "")]
    [InlineData(415, """{"detail":"Unsupported media type 'application/json' in request."}""")]
    [InlineData(422, FastApi)]
    [InlineData(422, """{"detail":[{"loc":["body"],"msg":"field required","type":"value_error.missing"}]}""")]
    [InlineData(400, """{"error":{"message":"Missing required parameter: 'prompt'.","param":"prompt","code":"missing_required_parameter"}}""")]
    [InlineData(400, """{"error":"prompt is required"}""")]
    [InlineData(400, """{"message":"expected multipart/form-data"}""")]
    [InlineData(400, "Form data required")]
    [InlineData(400, "Content-Type must be multipart/form-data")]
    [InlineData(400, "no multipart boundary param in Content-Type")]
    [InlineData(422, "missing boundary")]
    [InlineData(400, Vllm)]
    [InlineData(400, """{"detail":"Validation error","errors":[{"field":"prompt","message":"Field required","type":"missing"}]}""")]
    [InlineData(400, """{"code":400,"msg":"Invalid data.","data":[{"type":"missing","loc":["body","prompt"],"msg":"Field required"}]}""")]
    [InlineData(422, """{"error":{"code":"INVALID","message":"Wrong.","details":{"validation_errors":[{"type":"missing","loc":["body","prompt"]}]}}}""")]
    [InlineData(422, """{"message":"Wrong.","issues":[{"code":"invalid_type","path":["prompt"],"message":"Required"}]}""")]
    [InlineData(422, """{"errors":[{"type":"field","msg":"is required","path":"body.prompt","location":"body"}]}""")]
    [InlineData(400, """{"statusCode":400,"message":["size is odd","prompt is required"],"error":"Bad Request"}""")]
    public async Task A_server_that_says_so_is_sent_a_form_once_more_and_forms_from_then_on(int status, string refusal)
    {
        await using var server = await FormServerAsync(status, refusal);
        Assert.Equal("v2:openai", (await server.App.CallAsync("POST", "v1/videos", new
        {
            model = "openai/wan-2.2", prompt = "A boat", seconds = 5, size = "832x480", steps = 30, loop = true, tags = new[] { "a", "b" },
            extra = new { fps = 16 },
        })).Id);
        Assert.Equal((false, true), (server.Submits[0].IsForm, server.Submits[1].IsForm));
        Assert.Equal(server.Submits[0].Key, server.Submits[1].Key);
        foreach (var part in new[]
        {
            "\"model\"\r\n\r\nwan-2.2", "\"prompt\"\r\n\r\nA boat", "\"seconds\"\r\n\r\n5", "\"size\"\r\n\r\n832x480", "\"steps\"\r\n\r\n30",
            "\"loop\"\r\n\r\ntrue", "\"tags[]\"\r\n\r\na", "\"tags[]\"\r\n\r\nb", "\"extra[fps]\"\r\n\r\n16",
        })
            Assert.Contains("name=" + part + "\r\n", server.Submits[1].Body, StringComparison.Ordinal);

        Assert.Equal("v3:openai", (await server.App.CreateAsync("openai/wan-2.2", "Another boat")).Id);
        Assert.Equal((3, true), (server.Submits.Count, server.Submits[2].IsForm));
    }

    [Theory]
    [InlineData(400, """{"error":{"message":"The prompt was refused.","type":"invalid_request_error","param":"prompt","code":"bad_prompt"}}""")]
    [InlineData(422, """{"detail":[{"type":"missing","loc":["body","negative_prompt"],"msg":"Field required","input":{"prompt":"A boat"}}]}""")]
    [InlineData(422, """{"detail":[{"type":"literal_error","loc":["body","seconds"],"msg":"Input should be '4'","input":"5"}]}""")]
    [InlineData(422, "{}")]
    [InlineData(400, """{"error":"width is required"}""")]
    [InlineData(400, """{"detail":"Validation error","errors":[{"field":"width","message":"Field required"},{"field":"prompt","message":"Too long"}]}""")]
    [InlineData(400, """{"message":["prompt is too long","width is required"],"error":"Bad Request"}""")]
    public async Task Any_other_refusal_is_final(int status, string refusal)
    {
        await using var server = await FormServerAsync(status, refusal);
        (await server.App.CreateAsync("openai/wan-2.2", "A boat")).AssertError(400, "invalid_value");
        Assert.Single(server.Submits);
    }

    [Theory]
    [InlineData(500)]
    [InlineData(408)]
    public async Task Nothing_is_sent_again_after_doubt(int status)
    {
        await using var server = await FormServerAsync(status, FastApi);
        (await server.App.CreateAsync("openai/wan-2.2", "A boat")).AssertError(424, "submission_unknown");
        Assert.Single(server.Submits);
    }

    [Fact]
    public async Task A_form_whose_answer_is_lost_is_doubt_and_not_sent_again()
    {
        await using var server = await ScriptedApp.StartAsync();
        server.Answer = (seen, http) =>
        {
            if (!seen.IsForm) return ScriptedApp.JsonAsync(http, 415, "{}");
            http.Abort();
            return Task.CompletedTask;
        };
        (await server.App.CreateAsync("openai/wan-2.2", "A boat")).AssertError(424, "submission_unknown");
        (await server.App.CreateAsync("openai/wan-2.2", "A boat")).AssertError(424, "submission_unknown");
        Assert.Equal(2, server.Submits.Count);
    }

    [Fact]
    public async Task A_server_that_refuses_the_form_too_gives_that_refusal_and_is_asked_by_JSON_first_again()
    {
        await using var server = await ScriptedApp.StartAsync();
        server.Says(415, """{"error":{"message":"Nothing will do."}}""");
        (await server.App.CreateAsync("openai/wan-2.2", "A boat")).AssertError(502, "provider_error");
        (await server.App.CreateAsync("openai/wan-2.2", "A boat")).AssertError(502, "provider_error");
        Assert.Equal([false, true, false, true], server.Submits.Select(s => s.IsForm));
    }

    [Fact]
    public async Task The_form_s_own_refusal_is_the_answer()
    {
        await using var server = await ScriptedApp.StartAsync();
        server.Answer = (seen, http) => seen.IsForm
            ? ScriptedApp.JsonAsync(http, 400, """{"error":{"message":"Too long.","param":"prompt","code":"too_long"}}""")
            : ScriptedApp.JsonAsync(http, 422, FastApi);
        var refused = await server.App.CreateAsync("openai/wan-2.2", "A boat");
        Assert.Contains("Too long.", refused.Error(400, "invalid_value", "prompt"), StringComparison.Ordinal);
        (await server.App.CreateAsync("openai/wan-2.2", "A boat")).AssertError(400, "invalid_value");
        Assert.Equal([false, true, true], server.Submits.Select(s => s.IsForm));
    }

    [Theory]
    [InlineData("Json", false)]
    [InlineData("Multipart", true)]
    public async Task A_configured_format_is_kept_whatever_the_server_says(string format, bool isForm)
    {
        await using var server = await ScriptedApp.StartAsync(new(StringComparer.Ordinal) { [Key] = format });
        server.Says(415, "{}");
        (await server.App.CreateAsync("openai/wan-2.2", "A boat")).AssertError(502, "provider_error");
        Assert.Equal([isForm], server.Submits.Select(s => s.IsForm));
    }

    [Fact]
    public async Task What_was_learned_is_no_other_server_s_and_no_other_application_s()
    {
        await using var first = await FormServerAsync(415, "");
        await using var second = await FormServerAsync(415, "");
        foreach (var server in new[] { first, second, first, second })
            _ = (await server.App.CreateAsync("openai/wan-2.2", "A boat", ("Cache-Control", "no-cache"))).Id;
        Assert.All([first, second], s => Assert.Equal([false, true, true], s.Submits.Select(r => r.IsForm)));
    }

    [Fact]
    public async Task It_is_a_setting_of_OpenAI_compatible_servers_only()
    {
        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => ProxyApp.StartAsync(
            new() { Settings = new(StringComparer.Ordinal) { ["RemixProxy:Providers:luma:BodyFormat"] = "Json" } }));
        Assert.Contains(error.Failures, f => f.Contains("RemixProxy:Providers:luma:BodyFormat", StringComparison.Ordinal));
    }

    /// <summary>A server that takes forms, and refuses JSON with the given words.</summary>
    private static async Task<ScriptedApp> FormServerAsync(int status, string refusal)
    {
        var server = await ScriptedApp.StartAsync();
        server.Answer = (seen, http) => seen.IsForm
            ? ScriptedApp.JsonAsync(http, 200, Invariant($$"""{"id":"v{{server.Submits.Count}}","status":"queued"}"""))
            : ScriptedApp.JsonAsync(http, status, refusal);
        return server;
    }
}
