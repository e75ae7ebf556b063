using System.Text.Json.Nodes;
using RemixProxy.Adapters;
using RemixProxy.Contract;
using RemixProxy.Sandbox.Content;
using RemixProxy.Sandbox.Fields;
using RemixProxy.Tests.Adapters;

namespace RemixProxy.Tests.Sandbox;

/// <summary>
/// The law: whatever images, videos and sounds a model declares, alone and together, the body that the adapter makes of them is one that the vendor's list has,
/// or the adapter refuses them. Not of openai, whose servers nobody knows.
/// </summary>
public class InputLawTests
{
    private static readonly MediaSource ImageUrl = new UrlSource("https://example.com/a.png", "image/png");

    private static readonly MediaSource ImageFile = new FileSource(MediaFile.From("a.png", "image/png", new byte[8]));

    private static readonly MediaSource Clip = new UrlSource("https://example.com/a.mp4", "video/mp4");

    private static readonly MediaSource ClipFile = new FileSource(MediaFile.From("a.mp4", "video/mp4", new byte[8]));

    private static readonly MediaSource SourceFile = new FileSource(MediaFile.From("source.mp4", "video/mp4", new byte[8]));

    private static readonly MediaSource Sound = new UrlSource("https://example.com/a.mp3", "audio/mpeg");

    public static TheoryData<string, string> Models() => new(
        from adapter in TestedAdapters.All
        where adapter.Profile.Type != "openai"
        from model in adapter.Profile.Models
        select (adapter.Profile.Type, model.Id));

    [Theory]
    [MemberData(nameof(Models))]
    public void Each_combination_of_inputs_is_in_the_list_or_refused(string type, string id)
    {
        var adapter = TestedAdapters.Of(type);
        var model = adapter.Profile.FindModel(id)!;
        foreach (var operation in new[] { VideoOperation.Create, VideoOperation.Edit, VideoOperation.Extend }.Where(o => model.Operations.HasFlag(o)))
        {
            var sent = new HashSet<string>(StringComparer.Ordinal);
            foreach (var wish in Wishes(adapter, model, operation))
            {
                if (BodyOf(adapter, wish) is not var (target, body)) continue;
                sent.UnionWith(Named(wish));
                var check = new FieldCheck((_, _) => new NativeSource(Clip: null), null) { TakesNulls = type != "runway" };
                GoldenBodyLawTests.RuleOf(type, target).Check(body, check);
                Assert.True(check.Problems.Count == 0, $"{operation} {string.Join(", ", Named(wish))}: {string.Join("; ", check.Problems)}");
                Assert.All(Urls(wish), url => Assert.Equal(url.Count, Count(body.ToJsonString(), url.Key)));
            }

            // Each input that the model declares is taken in some combination.
            Assert.Empty(Wishes(adapter, model, operation).SelectMany(Named).Except(sent));
        }
    }

    private static IEnumerable<SubmitRequest> Wishes(IVideoAdapter adapter, VideoModel model, VideoOperation operation)
    {
        var inputs = model.InputsOf(operation);
        var forms = operation == VideoOperation.Extend ? adapter.Profile.ExtendSources : adapter.Profile.Sources;
        // Google Cloud fetches nothing, and asks for the place of a source first.
        var fetches = !adapter.Profile.Type.StartsWith("vertex", StringComparison.Ordinal);
        var (image, clip) = (fetches ? ImageUrl : ImageFile, fetches && adapter.Profile.Type != "gemini" ? Clip : ClipFile);
        return
            from first in Options(inputs.FirstFrame ? 1 : 0)
            from last in Options(inputs.LastFrame ? 1 : 0)
            from images in Options(inputs.ReferenceImages)
            from videos in Options(inputs.ReferenceVideos)
            from sounds in Options(inputs.ReferenceAudio)
            from audio in model.SoundOf(operation) == ModelSound.Switch ? new bool?[] { null, true, false } : [null]
            select new SubmitRequest
            {
                Operation = operation, Model = model.Id, Prompt = "A paper boat", Provider = adapter.Profile.Type, BaseUrl = new("https://vendor.example/v1/"),
                InputReference = first > 0 ? image : null, LastFrame = last > 0 ? image : null, ReferenceImages = Several(image, images),
                ReferenceVideos = Several(clip, videos), ReferenceAudio = Several(Sound, sounds), Audio = audio,
                Source = operation == VideoOperation.Create ? null
                    : !fetches ? SourceFile
                    : forms.HasFlag(SourceForms.Id) ? new NativeIdSource("v1_source") : new UrlSource("https://example.com/source.mp4", "video/mp4"),
            };
    }

    private static (string Target, JsonObject Body)? BodyOf(IVideoAdapter adapter, SubmitRequest wish)
    {
        try
        {
            var request = ((Exchange)adapter.Submit(wish).First).Request;
            return (request.Target, Bodies.Whole(request.Body));
        }
        catch (VideoRequestException e) when (e.Code is "unsupported_parameter" or "missing_required_parameter")
        {
            return null;
        }
    }

    private static IEnumerable<string> Named(SubmitRequest wish)
    {
        if (wish.InputReference is not null) yield return "input_reference";
        if (wish.LastFrame is not null) yield return "last_frame";
        if (wish.ReferenceImages.Count > 0) yield return $"{wish.ReferenceImages.Count} reference_images";
        if (wish.ReferenceVideos.Count > 0) yield return $"{wish.ReferenceVideos.Count} reference_videos";
        if (wish.ReferenceAudio.Count > 0) yield return $"{wish.ReferenceAudio.Count} reference_audio";
        if (wish.Audio is { } audio) yield return $"audio {audio}";
    }

    // None of them may get lost on the way.
    private static IEnumerable<(string Key, int Count)> Urls(SubmitRequest wish) =>
    [
        ("a.png", Images(wish).OfType<UrlSource>().Count()),
        (Convert.ToBase64String("a.png"u8), Images(wish).OfType<FileSource>().Count()),
        ("a.mp4", wish.ReferenceVideos.OfType<UrlSource>().Count()),
        (Convert.ToBase64String("a.mp4"u8), wish.ReferenceVideos.OfType<FileSource>().Count()),
        ("a.mp3", wish.ReferenceAudio.Count),
    ];

    private static IEnumerable<MediaSource> Images(SubmitRequest wish) =>
        new[] { wish.InputReference, wish.LastFrame }.OfType<MediaSource>().Concat(wish.ReferenceImages);

    private static int Count(string text, string part) => text.Split(part).Length - 1;

    private static int[] Options(int most) => [.. new[] { 0, 1, most }.Where(count => count <= most).Distinct()];

    private static MediaSource[] Several(MediaSource media, int count) => [.. Enumerable.Repeat(media, count)];
}
