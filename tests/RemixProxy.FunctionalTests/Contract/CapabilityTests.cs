using System.Globalization;
using System.Text.Json.Nodes;
using RemixProxy.Adapters;
using RemixProxy.Contract;
using RemixProxy.FunctionalTests.Kit;
using RemixProxy.Providers;

namespace RemixProxy.FunctionalTests.Contract;

/// <summary>
/// The law of the front door: what <c>GET /v1/models</c> claims of a model passes at its simulator, and what it does not claim is refused before anything is
/// sent, or told as an adjustment.
/// </summary>
public class CapabilityTests(ClaimedModels models) : IClassFixture<ClaimedModels>
{
    private static readonly VideoOperation[] Submits = [VideoOperation.Create, VideoOperation.Remix, VideoOperation.Edit, VideoOperation.Extend];

    private static readonly Input First = new("first_frame", "input_reference", "image/png", "https://example.com/a.png", i => i.FirstFrame ? 1 : 0);

    private static readonly Input Images = First with { Claim = "reference_images", Field = "reference_images", Most = i => i.ReferenceImages, IsList = true };

    private static readonly Input[] Inputs =
    [
        First,
        First with { Claim = "last_frame", Field = "last_frame", Most = i => i.LastFrame ? 1 : 0 },
        Images,
        new("reference_videos", "reference_videos", "video/mp4", "https://example.com/a.mp4", i => i.ReferenceVideos) { IsList = true },
        new("reference_audio", "reference_audio", "audio/mpeg", "https://example.com/a.mp3", i => i.ReferenceAudio) { IsList = true },
    ];

    public static TheoryData<string> Models =>
        [.. from adapter in BuiltInAdapters.All from model in adapter.Profile.Models select $"{adapter.Profile.Type}/{model.Id}"];

    [Fact]
    public void Every_model_of_the_list_is_tried_here() => Assert.Equal(Models.Select(row => row.Data).Order(), models.Claims.Keys.Order());

    [Theory]
    [MemberData(nameof(Models))]
    public async Task An_operation_works_where_it_is_claimed_and_is_refused_with_those_who_can_elsewhere(string id)
    {
        var claimed = Texts(id, "operations");
        Assert.Equal(claimed.Contains("remix"), Text(models.Claims[id], "remix") != "none");
        foreach (var operation in Submits)
        {
            if (claimed.Contains(operation.Name()))
            {
                var video = await models.TakenAsync(id, operation);
                // Some work on a video with the model that made it, and say so.
                if (Adjusted(video, "model") is { } other) Assert.Equal((id, Text(video, "model")), (Text(other, "requested"), Text(other, "used")));
                else Assert.Equal(id, $"{ClaimedModels.ProviderOf(id)}/{Text(video, "model")}");
            }
            else
            {
                await AssertRefusedAsync(id, operation);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Models))]
    public async Task An_upload_is_worked_on_where_the_provider_takes_files(string id)
    {
        foreach (var operation in new[] { VideoOperation.Edit, VideoOperation.Extend })
        {
            if (Texts(id, "operations").Contains(operation.Name()) && TakesFiles(id, operation)) await models.TakenAsync(id, operation, isUpload: true);
            else await AssertRefusedAsync(id, operation, isUpload: true);
        }
    }

    [Theory]
    [MemberData(nameof(Models))]
    public async Task What_a_model_made_is_shown_served_stopped_and_deleted_as_claimed(string id)
    {
        var claimed = Texts(id, "operations");
        Assert.All(["retrieve", "list", "content", "delete"], always => Assert.Contains(always, claimed));
        var operation = Submits.First(o => claimed.Contains(o.Name()));
        var slow = Text(await models.TakenAsync(id, operation, new() { ["prompt"] = "SLOW boat of " + id }), "id");
        var cancelled = await models.App.CallAsync("POST", $"v1/videos/{slow}/cancel");
        if (claimed.Contains("cancel")) Assert.Equal("cancelled", Text(cancelled.Ok()["error"]!, "code"));
        else Assert.Equal(Claiming("cancel").Select(ClaimedModels.ProviderOf).ToHashSet(), Named(cancelled.Error(400, "unsupported_operation", "video_id")));

        var made = Text(await models.TakenAsync(id, operation), "id");
        Assert.Equal("completed", Text(await models.App.FinishAsync(made), "status"));
        Assert.NotEmpty(await models.App.BytesAsync($"v1/videos/{made}/content"));
        Assert.Contains(made, await models.App.ListAsync());
        (await models.App.CallAsync("DELETE", "v1/videos/" + made)).Ok();
        Assert.DoesNotContain(made, await models.App.ListAsync());
    }

    [Theory]
    [MemberData(nameof(Models))]
    public async Task A_claimed_size_and_length_is_met_and_any_other_is_told(string id)
    {
        var (claimed, sizes, lengths) = (Texts(id, "operations"), Texts(id, "sizes"), Lengths(id));
        foreach (var operation in Submits.Where(o => claimed.Contains(o.Name())))
        {
            for (var i = 0; i < Math.Max(sizes.Length, lengths.Length); i++)
            {
                var wish = new JsonObject();
                if (sizes.Length > 0) wish["size"] = sizes[i % sizes.Length];
                if (lengths.Length > 0) wish["seconds"] = Durations.Text(lengths[i % lengths.Length]);
                await AssertMetAsync(id, operation, wish);
            }
        }

        if (!claimed.Contains("create")) return;
        foreach (var size in sizes.Length > 0 ? new[] { "998x1000", "100x998", "998x100", "4098x4098" } : [])
        {
            var video = await models.TakenAsync(id, VideoOperation.Create, new() { ["size"] = size });
            Assert.Equal(size, Text(Adjusted(video, "size")!, "requested"));
            Assert.Contains(Text(Adjusted(video, "size")!, "used"), sizes);
            Assert.Equal(Text(video, "size"), Text(Adjusted(video, "size")!, "used"));
        }

        foreach (var seconds in lengths.Length > 0 ? Enumerable.Range(1, (int)lengths[^1] + 1).Select(s => (decimal)s).Except(lengths) : [])
        {
            var video = await models.TakenAsync(id, VideoOperation.Create, new() { ["seconds"] = Durations.Text(seconds) });
            var used = Seconds(Text(Adjusted(video, "seconds")!, "used"));
            Assert.Equal(lengths.FirstOrDefault(length => length > seconds, lengths[^1]), used);
            Assert.Equal(Text(video, "seconds"), Durations.Text(used));
        }
    }

    [Theory]
    [MemberData(nameof(Models))]
    public async Task A_claimed_aspect_ratio_is_met_and_any_other_is_refused(string id)
    {
        var aspects = Texts(id, "aspect_ratios");
        Assert.Equal(Texts(id, "sizes").Length > 0, aspects.Length > 0);
        // An OpenAI-compatible server is sent the caller's own words.
        if (!Texts(id, "operations").Contains("create") || models.Declared(id).Provider.Profile.IsOpenAiCompatible) return;
        foreach (var aspect in aspects)
        {
            var wish = new JsonObject { ["aspect_ratio"] = aspect };
            var (reply, _) = await models.TriedAsync(id, VideoOperation.Create, wish);
            // Fewer may be had from text alone.
            if (reply.Status != 200) wish["input_reference"] = ClaimedModels.ImageOf(id);
            var video = reply.Status == 200 ? reply.Json : await models.TakenAsync(id, VideoOperation.Create, wish);
            Assert.True(VideoSize.TryParse(Text(video, "size"), out var size));
            var ratio = aspect.Split(':').Select(part => double.Parse(part, CultureInfo.InvariantCulture)).ToArray();
            Assert.InRange(size.Width / (double)size.Height / (ratio[0] / ratio[1]), 0.95, 1.05);
            Assert.Null(Adjusted(video, "aspect_ratio"));
        }

        await models.RefusedAsync(id, VideoOperation.Create, new() { ["aspect_ratio"] = "7:3" }, "invalid_value", "aspect_ratio");
    }

    [Theory]
    [MemberData(nameof(Models))]
    public async Task A_claimed_input_is_taken_up_to_its_number_and_any_other_is_refused(string id)
    {
        var (claimed, inputs, model) = (Texts(id, "operations"), models.Claims[id]["inputs"]!, models.Declared(id).Model);
        var operations = Submits.Where(o => claimed.Contains(o.Name())).ToArray();
        foreach (var input in Inputs)
        {
            Assert.Equal(inputs[input.Claim]!.GetValue<bool>(), operations.Any(o => input.Most(model.InputsOf(o)) > 0));
            foreach (var operation in operations)
            {
                var most = input.Most(model.InputsOf(operation));
                foreach (var count in new[] { Math.Min(1, most), most }.Where(c => c > 0).Distinct()) await AssertTakenAsync(id, operation, input, count);
                if (most == 0 || input.IsList) await models.RefusedAsync(id, operation, Wish(id, (input, most + 1)), "unsupported_parameter", input.Field);
            }
        }

        Assert.Equal(inputs["images"]!.GetValue<bool>(), new[] { "first_frame", "last_frame", "reference_images" }.Any(i => inputs[i]!.GetValue<bool>()));
    }

    [Theory]
    [MemberData(nameof(Models))]
    public async Task Sound_is_what_is_claimed_and_several_videos_are_as_many_as_one_job_makes(string id)
    {
        var (claimed, model) = (Texts(id, "operations"), models.Declared(id).Model);
        var operations = Submits.Where(o => claimed.Contains(o.Name())).ToArray();
        var isOpen = models.Declared(id).Provider.Profile.IsOpenAiCompatible;
        // A create's, where the model has one.
        Assert.Equal(Text(models.Claims[id], "audio"), model.SoundOf(operations[0]).ToString().ToLowerInvariant());
        foreach (var operation in operations)
        {
            var bodies = new HashSet<string>(StringComparer.Ordinal);
            foreach (var (audio, impossible) in new[] { (true, ModelSound.Never), (false, ModelSound.Always) })
            {
                // An OpenAI-compatible server is sent the field as it came, and may refuse it.
                if (model.SoundOf(operation) == impossible)
                {
                    await models.RefusedAsync(id, operation, new() { ["audio"] = audio }, "unsupported_parameter", "audio");
                }
                else if (!isOpen)
                {
                    await models.TakenAsync(id, operation, new() { ["audio"] = audio });
                    bodies.Add(models.LastSubmit());
                }
            }

            // A switch switches something.
            if (model.SoundOf(operation) == ModelSound.Switch) Assert.Equal(2, bodies.Count);
            await models.RefusedAsync(id, operation, new() { ["n"] = model.MaxOutputs + 1 }, "unsupported_parameter", "n");
            if (model.MaxOutputs == 1) continue;
            var several = await models.TakenAsync(id, operation, new() { ["n"] = model.MaxOutputs });
            Assert.Equal(model.MaxOutputs, (await models.App.FinishAsync(Text(several, "id")))["videos"]!.AsArray().Count);
        }
    }

    // Some are taken only beside another, which the refusal names. None may get lost on the way.
    private async Task AssertTakenAsync(string id, VideoOperation operation, Input input, int count)
    {
        var (reply, sent) = await models.TriedAsync(id, operation, Wish(id, (input, count)));
        if (reply.Status == 200)
        {
            Assert.Equal(count, CountSent(id, input));
            return;
        }

        var message = reply.Error(400, "unsupported_parameter", input.Field);
        Assert.False(sent);
        var other = input.Claim == "last_frame" ? First : Images;
        Assert.Contains($"'{other.Field}'", message, StringComparison.Ordinal);
        await models.TakenAsync(id, operation, Wish(id, (input, count), (other, 1)));
        Assert.Equal(other.Url == input.Url ? count + 1 : count, CountSent(id, input));
    }

    private int CountSent(string id, Input input)
    {
        var media = ClaimedModels.MediaOf(id, input.Type, input.Url);
        var mark = media is JsonObject { Count: 1 } one ? one.Single().Value!.GetValue<string>() : media.GetValue<string>().Split(',')[^1];
        return models.LastSubmit().Split(mark).Length - 1;
    }

    private static JsonObject Wish(string id, params (Input Input, int Count)[] inputs)
    {
        var wish = new JsonObject();
        foreach (var (input, count) in inputs)
        {
            var media = ClaimedModels.MediaOf(id, input.Type, input.Url);
            wish[input.Field] = input.IsList ? new JsonArray([.. Enumerable.Range(0, count).Select(_ => media.DeepClone())]) : media;
        }

        return wish;
    }

    private async Task AssertMetAsync(string id, VideoOperation operation, JsonObject wish)
    {
        var video = await models.TakenAsync(id, operation, wish);
        // Fewer sizes may be had from text alone.
        if (operation == VideoOperation.Create && Adjusted(video, "size") is not null)
        {
            wish["input_reference"] = ClaimedModels.ImageOf(id);
            video = await models.TakenAsync(id, operation, wish);
        }

        foreach (var (name, asked) in wish.Where(w => w.Key != "input_reference").Select(w => (w.Key, w.Value!.GetValue<string>())))
        {
            // The lengths are those of a create, where the model has one. What works on a source follows it, and says so.
            var isClaim = operation == VideoOperation.Create || (name == "seconds" && !Texts(id, "operations").Contains("create"));
            if (Adjusted(video, name) is { } adjusted && !isClaim) Assert.Equal((name, asked), (name, Text(adjusted, "requested")));
            else Assert.Equal((name, WishedTotal(id, operation, name, asked), null), (name, Text(video, name), Adjusted(video, name)?.ToJsonString()));
        }
    }

    // An extension's length is the total.
    private string WishedTotal(string id, VideoOperation operation, string name, string asked) => operation == VideoOperation.Extend && name == "seconds"
        ? Durations.Text(Seconds(asked) + Seconds(Text(models.SourceOf(id), "seconds")))
        : asked;

    private static decimal Seconds(string text) => decimal.Parse(text, CultureInfo.InvariantCulture);

    // The answer names the provider's other models that can, else the other providers.
    private async Task AssertRefusedAsync(string id, VideoOperation operation, bool isUpload = false)
    {
        var provider = ClaimedModels.ProviderOf(id);
        var able = Claiming(operation.Name()).Where(other => !isUpload || TakesFiles(other, operation)).ToArray();
        string[] own = [.. able.Where(other => ClaimedModels.ProviderOf(other) == provider)];
        var message = await models.RefusedAsync(
            id, operation, null, "unsupported_operation", own.Length > 0 ? "model" : isUpload ? "video" : null, isUpload);
        Assert.Equal(own.Length > 0 ? [.. own] : able.Select(ClaimedModels.ProviderOf).ToHashSet(), Named(message));
    }

    private bool TakesFiles(string id, VideoOperation operation)
    {
        var profile = models.Declared(id).Provider.Profile;
        return (operation == VideoOperation.Extend ? profile.ExtendSources : profile.Sources).HasFlag(SourceForms.File);
    }

    private static HashSet<string> Named(string message) => [.. message.Split("These can: ")[^1].TrimEnd('.').Split(", ")];

    private IEnumerable<string> Claiming(string operation) => models.Claims.Keys.Where(id => Texts(id, "operations").Contains(operation));

    private string[] Texts(string id, string name) => [.. models.Claims[id][name]!.AsArray().Select(v => v!.GetValue<string>())];

    private decimal[] Lengths(string id) => [.. models.Claims[id]["seconds"]!.AsArray().Select(v => v!.GetValue<decimal>())];

    private static JsonNode? Adjusted(JsonObject video, string param) =>
        video["extra_fields"]!["adjustments"]?.AsArray().FirstOrDefault(a => Text(a!, "param") == param);

    private static string Text(JsonNode node, string name) => node[name]!.GetValue<string>();

    /// <param name="Claim">Its name among the capabilities.</param>
    /// <param name="Field">Its name in a request.</param>
    /// <param name="Type">Its media type.</param>
    /// <param name="Url">An address of one.</param>
    /// <param name="Most">How many a model declares.</param>
    private sealed record Input(string Claim, string Field, string Type, string Url, Func<ModelInputs, int> Most)
    {
        public bool IsList { get; init; }
    }
}
