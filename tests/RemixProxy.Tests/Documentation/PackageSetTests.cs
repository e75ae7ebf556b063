using System.Diagnostics;
using System.Text.Json;

namespace RemixProxy.Tests.Documentation;

/// <summary>Both package sets fit every project, though one of them may not be restorable here: the project files are evaluated, not built.</summary>
public class PackageSetTests
{
    private const string Current = "current";
    private const string Portable = "portable";

    public static TheoryData<string> Projects { get; } =
        [.. new[] { "src", "tests" }.SelectMany(f => Directory.EnumerateDirectories(Path.Combine(Repository.Root, f))).SelectMany(f => Directory.EnumerateFiles(f, "*.csproj")).Select(p => Path.GetRelativePath(Repository.Root, p))];

    [Theory]
    [MemberData(nameof(Projects))]
    public async Task Each_set_has_a_version_of_every_package_and_its_own_one_of_two_folders(string project)
    {
        var portable = await EvaluateAsync(project, Portable);
        var current = await EvaluateAsync(project, Current);

        Assert.Empty(portable.Packages.Except(portable.Versions));
        Assert.Empty(current.Packages.Except(current.Versions));
        Assert.Empty(FoldersWith(Current, portable.Files));
        Assert.Empty(FoldersWith(Portable, current.Files));
        Assert.Equal(FoldersWith(Portable, portable.Files), FoldersWith(Current, current.Files));
    }

    [Fact]
    public async Task The_environment_chooses_the_set()
    {
        var project = Path.Combine("tests", "RemixProxy.FunctionalTests", "RemixProxy.FunctionalTests.csproj");
        Assert.DoesNotContain("Testcontainers.Redis", (await EvaluateAsync(project, "")).Packages);
        Assert.Contains("Testcontainers.Redis", (await EvaluateAsync(project, Current)).Packages);
    }

    private static IEnumerable<string> FoldersWith(string set, IEnumerable<string> files) =>
        files.Select(f => Path.GetDirectoryName(f)!).Where(f => Path.GetFileName(f).Equals(set, StringComparison.OrdinalIgnoreCase)).Select(f => Path.GetDirectoryName(f)!).Distinct().Order(StringComparer.Ordinal);

    private static async Task<(string[] Packages, string[] Versions, string[] Files)> EvaluateAsync(string project, string set)
    {
        using var process = Process.Start(new ProcessStartInfo("dotnet", ["msbuild", project, "-getItem:PackageReference,PackageVersion,Compile"])
        {
            WorkingDirectory = Repository.Root,
            UseShellExecute = false,
            RedirectStandardOutput = true,
            Environment = { ["PackageSet"] = set },
        })!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, output);
        using var json = JsonDocument.Parse(output);
        return (Named("PackageReference"), Named("PackageVersion"), Named("Compile"));

        string[] Named(string kind) => [.. json.RootElement.GetProperty("Items").GetProperty(kind).EnumerateArray().Select(i => i.GetProperty("Identity").GetString()!.Replace('\\', '/'))];
    }
}
