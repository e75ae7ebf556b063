using System.Text.Json.Nodes;
using RemixProxy.FunctionalTests.Kit;

namespace RemixProxy.FunctionalTests.Telemetry;

/// <summary>The log where a machine reads it.</summary>
public class JsonLogTests
{
    [Fact]
    public async Task Every_line_of_the_console_is_an_object_and_a_submit_tells_its_fields()
    {
        await using var host = await HostProcess.StartAsync(
            new() { Environment = { ["RemixProxy__Sandbox"] = "true", ["Logging__Console__FormatterName"] = "json" } });
        using var request = Calls.Request("POST", "v1/videos", new { prompt = "a secret boat", model = "luma/ray-3.2" }, ("x-remix-cache", "exact"));
        using var response = await host.Http.SendAsync(request);
        var video = await Reply.ReadAsync(response);
        await host.TerminateAsync();
        Assert.Equal(0, await host.ExitAsync());

        var lines = host.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonNode.Parse(l)!.AsObject()).ToArray();
        var serving = Assert.Single(lines, l => l["EventId"]!.GetValue<int>() == 42);
        Assert.StartsWith(serving["State"]!["Address"]!.GetValue<string>(), host.Http.BaseAddress!.AbsoluteUri, StringComparison.Ordinal);
        Assert.Equal(FinishedVideos.Providers.Order(),
            lines.Where(l => l["EventId"]!.GetValue<int>() == 40).Select(l => l["State"]!["Provider"]!.GetValue<string>()).Order());
        var submit = Assert.Single(lines, l => l["EventId"]!.GetValue<int>() == 10)["State"]!;
        Assert.Equal(
            ("create", "accepted", "luma", "ray-3.2", video.Id, "miss", video.Header("x-request-id")),
            (Text("Operation"), Text("Outcome"), Text("Provider"), Text("Model"), Text("VideoId"), Text("Cache"), Text("RequestId")));
        Assert.True(submit["Milliseconds"]!.GetValue<long>() >= 0);
        // A source of a key may be called a secret, but none is named.
        Assert.DoesNotContain("secret", host.Output.Replace("the secrets Credentials", "", StringComparison.Ordinal), StringComparison.Ordinal);

        string Text(string field) => submit[field]!.GetValue<string>();
    }
}
