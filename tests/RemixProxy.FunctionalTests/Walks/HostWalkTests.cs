using System.Diagnostics;
using System.Text.Json.Nodes;
using RemixProxy.FunctionalTests.Kit;
using RemixProxy.TestKit;

namespace RemixProxy.FunctionalTests.Walks;

/// <summary>The README's walk as it stands there, in a shell, against the host in sandbox mode and in real time.</summary>
public class HostWalkTests(SandboxHost sandbox) : IClassFixture<SandboxHost>
{
    private const string Address = "http://localhost:8080/";
    private const string Wish = """'{"prompt": "A paper boat on a canal",""";

    [Fact]
    public async Task Create_poll_remix_poll_download_list_at_every_provider_and_without_naming_a_model()
    {
        var models = await ListAsync("v1/models");
        string[] remixing = [.. TestedProviders.All.Where(p => p.Remixes).Select(p => p.Type)];
        var named = remixing.Select(FinishedVideos.ModelOf).Append("sora-2").ToArray();
        Assert.Superset(named.ToHashSet(), models.Select(m => m["id"]!.GetValue<string>()).ToHashSet());

        await Task.WhenAll(named.SkipLast(1).Append(null).Select(WalkAsync));

        var remixes = (await ListAsync("v1/videos?limit=100")).Where(v => v["remixed_from_video_id"] is not null).ToList();
        // The one that names no model is gemini's.
        Assert.Equal(
            remixing.Append("gemini").Order(), remixes.Select(r => r["extra_fields"]!["provider"]!.GetValue<string>()).Order());
        // The address in the answer is one that the caller can fetch.
        foreach (var remix in remixes) AssertMp4(await sandbox.Host.Http.GetByteArrayAsync(remix["videos"]![0]!["url"]!.GetValue<string>()));
    }

    private static void AssertMp4(byte[] bytes) => Assert.Equal("ftyp"u8.ToArray(), bytes[4..8]);

    private static string Script()
    {
        var readme = File.ReadAllText(Path.Combine(Repository.Root, "README.md"));
        var section = readme[readme.IndexOf("## Try it", StringComparison.Ordinal)..];
        const string Begin = "```bash\n";
        var begin = section.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length;
        return section[begin..section.IndexOf("```", begin, StringComparison.Ordinal)];
    }

    private async Task WalkAsync(string? model)
    {
        var script = Script();
        Assert.Contains(Address, script, StringComparison.Ordinal);
        Assert.Contains(Wish, script, StringComparison.Ordinal);
        script = script.Replace(Address, sandbox.Host.Http.BaseAddress!.AbsoluteUri, StringComparison.Ordinal);
        if (model is not null) script = script.Replace(Wish, $$"""{{Wish}} "model": "{{model}}",""", StringComparison.Ordinal);
        var folder = Directory.CreateTempSubdirectory();
        try
        {
            var listed = await RunAsync(script, folder.FullName);
            Assert.Contains("\"object\":\"list\"", listed, StringComparison.Ordinal);
            AssertMp4(await File.ReadAllBytesAsync(Path.Combine(folder.FullName, "snow.mp4")));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<string> RunAsync(string script, string folder)
    {
        var start = new ProcessStartInfo("bash", ["-eu", "-c", script]) { WorkingDirectory = folder, UseShellExecute = false, RedirectStandardOutput = true };
        start.Environment["no_proxy"] = "*";
        using var bash = Process.Start(start)!;
        try
        {
            // A video that fails is waited for without end.
            var output = await bash.StandardOutput.ReadToEndAsync().WaitAsync(TimeSpan.FromMinutes(1));
            await bash.WaitForExitAsync();
            Assert.Equal(0, bash.ExitCode);
            return output;
        }
        finally
        {
            if (!bash.HasExited) bash.Kill(entireProcessTree: true);
        }
    }

    private async Task<JsonNode[]> ListAsync(string path) =>
        [.. JsonNode.Parse(await sandbox.Host.Http.GetStringAsync(path))!["data"]!.AsArray().Select(e => e!)];
}
