using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using RemixProxy.FunctionalTests.Kit;

namespace RemixProxy.FunctionalTests.Host;

/// <summary>The host as its operator meets it: what it says, what it reads, how it starts and stops.</summary>
public class HostTests
{
    private const string Key = "key_0f9e8d7c6b5a";

    [Fact]
    public async Task Development_starts_the_sandbox_and_says_what_is_simulated_where_and_what_to_try()
    {
        await using var host = await HostProcess.StartAsync(
            new() { Environment = { ["ASPNETCORE_ENVIRONMENT"] = "Development", ["RUNWAYML_API_SECRET"] = Key } });

        Assert.StartsWith("RemixProxy ", host.Output.Split('\n').First(l => l.Contains("Videos API at", StringComparison.Ordinal)), StringComparison.Ordinal);
        Assert.All(FinishedVideos.Providers, provider => Assert.Matches($@"(?m)^  {provider} +SANDBOX ", host.Output));
        Assert.Contains($"Try: curl {host.Http.BaseAddress}v1/videos", host.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("LIVE", host.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(Key, host.Output, StringComparison.Ordinal);
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), await HealthAsync(host));
    }

    [Fact]
    public async Task Production_without_a_key_starts_unready_and_says_what_to_set()
    {
        await using var host = await HostProcess.StartAsync(new());

        Assert.Contains("RUNWAYML_API_SECRET", host.Output, StringComparison.Ordinal);
        Assert.Contains("RemixProxy__Sandbox=true", host.Output, StringComparison.Ordinal);
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.ServiceUnavailable), await HealthAsync(host));
    }

    [Fact]
    public async Task Key_variable_makes_its_provider_live_names_itself_and_never_shows_the_key()
    {
        await using var host = await HostProcess.StartAsync(
            new() { Environment = { ["RUNWAYML_API_SECRET"] = Key, ["Logging__LogLevel__Default"] = "Trace" } });

        Assert.Matches("(?m)^  runway +LIVE +key from RUNWAYML_API_SECRET", host.Output);
        Assert.DoesNotContain(Key, host.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("SANDBOX", host.Output, StringComparison.Ordinal);
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), await HealthAsync(host));
    }

    [Fact]
    public async Task Key_that_callers_bring_is_said_to_be_theirs_and_a_variable_of_that_provider_is_not_read()
    {
        await using var live = await HostProcess.StartAsync(
            new() { Environment = { ["RUNWAYML_API_SECRET"] = Key, ["RemixProxy__Providers__runway__Passthrough"] = "true" } });
        await using var sandbox = await HostProcess.StartAsync(
            new() { Environment = { ["RemixProxy__Sandbox"] = "true", ["RemixProxy__Providers__runway__Passthrough"] = "true" } });

        Assert.Matches("(?m)^  runway +LIVE +key from the caller's bearer", live.Output);
        Assert.Matches("(?m)^  runway +SANDBOX +simulated, any bearer of the caller's will do", sandbox.Output);
        using var request = new HttpRequestMessage(HttpMethod.Post, "v1/videos");
        request.Content = JsonContent.Create(new { prompt = "x", model = "runway/gen4.5" });
        request.Headers.Add("Authorization", "Bearer anything");
        using var taken = await sandbox.Http.SendAsync(request);
        using var refused = await sandbox.Http.PostAsJsonAsync("v1/videos", new { prompt = "x", model = "runway/gen4.5" });
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.Unauthorized), (taken.StatusCode, refused.StatusCode));
    }

    [Fact]
    public async Task Explicit_sandbox_wins_over_the_environment_in_both_directions()
    {
        await using var sandbox = await HostProcess.StartAsync(new() { Environment = { ["RemixProxy__Sandbox"] = "true", ["LUMA_AGENTS_API_KEY"] = Key } });
        await using var live = await HostProcess.StartAsync(
            new() { Environment = { ["ASPNETCORE_ENVIRONMENT"] = "Development", ["RemixProxy__Sandbox"] = "false", ["LUMA_AGENTS_API_KEY"] = Key } });

        Assert.Matches("(?m)^  luma +SANDBOX", sandbox.Output);
        Assert.Matches("(?m)^  luma +LIVE", live.Output);
        Assert.DoesNotContain("SANDBOX", live.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Wrong_configuration_ends_the_start_with_one_message_that_names_every_key()
    {
        var (exitCode, output) = await HostProcess.RunAsync(new()
        {
            Environment =
            {
                ["RemixProxy__DrainTimeout"] = "soon",
                ["RemixProxy__Limits__MaxRequestBytes"] = "-1",
                ["RemixProxy__Providers__runway__BaseUrl"] = "api.example",
                ["RemixProxy__Providers__Runway_2__Type"] = "runway",
                ["RemixProxy__Providers__other__ApiKey"] = Key,
                ["RemixProxy__Chache__Mode"] = "Exact",
            },
        });

        Assert.NotEqual(0, exitCode);
        Assert.All(
            ["RemixProxy:DrainTimeout", "RemixProxy:Limits:MaxRequestBytes", "RemixProxy:Providers:runway:BaseUrl", "RemixProxy:Providers:Runway_2",
            "RemixProxy:Providers:other:Type", "RemixProxy:Chache"],
            key => Assert.Single(output.Split('\n'), line => line.Contains(key, StringComparison.Ordinal)));
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception", output, StringComparison.Ordinal);
        Assert.DoesNotContain(Key, output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task File_that_is_no_JSON_ends_the_start_with_its_name_and_line()
    {
        using var root = new ConfigFolder();
        root.Write("mine.json", "{\n  \"RemixProxy\": {\n    oops\n");

        var (exitCode, output) = await HostProcess.RunAsync(new() { ContentRoot = root.Path });

        Assert.NotEqual(0, exitCode);
        Assert.Contains("mine.json", output, StringComparison.Ordinal);
        Assert.Contains("LineNumber: 2", output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Address_in_use_is_said_in_a_sentence()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();

        var (exitCode, output) = await HostProcess.RunAsync(new() { OnAnyPort = false, Arguments = ["--urls", $"http://{taken.LocalEndpoint}"] });

        Assert.NotEqual(0, exitCode);
        Assert.Contains("Choose another address with --urls", output, StringComparison.Ordinal);
        Assert.DoesNotContain("Unhandled exception", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Urls_on_the_command_line_win_over_the_environment()
    {
        await using var host = await HostProcess.StartAsync(new()
        {
            OnAnyPort = false,
            Environment = { ["ASPNETCORE_URLS"] = "http://127.0.0.1:1", ["RemixProxy__Sandbox"] = "true" },
            Arguments = ["--urls", "http://127.0.0.1:0"],
        });

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), await HealthAsync(host));
    }

    [Fact]
    public async Task Files_beside_the_binary_give_way_to_the_content_roots_these_to_the_environment_and_that_to_the_command_line()
    {
        using var binaries = new ConfigFolder();
        binaries.CopyBinaries();
        using var root = new ConfigFolder();
        binaries.Write("defaults.json", Aliases("gemini", "a", "b", "c", "d"));
        root.Write("mine.json", Aliases("luma", "b", "c", "d"));
        root.Write("mine.schema.json", Aliases("nobody", "a", "b", "c", "d"));
        await using var host = await HostProcess.StartAsync(new()
        {
            Binaries = binaries.Path,
            ContentRoot = root.Path,
            Environment = { ["RemixProxy__Sandbox"] = "true", ["RemixProxy__Models__c"] = "runway/x", ["RemixProxy__Models__d"] = "runway/x" },
            Arguments = ["--RemixProxy:Models:d=openai/x"],
        });

        var models = JsonNode.Parse(await host.Http.GetStringAsync("v1/models"))!["data"]!.AsArray();

        Assert.Equal(
            ["a of gemini", "b of luma", "c of runway", "d of openai"], models.Select(m => $"{m!["id"]} of {m["owned_by"]}").Where(m => m[1] == ' ').Order());
    }

    private static async Task<(HttpStatusCode Live, HttpStatusCode Ready)> HealthAsync(HostProcess host)
    {
        using var live = await host.Http.GetAsync("healthz/live");
        using var ready = await host.Http.GetAsync("healthz/ready");
        return (live.StatusCode, ready.StatusCode);
    }

    private static string Aliases(string provider, params string[] aliases) =>
        new JsonObject
        {
            ["RemixProxy"] = new JsonObject
            {
                ["Models"] = new JsonObject(
            aliases.Select(a => KeyValuePair.Create(a, (JsonNode?)$"{provider}/x")))
            }
        }.ToJsonString();
}
