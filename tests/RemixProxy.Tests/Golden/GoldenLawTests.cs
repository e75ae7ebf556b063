using RemixProxy.Contract;
using RemixProxy.Providers;

namespace RemixProxy.Tests.Golden;

/// <summary>What the pages must speak of, by what the adapters say of themselves.</summary>
[Collection(nameof(GoldenPages))]
public class GoldenLawTests
{
    private static readonly VideoOperation[] Asked =
    [
        VideoOperation.Create, VideoOperation.Remix, VideoOperation.Edit, VideoOperation.Extend, VideoOperation.Retrieve, VideoOperation.Delete,
    ];

    public static TheoryData<string> Providers() => new(BuiltInAdapters.All.Select(a => a.Profile.Type));

    /// <summary>One for each operation that it has, retrieve and delete, which all have, and the refusals; and none of another name.</summary>
    [Theory]
    [MemberData(nameof(Providers))]
    public void A_provider_has_the_pages_that_it_needs(string provider)
    {
        var operations = GoldenPages.Adapter(provider).Profile.Operations;
        var needed = Asked.Where(o => operations.HasFlag(o) || !o.IsSubmit()).Select(o => o.Name()).Append("refusals");
        var there = PagesOf(provider).Where(p => p.Cases.Count > 0).Select(p => p.Title);
        Assert.Equal(needed.Order(StringComparer.Ordinal), there.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Each_page_belongs_to_a_provider() =>
        Assert.Empty(GoldenPages.All().Select(p => p.Provider).Except(BuiltInAdapters.All.Select(a => a.Profile.Type)));

    /// <summary>For each operation that the profile declares there is a case that ends well, or, of a delete, that says that the provider has none.</summary>
    [Theory]
    [MemberData(nameof(Providers))]
    public void Each_declared_operation_works_in_a_case(string provider)
    {
        var operations = GoldenPages.Adapter(provider).Profile.Operations;
        var works = PagesOf(provider).Where(p => p.Title != "refusals" && p.Cases.Any(c => c.End?.Word is "video" or "unsupported")).Select(p => p.Title);
        Assert.Empty(Asked.Where(o => operations.HasFlag(o)).Select(o => o.Name()).Except(works));
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public void Each_known_model_makes_a_video_in_a_case(string provider)
    {
        var profile = GoldenPages.Adapter(provider).Profile;
        var used = from page in PagesOf(provider)
                   from one in page.Cases
                   where one.End?.Word == "video"
                   let request = new GoldenRequest(page, one)
                   where request.Operation.IsSubmit()
                   select request.ToSubmit(profile).Model;
        Assert.Empty(profile.Models.Select(m => m.Id).Except(used));
    }

    private static IEnumerable<GoldenPage> PagesOf(string provider) => GoldenPages.All().Where(p => p.Provider == provider);
}
