using System.Text.Json;
using RemixProxy.Adapters;
using RemixProxy.Contract;

namespace RemixProxy.Providers.Kit;

/// <summary>
/// The base of adapters whose provider runs the models of many vendors, each with a path and field names of its own. All that is data: a <see
/// cref="ConfiguredModel"/>, of the adapter's own table or of the configuration. So next month's model needs no release.
/// </summary>
/// <remarks>
/// A model with a closed list of fields is sent what its spellings name and no more. Of any other model, and of one that nobody describes, a field without a
/// spelling has the usual name, and the caller's other fields go as they are written. An edit follows its source, and is sent a length or a resolution only by
/// a model that does not create and spells them.
/// </remarks>
public abstract class CatalogAdapter : TaskAdapter
{
    /// <summary>
    /// The usual spellings of the provider's models, by unified name, the source (<c>video</c>) and all images, videos and sounds among them.
    /// </summary>
    protected abstract IReadOnlyDictionary<string, FieldSpelling> Usual { get; }

    /// <summary>How the models take an image, a video or a sound.</summary>
    protected abstract MediaInput Media { get; }

    /// <summary>Cancels a job that is under way; such a provider has no delete.</summary>
    public override ProviderStep? Delete(string nativeId, VideoStatus status) =>
        status is VideoStatus.Queued or VideoStatus.InProgress ? Cancel(nativeId) : null;

    /// <summary>Makes the target of a model's submits.</summary>
    /// <exception cref="VideoRequestException">The model's name leads to none.</exception>
    protected abstract string TargetOf(SubmitRequest request, ConfiguredModel model);

    /// <summary>Makes the exchange that costs money.</summary>
    /// <param name="model">The model.</param>
    /// <param name="target">What <see cref="TargetOf"/> made.</param>
    /// <param name="input">The model's input.</param>
    protected abstract Exchange Send(ConfiguredModel model, string target, NativeObject input);

    /// <inheritdoc />
    protected sealed override VideoModel ModelOf(string id) => Profile.FindModel(id) ?? new ConfiguredModel(id, VideoOperation.Submit)
    {
        Inputs = ModelInputs.Any, SourceInputs = ModelInputs.Any, Sound = ModelSound.Switch, MaxOutputs = int.MaxValue,
    };

    /// <inheritdoc />
    protected sealed override ProviderStep Create(Wish wish)
    {
        RequireFirstFrame(wish.Request);
        var model = (ConfiguredModel)wish.Model;
        var by = wish.Request.InputReference is null ? model : model.WithImage ?? model;
        var input = Begin(wish, by);
        AddSize(wish, by, input);
        AddSeconds(wish, by, input, model.Seconds);
        return End(wish, by, input);
    }

    /// <inheritdoc />
    protected sealed override ProviderStep Edit(Wish wish)
    {
        var model = (ConfiguredModel)wish.Model;
        var input = Begin(wish, model);
        var isEditor = !model.Operations.HasFlag(VideoOperation.Create);
        if (isEditor && model.Sizes.Count > 0 && model.Spellings.TryGetValue("resolution", out var spelling))
            Write(input, spelling, wish.KeepSourceRatio(wish.AtResolution(model.Sizes)).Resolution);

        wish.FollowSourceRatio();
        if (isEditor && model.Seconds is { } lengths && model.Spellings.ContainsKey("seconds"))
        {
            if (wish.Request.Seconds is not null) AddSeconds(wish, model, input, lengths);
            else if (Durations.Read(wish.Request.SourceSeconds) is { } length) AddSeconds(wish, model, input, lengths, lengths.Fit(length));
        }
        else
        {
            wish.FollowSourceSeconds();
        }

        return End(wish, model, input);
    }

    /// <inheritdoc />
    protected sealed override ProviderStep Extend(Wish wish)
    {
        var model = (ConfiguredModel)wish.Model;
        var input = Begin(wish, model);
        wish.FollowSourceSize();
        var added = AddSeconds(wish, model, input, model.ExtendSeconds ?? model.Seconds);
        wish.Seconds = "";
        if (added is { } known) wish.Append(known);
        return End(wish, model, input);
    }

    /// <summary>Makes spellings of unified names and of texts as configuration has them, e.g. <c>duration={value}s</c>.</summary>
    public static IReadOnlyDictionary<string, FieldSpelling> Spell(params IReadOnlyList<(string Field, string Spelling)> fields) =>
        fields.ToDictionary(f => f.Field, f => FieldSpelling.Parse(f.Spelling)!, StringComparer.Ordinal);

    private FieldSpelling? SpellingOf(ConfiguredModel by, string field) =>
        by.Spellings.GetValueOrDefault(field) ?? (by.Fields is null ? Usual.GetValueOrDefault(field) : null);

    private NativeObject Begin(Wish wish, ConfiguredModel by) => new()
    {
        { SpellingOf(by, "prompt")?.Name ?? "prompt", wish.Request.Prompt },
    };

    private void AddSize(Wish wish, ConfiguredModel by, NativeObject input)
    {
        var (size, aspect, resolution) = (SpellingOf(by, "size"), SpellingOf(by, "aspect_ratio"), SpellingOf(by, "resolution"));
        var request = wish.Request;
        if (wish.Model.Sizes.Count == 0)
        {
            Write(input, aspect, wish.Fields.Json("aspect_ratio"));
            Write(input, resolution, wish.Fields.Json("resolution"));
            wish.Size = request.Size is { } asked && size is not null ? asked.ToString() : "";
            if (wish.Size.Length > 0) Write(input, size, wish.Size);
            else if (request.Size is { } unmet) wish.Adjust(new("size", unmet.ToString(), null, $"nobody says which sizes '{request.Model}' makes"));
        }
        else if (size is null && aspect is null && request.InputReference is not null)
        {
            // The aspect ratio of a video that starts from an image is the image's.
            Write(input, resolution, wish.FitResolution());
        }
        else
        {
            var fitted = wish.FitSize();
            Write(input, size, fitted.Pixels.ToString());
            Write(input, aspect, fitted.Aspect);
            Write(input, resolution, fitted.Resolution);
        }
    }

    /// <returns>The length that is sent; null where none is.</returns>
    private decimal? AddSeconds(Wish wish, ConfiguredModel by, NativeObject input, Durations? lengths, decimal? fitted = null)
    {
        if (SpellingOf(by, "seconds") is not { } spelling)
        {
            if (wish.Request.Seconds is { } asked)
                wish.Adjust(new("seconds", Durations.Text(asked), null, $"'{wish.Request.Model}' chooses the length itself"));
            return null;
        }

        var used = fitted ?? (lengths is null ? wish.Request.Seconds : wish.FitSeconds(lengths));
        if (used is not { } length) return null;
        wish.Seconds = Durations.Text(length);
        Write(input, spelling, JsonElement.Parse(wish.Seconds));
        return length;
    }

    private ProviderStep End(Wish wish, ConfiguredModel by, NativeObject input)
    {
        var (request, target) = (wish.Request, TargetOf(wish.Request, by));
        if (wish.Audio is { } audio) Write(input, Needed(request, by, "audio"), JsonElement.Parse(audio ? "true"u8 : "false"u8));
        if (request.Outputs > 1) Write(input, Needed(request, by, "n"), JsonElement.Parse(Durations.Text(request.Outputs)));
        AddFields(wish, by, input);
        (string Field, bool IsThere)[] fields =
        [
            ("input_reference", request.InputReference is not null), ("last_frame", request.LastFrame is not null),
            ("reference_images", request.ReferenceImages.Count > 0), ("reference_videos", request.ReferenceVideos.Count > 0),
            ("reference_audio", request.ReferenceAudio.Count > 0), ("video", request.Source is not null),
        ];
        var names = fields.Where(f => f.IsThere).ToDictionary(f => f.Field, f => Needed(request, by, f.Field).Name, StringComparer.Ordinal);
        var takes = wish.Model.InputsOf(request.Operation);
        var source = request.Source is null ? null : (Media with { Param = "video" }).Check(request, request.Source);
        return NativeInputs.Bring(request, Media, Media, Media, inputs => (Media with { Param = "video" }).BringAny(request, source, video =>
        {
            var media = new NativeObject();
            Add("video", video);
            Add("input_reference", inputs.FirstFrame);
            Add("last_frame", inputs.LastFrame);
            AddAll("reference_images", inputs.Images, takes.ReferenceImages);
            AddAll("reference_videos", inputs.Videos, takes.ReferenceVideos);
            AddAll("reference_audio", inputs.Sounds, takes.ReferenceAudio);
            return Send(by, target, new() { input, media, by.Fixed });

            void Add(string field, NativeMedia? one)
            {
                if (one is not null) media.Add(names[field], one);
            }

            // A field that takes only one is no list.
            void AddAll(string field, IReadOnlyList<NativeMedia> all, int most)
            {
                if (most == 1) Add(field, all.Count > 0 ? all[0] : null);
                else if (all.Count > 0) media.Add(names[field], all);
            }
        }));
    }

    private static void AddFields(Wish wish, ConfiguredModel by, NativeObject input)
    {
        // A model with an open list has these already, or has no place for them.
        var others = wish.Model.Fields is { } fields
            ? fields.Select(f => KeyValuePair.Create(f.Name, ValueOf(wish, f)))
            : wish.Fields.Rest().Where(f => f.Key is not ("aspect_ratio" or "resolution")).Select(f => KeyValuePair.Create(f.Key, (JsonElement?)f.Value));
        foreach (var (name, value) in others)
        {
            if (by.Spellings.TryGetValue(name, out var spelling)) Write(input, spelling, value);
            else input.Add(name, value);
        }
    }

    private static JsonElement? ValueOf(Wish wish, ModelField field) =>
        field.Kind is FieldKind.Array or FieldKind.Object ? wish.FetchedField(field.Name) : wish.Fields.Value(field.Name);

    /// <summary>The spelling of what may not be dropped.</summary>
    private FieldSpelling Needed(SubmitRequest request, ConfiguredModel by, string field) => SpellingOf(by, field) ?? throw new VideoRequestException(
        "unsupported_parameter", field, $"Nobody says under which name '{request.Model}' takes '{field}': leave it out, or have it described in Models.");

    private static void Write(NativeObject input, FieldSpelling? spelling, JsonElement? value)
    {
        if (spelling is not null && value is { } given) input.Add(spelling.Name, spelling.Write(given));
    }

    private static void Write(NativeObject input, FieldSpelling? spelling, string text) =>
        Write(input, spelling, JsonSerializer.SerializeToElement(text, VideoJsonContext.Default.String));
}
