using System.Globalization;
using System.Text.RegularExpressions;
using RemixProxy.TestKit;

namespace RemixProxy.Tests.Documentation;

/// <summary>The files that <c>docs/architecture.md</c> names exist, and each walk passes as many as its heading says.</summary>
public partial class ArchitectureTests
{
    private static readonly string Page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "architecture.md"));

    public static TheoryData<string, int> Walks() => new(
        Heading().Matches(Page).Select(m => (m.Value, int.Parse(m.Groups["files"].Value, CultureInfo.InvariantCulture))));

    [Fact]
    public void Each_named_file_exists() => Assert.All(
        NamedFile().Matches(Page).Select(m => m.Groups["path"].Value).Where(path => !path.Contains('*')),
        path => Assert.True(File.Exists(Path.Combine(Repository.Root, "src", "RemixProxy", path)), path));

    [Theory]
    [MemberData(nameof(Walks))]
    public void Walk_passes_as_many_files_as_its_heading_says(string heading, int files)
    {
        var walk = Page[(Page.IndexOf(heading, StringComparison.Ordinal) + heading.Length)..].Split("\n#")[0];
        string[] steps = [.. Step().Matches(walk).Select(m => m.Groups["number"].Value)];
        Assert.Equal(Enumerable.Range(1, files).Select(i => i.ToString(CultureInfo.InvariantCulture)), steps);
        Assert.Distinct(Step().Matches(walk).Select(m => m.Groups["path"].Value));
    }

    [Fact]
    public void There_are_four_walks() => Assert.Equal(4, Walks().Count);

    [GeneratedRegex(@"^### .*: (?<files>\d+) files$", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Heading();

    [GeneratedRegex(@"`(?<path>[A-Za-z*/]+\.cs)`", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex NamedFile();

    [GeneratedRegex(@"^(?<number>\d+)\. `(?<path>[^`]+)`", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Step();
}
