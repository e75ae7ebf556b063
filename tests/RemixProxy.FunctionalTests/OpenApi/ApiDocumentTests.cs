using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.OpenApi;
using RemixProxy.FunctionalTests.Kit;
using RemixProxy.Host;
using RemixProxy.Operations.Submit;
using RemixProxy.Pipeline;
using RemixProxy.TestKit;

namespace RemixProxy.FunctionalTests.OpenApi;

/// <summary>The document is what tools can read, and says no less and no more than the code has.</summary>
public partial class ApiDocumentTests
{
    /// <summary>Of clients' keys, which the contract promises and nothing configures yet.</summary>
    private static readonly string[] Promised = ["401 invalid_api_key"];

    [Fact]
    public async Task The_librarys_own_reader_finds_nothing_wrong()
    {
        var (document, diagnostic) = OpenApiDocument.Parse((await ApiContract.Current).Text, OpenApiConstants.Json);

        Assert.Empty(diagnostic!.Errors);
        Assert.Empty(diagnostic.Warnings);
        Assert.Equal(OpenApiSpecVersion.OpenApi3_1, diagnostic.SpecificationVersion);
        Assert.Empty(document!.Validate(ValidationRuleSet.GetDefaultRuleSet()));
    }

    [Fact]
    public async Task Every_reference_leads_somewhere_and_every_schema_can_be_checked()
    {
        var contract = await ApiContract.Current;

        Assert.All(contract.References(), reference => contract.Resolve(new JsonObject { ["$ref"] = reference }));
        Assert.All(contract.Schemas(), contract.Audit);
    }

    [Fact]
    public async Task Every_component_is_referred_to()
    {
        var contract = await ApiContract.Current;
        var used = contract.References().Append("#/components/securitySchemes/bearer").ToHashSet(StringComparer.Ordinal);
        var components = contract.Root["components"]!.AsObject().SelectMany(kind => kind.Value!.AsObject().Select(c => $"#/components/{kind.Key}/{c.Key}"));

        Assert.DoesNotContain(components, c => !used.Contains(c) && !c.Contains("NoSuchOperation", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Every_route_is_an_operation_and_every_operation_a_route()
    {
        var routes = RemixProxyConfigProvider.Operations.SelectMany(r => r.Match.Methods!.Select(method => $"{method} {ApiDocument.PathOf(r)}"));
        string[] ofHost = ["GET /healthz/live", "GET /healthz/ready", "GET /metrics"];

        Assert.Equal(routes.Concat(ofHost).Order(), (await ApiContract.Current).Operations.Select(o => $"{o.Method} {o.Path}").Order());
    }

    [Fact]
    public async Task Every_operation_has_a_name_of_its_own_a_summary_answers_and_the_parameters_of_its_path()
    {
        var contract = await ApiContract.Current;
        var operations = contract.Operations.ToList();

        Assert.Equal(operations.Count, operations.Select(o => o.Operation["operationId"]!.GetValue<string>()).Distinct().Count());
        Assert.All(operations, o => Assert.NotEmpty(o.Operation["summary"]!.GetValue<string>()));
        Assert.All(operations, o => Assert.NotEmpty(o.Operation["responses"]!.AsObject()));
        Assert.All(operations, o =>
        {
            var parameters = o.Operation["parameters"]?.AsArray().Select(p => contract.Resolve(p!)).ToList() ?? [];
            Assert.Equal(PathParameter().Matches(o.Path).Select(m => m.Value),
                parameters.Where(p => p["in"]!.GetValue<string>() == "path").Select(p => $"{{{p["name"]}}}"));
            Assert.All(parameters, p => Assert.NotEmpty(p["description"]!.GetValue<string>()));
        });
    }

    [Fact]
    public void Every_error_in_the_code_is_described_and_every_described_one_is_in_the_code()
    {
        var code = string.Join(
            '\n', Directory.EnumerateFiles(Path.Combine(Repository.Root, "src", "RemixProxy"), "*.cs", SearchOption.AllDirectories).Where(
                f => !f.Contains("/obj/", StringComparison.Ordinal)).Select(File.ReadAllText));
        var made = Errors().Matches(code).Select(m => $"{m.Groups["status"]} {m.Groups["code"]}").Concat(
            Waits().Matches(code).Select(m => $"429 {m.Groups["code"]}")).ToHashSet(StringComparer.Ordinal);

        Assert.Equal(made.Union(Promised).Order(), ApiErrors.Rows.Select(r => $"{r.Status} {r.Code}").Distinct().Order());
    }

    [Fact]
    public async Task Every_field_that_means_the_same_everywhere_is_described_in_JSON_and_in_forms()
    {
        var contract = await ApiContract.Current;
        foreach (var type in new[] { "application/json", "multipart/form-data" })
        {
            var fields = contract.Operations.Where(o => o.Operation["requestBody"] is not null)
                .SelectMany(o => o.Operation["requestBody"]!["content"]![type]!["schema"]!["properties"]!.AsObject().Select(p => p.Key.Split('[')[0]));
            Assert.Equal(FieldNames.Own.Order(), fields.Distinct().Order());
        }
    }

    // As the official Node client declares them.
    [Theory]
    [InlineData("Video", "id", "completed_at", "created_at", "error", "expires_at", "model", "object", "progress", "prompt", "remixed_from_video_id", "seconds",
        "size", "status")]
    [InlineData("VideoError", "code", "message")]
    [InlineData("DeletedVideo", "id", "deleted", "object")]
    [InlineData("VideoList", "data", "has_more", "last_id")]
    [InlineData("ModelEntry", "id", "created", "object", "owned_by")]
    public async Task Everything_that_the_SDKs_read_is_always_there(string schema, params string[] fields)
    {
        var always = (await ApiContract.Current).Root["components"]!["schemas"]![schema]!["required"]!.AsArray().Select(f => f!.GetValue<string>());

        Assert.Empty(fields.Except(always));
    }

    [Fact]
    public async Task It_is_what_stands_in_docs()
    {
        var (made, path) = ((await ApiContract.Current).Text, Path.Combine(Repository.Root, "docs", "openapi.json"));

        if (Repository.IsUpdating) await File.WriteAllTextAsync(path, made);
        else Assert.Equal(await File.ReadAllTextAsync(path), made);
    }

    [Fact]
    public async Task The_host_serves_it_as_it_stands_in_docs()
    {
        await using var host = await HostProcess.StartAsync(new());
        using var response = await host.Http.GetAsync(ApiDocumentEndpoint.Path);
        var served = await response.Content.ReadAsByteArrayAsync();

        Assert.Equal("application/json", response.Content.Headers.ContentType?.ToString());
        Assert.Equal(served.Length, response.Content.Headers.ContentLength);
        Assert.Equal(["Date"], response.Headers.NonValidated.Select(h => h.Key));
        Assert.Equal(served, await host.Http.GetByteArrayAsync(ApiDocumentEndpoint.Path));
        // While it is written anew the host still has what it was built with.
        if (!Repository.IsUpdating) Assert.Equal(await File.ReadAllBytesAsync(Path.Combine(Repository.Root, "docs", "openapi.json")), served);
    }

    [Fact]
    public async Task The_hosts_probes_answer_as_described()
    {
        var contract = await ApiContract.Current;
        var schemas = new JsonSchema(contract.Root);
        await using var idle = await HostProcess.StartAsync(new());
        await using var ready = await HostProcess.StartAsync(new() { Environment = { ["RemixProxy__Sandbox"] = "true" } });
        foreach (var (host, path) in new[] { (idle, "/healthz/live"), (idle, "/healthz/ready"), (ready, "/healthz/ready") })
        {
            using var response = await host.Http.GetAsync(path);
            var schema = contract.Root["paths"]![path]!["get"]!["responses"]![((int)response.StatusCode).ToString(
                CultureInfo.InvariantCulture)]!["content"]![response.Content.Headers.ContentType!.MediaType!]!["schema"]!;
            Assert.Empty(schemas.Check(schema, JsonNode.Parse(await response.Content.ReadAsStringAsync())));
        }
    }

    [GeneratedRegex(@"\{[^}]+\}", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex PathParameter();

    [GeneratedRegex("""\(\s*(?<status>[45]\d\d), "(?<code>[a-z_]+)""" + "\"", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Errors();

    [GeneratedRegex("""RateLimited\(.*, "(?<code>[a-z_]+)""" + "\"", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Waits();
}
