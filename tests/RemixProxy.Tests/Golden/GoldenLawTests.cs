using System.Text.Json.Nodes;
using RemixProxy.Adapters;
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
        VideoOperation.Cancel,
    ];

    public static TheoryData<string> Providers() => new(BuiltInAdapters.All.Select(a => a.Profile.Type));

    /// <summary>One for each operation that it has, for retrieve, delete and cancel, and for the refusals; and none of another name.</summary>
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

    /// <summary>
    /// For each operation that the profile declares there is a case that ends well, or, of a delete or cancel, that says that the provider has none.
    /// </summary>
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
    public void Who_declares_a_cancel_has_one(string provider)
    {
        var adapter = GoldenPages.Adapter(provider);
        Assert.True(!adapter.Profile.Operations.HasFlag(VideoOperation.Cancel) || adapter.Cancel("x") is not null);
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public void Each_known_model_makes_a_video_in_a_case(string provider)
    {
        var profile = GoldenPages.Adapter(provider).Profile;
        Assert.Empty(profile.Models.Select(m => m.Id).Except(GoodSubmits(profile).Select(s => s.Model)));
    }

    /// <summary>Each word for a state is an answer to a retrieve.</summary>
    [Theory]
    [MemberData(nameof(Providers))]
    public void Each_status_word_has_a_case(string provider)
    {
        var said = from page in PagesOf(provider).Where(p => p.Title == "retrieve")
                   from one in page.Cases
                   from answer in one.Answers.Select(a => a.Json).OfType<JsonObject>()
                   from value in ValuesIn(answer)
                   select value.TryGetValue<string>(out var word) ? word : "";
        Assert.Empty(GoldenPages.Adapter(provider).Profile.Statuses.Select(s => s.Word).Except(said, StringComparer.OrdinalIgnoreCase));
    }

    /// <summary>Each field of a known model is asked for in a case that ends in a video.</summary>
    [Theory]
    [MemberData(nameof(Providers))]
    public void Each_field_of_a_model_has_a_case(string provider)
    {
        var profile = GoldenPages.Adapter(provider).Profile;
        Assert.Empty(profile.Models.SelectMany(m => m.Fields ?? []).Select(f => f.Name).Except(GoodSubmits(profile).SelectMany(s => s.Fields.Keys)));
    }

    /// <summary>The submits of all cases that end in a video.</summary>
    private static IEnumerable<SubmitRequest> GoodSubmits(ProviderProfile profile) =>
        from page in PagesOf(profile.Type)
        from one in page.Cases
        where one.End?.Word == "video"
        let request = new GoldenRequest(page, one)
        where request.Operation.IsSubmit()
        select request.ToSubmit(profile);

    private static IEnumerable<JsonValue> ValuesIn(JsonNode? node) => node switch
    {
        JsonObject members => members.SelectMany(m => ValuesIn(m.Value)),
        JsonArray items => items.SelectMany(ValuesIn),
        JsonValue value => [value],
        _ => [],
    };

    private static IEnumerable<GoldenPage> PagesOf(string provider) => GoldenPages.All().Where(p => p.Provider == provider);
}
