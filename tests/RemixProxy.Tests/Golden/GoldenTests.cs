using RemixProxy.TestKit;

namespace RemixProxy.Tests.Golden;

/// <summary>Proves the adapters by pages; see <see cref="GoldenPage"/> for how they are written.</summary>
[Collection(nameof(GoldenPages))]
public class GoldenTests
{
    public static IEnumerable<TheoryDataRow<string, string, string>> Cases() =>
        from page in GoldenPages.All()
        from one in page.Cases
        select new TheoryDataRow<string, string, string>(page.Provider, page.Title, one.Heading)
        {
            TestDisplayName = $"{page.Provider}/{page.Title}/{one.Heading}", Label = "",
        };

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Translates(string provider, string title, string heading)
    {
        var page = GoldenPages.Read(provider, title);
        var run = new GoldenRun(GoldenPages.Adapter(provider), page, page.Cases.Single(c => c.Heading == heading));
        await run.AskAsync();
        if (Repository.IsUpdating) await File.WriteAllTextAsync(GoldenPages.PathOf(provider, title), run.Update());
        else run.Verify();
    }
}
