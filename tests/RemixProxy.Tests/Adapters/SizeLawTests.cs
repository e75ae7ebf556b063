using FsCheck;
using FsCheck.Fluent;
using RemixProxy.Adapters;
using RemixProxy.Providers;

namespace RemixProxy.Tests.Adapters;

/// <summary>Laws of <see cref="SizeOption.Fit"/> and <see cref="Durations.Fit"/>.</summary>
public class SizeLawTests
{
    private static readonly Gen<VideoSize> Wishes = Gen.Choose(1, 5000).SelectMany(w => Gen.Choose(1, 5000).Select(h => new VideoSize(w, h)));

    private static readonly Gen<IReadOnlyList<SizeOption>> Offers = Gen.OneOf(
        Gen.Elements(BuiltInAdapters.All.SelectMany(p => p.Profile.Models).Select(m => m.Sizes).Where(s => s.Count > 0)),
        Wishes.NonEmptyListOf().Select(
            sizes => (IReadOnlyList<SizeOption>)[.. sizes.Select(s => new SizeOption(s.Width >= s.Height ? "wide" : "tall", "x", s))]));

    private static readonly Gen<Durations> Lengths = Gen.OneOf(
        Gen.Choose(1, 60).NonEmptyListOf().Select(v => Durations.Of([.. v.Distinct().Order().Select(s => (decimal)s)])),
        Gen.Choose(1, 10).SelectMany(a => Gen.Choose(0, 10).Select(b => Durations.Range(a, a + b))),
        Gen.Choose(1, 10).SelectMany(a => Gen.Choose(0, 10).Select(b => Durations.Any(a, a + b))));

    private static readonly Gen<decimal> Seconds = Gen.Choose(1, 7000).Select(s => s / 100m);

    [Fact]
    public void The_size_used_is_one_of_those_offered() =>
        Prop.ForAll(Offers.ToArbitrary(), Wishes.ToArbitrary(), (offer, wish) => offer.Contains(SizeOption.Fit(offer, wish))).QuickCheckThrowOnFailure();

    [Fact]
    public void A_size_that_is_offered_is_used() =>
        Prop.ForAll(Offers.ToArbitrary(), offer => offer.All(o => SizeOption.Fit(offer, o.Pixels).Pixels == o.Pixels)).QuickCheckThrowOnFailure();

    [Fact]
    public void A_portrait_wish_is_portrait_where_a_model_offers_both()
    {
        var both = Gen.Elements(
            BuiltInAdapters.All.SelectMany(p => p.Profile.Models).Select(m => m.Sizes).Where(
                s => s.Any(o => o.Aspect == "9:16") && s.Any(o => o.Aspect == "16:9")));
        Prop.ForAll(both.ToArbitrary(), Wishes.ToArbitrary(), (offer, wish) =>
        {
            var used = SizeOption.Fit(offer, wish).Pixels;
            return wish.Width == wish.Height || used.Width == used.Height || (used.Width > used.Height) == (wish.Width > wish.Height);
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void The_length_used_is_offered_and_no_shorter_than_the_wish_unless_it_is_the_longest() =>
        Prop.ForAll(Lengths.ToArbitrary(), Seconds.ToArbitrary(), (offer, wish) =>
    {
        var used = offer.Fit(wish);
        var offered = offer.Fractions ? used >= offer.Values[0] && used <= offer.Values[^1] : offer.Values.Contains(used);
        return offered && (used >= wish || used == offer.Values[^1]) && !offer.Values.Any(v => v >= wish && v < used);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_length_that_is_offered_is_used_and_longer_wishes_get_no_less() =>
        Prop.ForAll(Lengths.ToArbitrary(), Seconds.ToArbitrary(), Seconds.ToArbitrary(), (offer, a, b) =>
        offer.Values.All(v => offer.Fit(v) == v) && (a > b || offer.Fit(a) <= offer.Fit(b))).QuickCheckThrowOnFailure();
}
