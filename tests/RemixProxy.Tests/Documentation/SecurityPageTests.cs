using System.Text.RegularExpressions;
using RemixProxy.TestKit;

namespace RemixProxy.Tests.Documentation;

/// <summary>SECURITY.md names, for each promise, test classes that exist.</summary>
public partial class SecurityPageTests
{
    [Fact]
    public void Each_promise_names_test_classes_that_exist()
    {
        var promises = File.ReadAllLines(Path.Combine(Repository.Root, "SECURITY.md")).SkipWhile(l => l != "## Promises").Where(l =>
            l.StartsWith("| ", StringComparison.Ordinal))
            .Skip(1).ToArray();
        var classes = Directory.EnumerateFiles(Path.Combine(Repository.Root, "tests"), "*Tests.cs",
            SearchOption.AllDirectories).Select(Path.GetFileNameWithoutExtension)
            .ToHashSet(StringComparer.Ordinal);

        Assert.InRange(promises.Length, 10, 40);
        Assert.All(promises, promise =>
        {
            var named = TestClass().Matches(promise).Select(m => m.Groups["name"].Value).ToArray();
            Assert.NotEmpty(named);
            Assert.All(named, name => Assert.Contains(name, classes));
        });
    }

    [GeneratedRegex("`(?<name>[A-Za-z]+Tests)`")]
    private static partial Regex TestClass();
}
