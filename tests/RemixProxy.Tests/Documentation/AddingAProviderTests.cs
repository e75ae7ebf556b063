using System.Text.RegularExpressions;
using RemixProxy.TestKit;

namespace RemixProxy.Tests.Documentation;

/// <summary>The code of <c>docs/adding-a-provider.md</c> is that of the project that follows it.</summary>
public partial class AddingAProviderTests
{
    private static readonly string Example = Path.Combine(Repository.Root, "tests", "RemixProxy.ExampleProvider");

    private static readonly Dictionary<string, string> Blocks =
        CodeBlock().Matches(File.ReadAllText(Path.Combine(Repository.Root, "docs", "adding-a-provider.md")))
            .ToDictionary(m => m.Groups["file"].Value, m => m.Groups["code"].Value, StringComparer.Ordinal);

    public static TheoryData<string> Files() => [.. Directory.EnumerateFiles(Example, "*.cs").Select(f => Path.GetFileName(f))];

    [Theory]
    [MemberData(nameof(Files))]
    public void Each_file_stands_on_the_page(string file) => Assert.Equal(File.ReadAllText(Path.Combine(Example, file)), Blocks[file]);

    [Fact]
    public void Each_block_is_a_file() => Assert.Empty(Blocks.Keys.Except(Files().Select(f => f.Data)));

    [GeneratedRegex(@"^```csharp\n// (?<file>\S+)\n(?<code>.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex CodeBlock();
}
