using System.Text.RegularExpressions;
using Reels;
using RemixProxy.TestKit;
using RemixProxy.Tests.Golden;

namespace RemixProxy.Tests.Documentation;

/// <summary>The page on adding a provider is followed to the letter by the example project, whose files are the page's code blocks.</summary>
public partial class AddingAProviderTests
{
    private const string GoldenFile = "tests/RemixProxy.Tests/Golden/reels/create.md";

    private static readonly string Tests = Path.Combine(Repository.Root, "tests");

    // Blocks of one name, in order, are one file.
    private static readonly ILookup<string, string> Blocks = Block().Matches(File.ReadAllText(Path.Combine(Repository.Root, "docs", "adding-a-provider.md")))
        .ToLookup(b => b.Groups["file"].Value, b => b.Groups["text"].Value, StringComparer.Ordinal);

    [Fact]
    public void Each_file_is_what_the_page_says()
    {
        Assert.Equal(
            ["ReelsAdapter.cs", "ReelsAdapterTests.cs", "ReelsRegistration.cs", "ReelsSigner.cs", "RemixProxy.ExampleProvider.csproj", GoldenFile],
            Blocks.Select(b => b.Key).Order(StringComparer.Ordinal));
        Assert.All(Blocks.Where(b => b.Key != GoldenFile), block =>
        {
            var file = Assert.Single(Directory.EnumerateFiles(Tests, block.Key, SearchOption.AllDirectories));
            Assert.Equal(Words(File.ReadAllText(file)), Words(string.Join('\n', block)));
        });
    }

    [Fact]
    public void The_project_has_nothing_that_the_page_does_not_say() => Assert.Subset(
        Blocks.Select(b => b.Key).ToHashSet(),
        Directory.EnumerateFiles(Path.Combine(Tests, "RemixProxy.ExampleProvider")).Select(f => Path.GetFileName(f)).ToHashSet());

    [Fact]
    public async Task The_golden_page_on_it_is_right()
    {
        var page = new GoldenPage("reels", "create", Assert.Single(Blocks[GoldenFile]));
        foreach (var one in page.Cases)
        {
            var run = new GoldenRun(new ReelsAdapter(), page, one);
            await run.AskAsync();
            run.Verify();
        }
    }

    private static string Words(string text) => Space().Replace(text, " ").Trim();

    [GeneratedRegex(
        @"^(?<fence>```|~~~)\w+ (?<file>\S+)\n(?<text>.*?)^\k<fence>$", RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Block();

    [GeneratedRegex(@"\s+", RegexOptions.None, 1000)]
    private static partial Regex Space();
}
