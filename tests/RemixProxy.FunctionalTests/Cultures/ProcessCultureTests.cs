using System.Net.Http.Json;
using System.Text.Json.Nodes;
using RemixProxy.FunctionalTests.Kit;

namespace RemixProxy.FunctionalTests.Cultures;

/// <summary>The host under the culture that its environment names, and under none.</summary>
public class ProcessCultureTests
{
    [Fact]
    public async Task Without_ICU_the_start_ends_with_one_sentence_that_says_what_to_do()
    {
        var (exitCode, output) = await HostProcess.RunAsync(
            new() { Environment = { ["DOTNET_SYSTEM_GLOBALIZATION_INVARIANT"] = "1", ["RemixProxy__Sandbox"] = "true" } });

        Assert.NotEqual(0, exitCode);
        Assert.StartsWith("RemixProxy needs ICU", Assert.Single(output.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
        Assert.All(["DOTNET_SYSTEM_GLOBALIZATION_INVARIANT", "-extra", "install ICU"], what => Assert.Contains(what, output, StringComparison.Ordinal));
    }

    /// <summary>In Welsh the "ll" of "magically" is one letter, in Turkish the small I another.</summary>
    [Theory]
    [InlineData("tr_TR.UTF-8")]
    [InlineData("cy_GB.UTF-8")]
    public async Task Another_wording_hits_whatever_the_language(string language)
    {
        await using var host = await HostProcess.StartAsync(new()
        {
            // The first look-up is compiled while it runs, which may take longer than a look-up may: then it would be a miss.
            Environment =
            {
                ["LANG"] = language, ["RemixProxy__Sandbox"] = "true", ["RemixProxy__Cache__Mode"] = "semantic", ["RemixProxy__Redis__Timeout"] = "00:00:10",
            },
        });

        var first = await CreateAsync(host, "MAGICALLY, THE FILM TITLE SHINES IN A CAFÉ");
        var second = await CreateAsync(host, "magically the film title shines in a cafe\u0301");

        Assert.Equal(
            (first["id"]!.GetValue<string>(), "semantic"),
            (second["id"]!.GetValue<string>(), second["extra_fields"]!["cache_debug"]!["hit_type"]?.GetValue<string>()));
    }

    private static async Task<JsonNode> CreateAsync(HostProcess host, string prompt)
    {
        using var answer = await host.Http.PostAsJsonAsync("v1/videos", new { model = "runway/gen4.5", prompt });
        var body = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, body);
        return JsonNode.Parse(body)!;
    }
}
