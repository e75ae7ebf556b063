using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using RemixProxy.Adapters;
using RemixProxy.Contract;
using RemixProxy.Providers;
using RemixProxy.Tests.Adapters;

namespace RemixProxy.Tests.Sandbox;

/// <summary>The law: every size and length that an adapter's profile offers is taken by its simulator, and what no list has is refused.</summary>
public class ProfileLawTests() : SandboxTestBase("")
{
    private const string Prompt = "A paper boat";

    private static readonly MediaSource ImageUrl = new UrlSource("https://example.com/a.png", "image/png");

    private static readonly MediaSource ImageFile = new FileSource(MediaFile.From("a.png", "image/png", new byte[8]));

    private static readonly MediaSource Clip = new UrlSource("https://example.com/a.mp4", "video/mp4");

    public static TheoryData<string, string> Models() =>
        new(from adapter in TestedAdapters.All from model in adapter.Profile.Models select (adapter.Profile.Type, model.Id));

    [Theory]
    [MemberData(nameof(Models))]
    public async Task A_create_of_each_size_and_length_is_taken(string type, string id)
    {
        var (adapter, model) = Find(type, id);
        if (!model.Operations.HasFlag(VideoOperation.Create)) return;
        foreach (var image in new[] { null, ImageOf(adapter) })
        {
            foreach (var size in Sizes(model))
            {
                foreach (var seconds in Lengths(model.Seconds))
                {
                    var wish = Wish(adapter, model, VideoOperation.Create) with { Size = size, Seconds = seconds, InputReference = image };
                    if (Plan(adapter, wish) is { } plan) await AssertTakenAsync(type, plan, $"{size} {seconds} s");
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Models))]
    public async Task What_works_on_a_source_is_taken_in_each_size_and_length(string type, string id)
    {
        var (adapter, model) = Find(type, id);
        foreach (var operation in new[] { VideoOperation.Remix, VideoOperation.Edit, VideoOperation.Extend }.Where(o => model.Operations.HasFlag(o)))
        {
            var source = await SourceAsync(adapter, operation);
            foreach (var seconds in Lengths(operation == VideoOperation.Extend ? model.ExtendSeconds ?? model.Seconds : model.Seconds))
            {
                foreach (var size in Sizes(model))
                {
                    var wish = Wish(adapter, model, operation) with { Seconds = seconds, Size = size, SourceSize = size?.ToString(), Source = source };
                    await AssertTakenAsync(type, adapter.Submit(wish), $"{operation} {size} {seconds} s");
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Models))]
    public async Task Each_field_that_a_model_declares_is_sent_and_taken(string type, string id)
    {
        var (adapter, model) = Find(type, id);
        foreach (var operation in new[] { VideoOperation.Create, VideoOperation.Edit, VideoOperation.Extend }.Where(o => model.Operations.HasFlag(o)))
        {
            var wish = Wish(adapter, model, operation);
            wish = operation != VideoOperation.Create
                ? wish with { Source = await SourceAsync(adapter, operation) }
                : model.NeedsImage ? wish with { InputReference = ImageOf(adapter) } : wish;
            foreach (var field in (model.Fields ?? []).Where(f => f.Operations.HasFlag(operation)))
            {
                foreach (var value in Values(type, field))
                {
                    var fields = new Dictionary<string, JsonElement>(StringComparer.Ordinal) { [field.Name] = JsonElement.Parse(value) };
                    // The fields that need another.
                    if (field.Name == "exr_export") fields["hdr"] = JsonElement.Parse("true");
                    if (field.Name is "prores_profile" or "proresProfile") fields["output_format"] = JsonElement.Parse("\"prores\"");
                    var plan = adapter.Submit(wish with { Fields = fields });
                    Assert.DoesNotContain(plan.Adjustments, a => a.Param == field.Name);
                    await AssertTakenAsync(type, plan, $"{operation} {field.Name} {value}");
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Models))]
    public async Task What_no_list_has_is_refused(string type, string id)
    {
        var (adapter, model) = Find(type, id);
        foreach (var operation in new[] { VideoOperation.Create, VideoOperation.Edit, VideoOperation.Extend }.Where(o => model.Operations.HasFlag(o)))
        {
            var wish = Wish(adapter, model, operation);
            wish = operation == VideoOperation.Create
                ? wish with { InputReference = ImageOf(adapter) }
                : wish with { Source = await SourceAsync(adapter, operation) };
            var exchange = await PayingAsync(type, adapter.Submit(wish));
            var body = Bodies.Whole(exchange.Request.Body);
            var made = Server.Submits;
            foreach (var change in Changes(body, ""))
            {
                // A prompt may be anything, and so may a model of OpenAI's API.
                if (change.Old == Prompt || (type == "openai" && change.Path == "model")) continue;
                // Kling ignores what is at no place of its own.
                if (type == "kling" && change.Path.EndsWith("unlisted", StringComparison.Ordinal)) continue;
                var reply = await SendAsync(type, exchange.Request, new JsonBody(Encoding.UTF8.GetBytes(change.Body.ToJsonString())));
                Assert.True(reply.Status is 400 or 404 or 422, $"{operation}: {change.Path} is taken: {change.Body.ToJsonString()}");
            }

            Assert.Equal(made, Server.Submits);
        }
    }

    private static (IVideoAdapter Adapter, VideoModel Model) Find(string type, string id)
    {
        var adapter = TestedAdapters.Of(type);
        return (adapter, adapter.Profile.FindModel(id)!);
    }

    private static IEnumerable<VideoSize?> Sizes(VideoModel model) => model.Sizes.Count == 0 ? [null] : model.Sizes.Select(s => (VideoSize?)s.Pixels);

    private static IEnumerable<decimal?> Lengths(Durations? durations) => durations is not { } lengths
        ? [null]
        : [.. lengths.Values.Select(s => (decimal?)s), .. lengths.Fractions ? [lengths.Values[0] + 0.5m] : Array.Empty<decimal?>()];

    private SubmitRequest Wish(IVideoAdapter adapter, VideoModel model, VideoOperation operation) => new()
    {
        Operation = operation, Model = model.Id, Prompt = Prompt, Provider = adapter.Profile.Type, BaseUrl = BaseOf(adapter.Profile.Type),
    };

    private static IEnumerable<string> Values(string type, ModelField field) => field switch
    {
        { Words.Count: > 0 } => field.Words.Select(word => $"\"{word}\""),
        { Kind: FieldKind.Boolean } => ["true", "false"],
        { Name: "execution_expires_after" } => ["3600", "259200"],
        { Kind: FieldKind.Integer } => ["7"],
        { Name: "content_moderation" or "contentModeration" } => ["""{"publicFigureThreshold":"low"}"""],
        { Name: "controls" } => ["""{"depth":{"enabled":true}}"""],
        { Name: "keyframes" } when type == "xai" => ["""[{"image":{"url":"https://example.com/a.png"},"timestamp_s":2.5}]"""],
        { Name: "storage_options" } => ["""{"filename":"a.mp4","expires_after":86400,"public_url":{"expires_after":3600}}"""],
        { Name: "keyframes" } => ["""[{"at":0.5,"uri":"https://example.com/a.png"}]"""],
        { Name: "end_frame" } => ["\"https://example.com/a.png\""],
        { Name: "cfg_scale" } => ["0.7"],
        { Name: "keyframe_images" } => ["""["https://example.com/a.png"]"""],
        { Name: "keyframe_positions" } => ["""["first"]"""],
        { Kind: FieldKind.Text } => ["\"x\""],
        _ => throw new ArgumentOutOfRangeException(nameof(field), field, "Say here what it may be."),
    };

    // Some models make videos from an image only.
    private static SubmitPlan? Plan(IVideoAdapter adapter, SubmitRequest wish)
    {
        try
        {
            return adapter.Submit(wish);
        }
        catch (VideoRequestException e) when (wish.InputReference is null && e.Param == "input_reference")
        {
            return null;
        }
    }

    private async Task<MediaSource> SourceAsync(IVideoAdapter adapter, VideoOperation operation)
    {
        var forms = operation == VideoOperation.Extend ? adapter.Profile.ExtendSources : adapter.Profile.Sources;
        if (!forms.HasFlag(SourceForms.Id)) return Clip;
        var created = (Exchange)adapter.Submit(Wish(adapter, adapter.Profile.FindModel(adapter.Profile.CreateModel)!, VideoOperation.Create)).First;
        var reply = await SendAsync(adapter.Profile.Type, created.Request, created.Request.Body!);
        LetJobsEnd();
        return new NativeIdSource(((Answer)created.Next(reply.ToResponse())).Snapshot.Id!);
    }

    private async Task AssertTakenAsync(string type, SubmitPlan plan, string wish)
    {
        var exchange = await PayingAsync(type, plan);
        var reply = await SendAsync(type, exchange.Request, exchange.Request.Body!);
        Assert.True(reply.Status is 200 or 201, $"{wish} is refused: {reply.Text}");
        Assert.IsType<Answer>(exchange.Next(reply.ToResponse()));
    }

    // Some look first where the source is.
    private async Task<Exchange> PayingAsync(string type, SubmitPlan plan)
    {
        var exchange = (Exchange)plan.First;
        while (!exchange.Forward) exchange = (Exchange)exchange.Next((await SendAsync(type, exchange.Request, exchange.Request.Body)).ToResponse());
        return exchange;
    }

    private static MediaSource ImageOf(IVideoAdapter adapter) => adapter.Profile.Images.HasFlag(SourceForms.Url) ? ImageUrl : ImageFile;

    private async Task<Reply> SendAsync(string type, NativeRequest native, NativeBody? body)
    {
        using var request = new HttpRequestMessage(native.Method, new Uri(BaseOf(type), native.Target));
        Authorize(request);
        if (type == "gemini") request.Headers.Add("x-goog-api-key", "any-key");
        var profile = TestedAdapters.Of(type).Profile;
        foreach (var (name, value) in native.Headers.Concat(profile.Headers)) request.Headers.Add(name, value);
        if (body is not null) request.Content = new StringContent(Bodies.Whole(body).ToJsonString(), Encoding.UTF8, "application/json");
        return await SendAsync(request);
    }

    private Uri BaseOf(string type) =>
        Provider.WithVersion(new(Server.BaseUrl(type, "main")), TestedAdapters.Of(type).Profile.Version);

    /// <summary>A body with a field too many in each object, and with a value in each place that no list has.</summary>
    private static IEnumerable<(string Path, string? Old, JsonNode Body)> Changes(JsonObject body, string path)
    {
        yield return (path + "unlisted", null, Changed(body, o => o["unlisted"] = true));
        foreach (var (name, value) in body)
        {
            if (value is JsonObject inner)
            {
                foreach (var change in Changes(inner, $"{path}{name}."))
                    yield return (change.Path, change.Old, Changed(body, o => o[name] = change.Body));
            }
            else if (value is JsonValue)
            {
                yield return (path + name, value.ToString(), Changed(body, o => o[name] = value.GetValueKind() switch
                {
                    JsonValueKind.String => "no such word",
                    JsonValueKind.Number => -2,
                    _ => "no boolean",
                }));
            }
        }
    }

    private static JsonObject Changed(JsonObject body, Action<JsonObject> change)
    {
        var copy = (JsonObject)body.DeepClone();
        change(copy);
        return copy;
    }
}
