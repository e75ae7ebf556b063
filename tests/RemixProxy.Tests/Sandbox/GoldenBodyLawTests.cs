using System.Text.Json.Nodes;
using RemixProxy.Adapters;
using RemixProxy.Providers;
using RemixProxy.Sandbox.Content;
using RemixProxy.Sandbox.Fields;
using RemixProxy.Sandbox.Providers;
using RemixProxy.Tests.Golden;

namespace RemixProxy.Tests.Sandbox;

/// <summary>
/// The law: whatever an adapter sends in a golden case that ends in a video, its vendor's list has. Not of openai: what self-hosted servers take nobody
/// knows, so that adapter hands on what it doesn't know.
/// </summary>
[Collection(nameof(GoldenPages))]
public class GoldenBodyLawTests
{
    public static TheoryData<string, string> Pages() =>
        new(
            from page in GoldenPages.All()
            where page.Provider != "openai" && page.Title is ("create" or "remix" or "edit" or "extend")
            select (page.Provider, page.Title));

    [Theory]
    [MemberData(nameof(Pages))]
    public void Each_body_that_makes_a_video_is_one_that_the_vendor_takes(string provider, string title)
    {
        var declared = BuiltInAdapters.All.Single(a => a.Profile.Type == provider).Profile.Models;
        string[] models = [.. declared.Select(m => m.Id), .. declared.OfType<ConfiguredModel>().Select(m => m.WithImage?.Id).OfType<string>()];
        var page = GoldenPages.All().Single(p => (p.Provider, p.Title) == (provider, title));
        var (faults, looked) = (new List<string>(), 0);
        foreach (var one in page.Cases.Where(c => c.End?.Word == "video"))
        {
            foreach (var native in one.Natives.Where(n => !n.Head[0].Contains("preliminary", StringComparison.Ordinal)))
            {
                // A model that is unknown to the adapter has no list here either.
                var target = native.Head[0].Split(' ')[1];
                if (native.Json is not JsonObject body || !models.Contains(ModelOf(provider, target, body))) continue;
                looked++;
                var check = new FieldCheck((_, _) => new NativeSource(Clip: null), null);
                RuleOf(provider, target).Check(body, check);
                faults.AddRange(check.Problems.Select(problem => $"{one.Heading}: {problem}"));
            }
        }

        Assert.True(looked > 0);
        Assert.Empty(faults);
    }

    private static string ModelOf(string provider, string target, JsonObject body) => provider switch
    {
        "fal" => target,
        "replicate" => NameIn(target),
        "vertex-veo" => target.Split('/')[^1].Split(':')[0],
        _ => body["model"]?.GetValue<string>() ?? target.Split('/')[^1],
    };

    private static string NameIn(string target) => string.Join('/', target.Split('/').Skip(1).Take(2));

    internal static FieldRule RuleOf(string provider, string target) => (provider, target) switch
    {
        ("gemini", "interactions") => GeminiFields.Interactions,
        ("vertex", _) when target.EndsWith("interactions", StringComparison.Ordinal) => GeminiFields.CloudInteractions,
        ("vertex-veo", _) when target.EndsWith(":predictLongRunning", StringComparison.Ordinal) => VeoFields.Predict,
        ("luma", "generations") => LumaSimulator.Generations,
        ("runway", "text_to_video") => RunwayFields.TextToVideo,
        ("runway", "image_to_video") => RunwayFields.ImageToVideo,
        ("runway", "video_to_video") => RunwayFields.VideoToVideo,
        ("kling", _) when target.Split('/') is [var kind, var model] => kind switch
        {
            "text-to-video" => KlingFields.TextToVideo[model],
            "image-to-video" => KlingFields.ImageToVideo[model],
            _ => KlingFields.OmniVideo[model],
        },
        ("ark", "contents/generations/tasks") => ArkFields.Tasks,
        ("fal", _) => FalFields.Models[target],
        ("replicate", _) => ReplicateSimulator.Models[NameIn(target)],
        ("xai", "videos/generations") => XaiSimulator.Generations,
        ("xai", "videos/edits") => XaiSimulator.Edits,
        ("xai", "videos/extensions") => XaiSimulator.Extensions,
        _ => throw new ArgumentOutOfRangeException(nameof(target), target, "Say here which list it is."),
    };
}
