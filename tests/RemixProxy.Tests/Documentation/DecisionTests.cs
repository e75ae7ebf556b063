using System.Globalization;
using System.Text.RegularExpressions;
using RemixProxy.TestKit;

namespace RemixProxy.Tests.Documentation;

/// <summary>The page of decisions: numbers are unique, the table of subjects is complete, and every number that a text refers to exists.</summary>
public partial class DecisionTests
{
    private static readonly string Page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "decisions.md"));
    private static readonly Match[] Decisions = Decision().Matches(Page).ToArray();
    private static readonly HashSet<int> Numbers = [.. Decisions.Select(NumberOf)];

    [Fact]
    public void Each_number_is_given_once() => Assert.Equal(Decisions.Length, Numbers.Count);

    [Fact]
    public void The_table_lists_each_subject_with_its_decisions_in_their_order()
    {
        var subjects = Subject().Matches(Page).Select(s =>
        {
            var name = s.Groups["name"].Value;
            var anchor = NotInAnchor().Replace(name.ToLowerInvariant(), "").Replace(' ', '-');
            return $"| [{name}](#{anchor}) | {string.Join(", ", Decision().Matches(s.Groups["text"].Value).Select(NumberOf))} |";
        });
        Assert.Equal(subjects, Row().Matches(Page).Select(r => r.Value));
    }

    [Fact]
    public void A_struck_decision_says_which_one_replaced_it()
    {
        foreach (var struck in Decisions.Where(d => d.Groups["strike"].Success))
            Assert.Matches(@"^\n\n\*Superseded by \d+\.?\*", Page[(struck.Index + struck.Length)..]);
    }

    [Fact]
    public void The_number_that_the_next_one_gets_is_free() =>
        Assert.Equal(Numbers.Max() + 1, int.Parse(Next().Match(Page).Groups["number"].Value, CultureInfo.InvariantCulture));

    [Fact]
    public void Every_decision_that_a_text_refers_to_exists()
    {
        string[] files = [.. Files("src", "*.cs"), .. Files("src", "*.csproj"), .. Files("tests", "*.cs"), .. Files("docs", "*.md"), .. Files("deploy", "*")];
        Assert.All(files, file => Assert.Subset(Numbers, Reference().Matches(File.ReadAllText(file)).Select(NumberOf).ToHashSet()));
    }

    private static IEnumerable<string> Files(string folder, string pattern) =>
        Directory.EnumerateFiles(Path.Combine(Repository.Root, folder), pattern, SearchOption.AllDirectories).Where(f => !Made().IsMatch(f));

    private static int NumberOf(Match match) => int.Parse(match.Groups["number"].Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^### (?<strike>~~)?(?<number>\d+)\. .+$", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Decision();

    [GeneratedRegex(@"^## (?<name>.+)\n(?<text>(?:(?!## ).*\n)*)", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Subject();

    [GeneratedRegex(@"^\| \[.+ \|$", RegexOptions.Multiline, 1000)]
    private static partial Regex Row();

    [GeneratedRegex("[^a-z0-9 -]", RegexOptions.None, 1000)]
    private static partial Regex NotInAnchor();

    [GeneratedRegex(@"next free number \((?<number>\d+)\)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Next();

    [GeneratedRegex(@"(decisions?|decisions\.md|[Ss]uperseded by) \(?(?<number>\d+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Reference();

    [GeneratedRegex(@"[\\/](bin|obj|Golden)[\\/]", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Made();
}
