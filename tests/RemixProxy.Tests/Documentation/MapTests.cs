using System.Text.RegularExpressions;
using RemixProxy.TestKit;

namespace RemixProxy.Tests.Documentation;

/// <summary>The README's map names folders that exist, and leaves out no top-level folder, no project and no room of the plugin.</summary>
public partial class MapTests
{
    private static readonly string[] Named =
        [.. Row().Matches(Section().Match(File.ReadAllText(Path.Combine(Repository.Root, "README.md"))).Value).Select(m => m.Groups["folder"].Value)];

    [Fact]
    public void Each_named_folder_exists() => Assert.All(Named, folder => Assert.True(Directory.Exists(Path.Combine(Repository.Root, folder)), folder));

    [Fact]
    public void Each_folder_is_named_once() => Assert.Distinct(Named);

    [Theory]
    [InlineData("")]
    [InlineData("src")]
    [InlineData("src/RemixProxy")]
    [InlineData("tests")]
    public void No_folder_is_left_out(string parent)
    {
        var ignored = File.ReadLines(Path.Combine(Repository.Root, ".gitignore")).Select(line => line.TrimEnd('/')).ToHashSet();
        var folders = Directory.EnumerateDirectories(Path.Combine(Repository.Root, parent)).Select(f => Path.GetFileName(f)).Where(
            name => name[0] != '.' && !ignored.Contains(name)).Select(name => parent.Length == 0 ? name : $"{parent}/{name}");
        // A folder is named, or all of it by its parts.
        Assert.All(folders, folder => Assert.Contains(Named, n => n == folder || n.StartsWith(folder + '/', StringComparison.Ordinal)));
    }

    [GeneratedRegex(@"^## Map of the repository\n(?:(?!## ).*\n)*", RegexOptions.Multiline, 1000)]
    private static partial Regex Section();

    [GeneratedRegex(@"^\| `(?<folder>[^`]+)` \| \S.* \|$", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Row();
}
