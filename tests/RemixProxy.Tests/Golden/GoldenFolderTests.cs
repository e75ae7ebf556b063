using RemixProxy.Providers;
using RemixProxy.TestKit;

namespace RemixProxy.Tests.Golden;

/// <summary>Proves the adapters by files; see <see cref="GoldenFolderCase"/>.</summary>
public class GoldenFolderTests
{
    private static readonly string Root = Path.Combine(Repository.Root, "tests", "RemixProxy.Tests", "Golden");

    public static TheoryData<string, string> Cases() => new(
        from provider in Directory.EnumerateDirectories(Root)
        from folder in Directory.EnumerateDirectories(provider)
        orderby folder
        select (Path.GetFileName(provider), Path.GetFileName(folder)));

    [Theory]
    [MemberData(nameof(Cases))]
    public void Translates(string provider, string name) =>
        new GoldenFolderCase(BuiltInAdapters.All.Single(p => p.Profile.Type == provider), Path.Combine(Root, provider, name)).Verify();
}
