using System.Text.RegularExpressions;
using RemixProxy.TestKit;

namespace RemixProxy.Tests.Documentation;

/// <summary>
/// Lines of code end at 160 columns, so that two files fit beside each other. Only a line that is mostly one literal may be longer.
/// </summary>
public partial class LineLengthTests
{
    private const int Columns = 160;

    /// <summary>A literal of this length would be harder to read, or to search for, if it were broken.</summary>
    private const int LongLiteral = 90;

    [Fact]
    public void No_line_of_code_is_longer_than_160_columns()
    {
        string[] files = [.. new[] { "src", "tests" }.SelectMany(
            f => Directory.EnumerateFiles(Path.Combine(Repository.Root, f), "*.cs", SearchOption.AllDirectories))];
        Assert.True(files.Length > 300, "The code is elsewhere.");
        Assert.Empty(files.Where(f => !Made().IsMatch(f)).SelectMany(LongLines));
    }

    private static IEnumerable<string> LongLines(string file)
    {
        var isRaw = false;
        foreach (var (number, line) in File.ReadLines(file).Index())
        {
            // The lines between the quotes of a raw literal are text, not code.
            var quotes = RawQuotes().Count(line);
            if (line.Length > Columns && !isRaw && !Literals().Matches(line).Any(m => m.Length > LongLiteral))
                yield return $"{Path.GetRelativePath(Repository.Root, file)}:{number + 1} has {line.Length} columns";
            isRaw ^= quotes % 2 == 1;
        }
    }

    [GeneratedRegex(@"[\\/](bin|obj)[\\/]", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Made();

    [GeneratedRegex("\"\"\"", RegexOptions.None, 1000)]
    private static partial Regex RawQuotes();

    [GeneratedRegex("\"\"\".*\"\"\"|\"[^\"]*\"", RegexOptions.None, 1000)]
    private static partial Regex Literals();
}
