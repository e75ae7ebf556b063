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

    /// <inheritdoc />
    public sealed override IEnumerable<ModelLook> Looks(IReadOnlyList<VideoModel> models, Uri baseUrl)
    {
        var declared = models.SelectMany(Uses).Where(use => use.Name is not null).GroupBy(use => use.Name!, use => use.Fields, StringComparer.Ordinal)
            .Select(uses => new NativeModel(uses.Key) { Fields = uses.Any(fields => fields is null) ? null : Joined(uses.SelectMany(fields => fields!)) });
        foreach (var model in declared)
            if (LookAt(model.Name, baseUrl) is { } step) yield return new(step) { Declared = model };
        foreach (var step in Lists(baseUrl)) yield return new(step);
    }

    /// <summary>Plans a look at what the vendor says of one model. It ends in a <see cref="Catalog"/>. Null: the vendor does not tell.</summary>
    /// <param name="name">The vendor's name of the model.</param>
    /// <param name="baseUrl">The account's base address.</param>
    /// <value>Null.</value>
    protected virtual ProviderStep? LookAt(string name, Uri baseUrl) => null;

    /// <summary>Plans looks at the lists of the vendor's video models.</summary>
    /// <param name="baseUrl">The account's base address.</param>
    /// <value>None.</value>
    protected virtual IEnumerable<ProviderStep> Lists(Uri baseUrl) => [];

    /// <summary>The vendor's name of a model, under which it describes it; null where its path belongs to no model.</summary>
    /// <value>The path, else the id.</value>
    protected virtual string? NameOf(ConfiguredModel model) => model.Path ?? model.Id;

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

    private static NativeField[] Joined(IEnumerable<NativeField> fields) =>
    [
        .. fields.GroupBy(f => f.Name, StringComparer.Ordinal).Select(same => new NativeField(same.Key)
        {
            IsRequired = same.Any(f => f.IsRequired),
            Values = same.Any(f => f.Values is not null)
                ? [.. same.SelectMany(f => f.Values ?? []).DistinctBy(v => v.GetRawText(), StringComparer.Ordinal)]
                : null,
        }),
    ];

    private IEnumerable<(string? Name, IReadOnlyList<NativeField>? Fields)> Uses(VideoModel model)
    {
        var one = model as ConfiguredModel;
        yield return (NameOf(one ?? new(model.Id, model.Operations)), one is null ? null : [.. FieldsOf(one, one)]);
        if (one?.WithImage is { } other) yield return (NameOf(other), [.. FieldsOf(one, other)]);
    }

    /// <summary>What submits to a model send, and which values of size and length.</summary>
    private IEnumerable<NativeField> FieldsOf(ConfiguredModel model, ConfiguredModel by)
    {
        var creates = model.Operations.HasFlag(VideoOperation.Create);
        string[] usual =
        [
            .. creates && model.Sizes.Count > 0 ? ["aspect_ratio", "resolution"] : Array.Empty<string>(),
            .. (creates || model.Operations.HasFlag(VideoOperation.Extend)) && model.Seconds is not null ? ["seconds"] : Array.Empty<string>(),
            .. creates ? MediaOf(model.Inputs) : ["video", .. MediaOf(model.SourceInputs)],
        ];
        yield return new(SpellingOf(by, "prompt")?.Name ?? "prompt") { IsRequired = true };
        foreach (var field in by.Spellings.Keys.Concat(model.Fields?.Select(f => f.Name) ?? []).Concat(usual).Distinct(StringComparer.Ordinal))
        {
            var spelling = SpellingOf(by, field);
            // A name that is only usual stands for nothing in a model with a closed list.
            if (spelling is null && model.FindField(field) is null) continue;
            yield return new(spelling?.Name ?? field) { IsRequired = true, Values = ValuesOf(model, field, spelling) };
        }

        foreach (var (name, value) in by.Fixed) yield return new(name) { IsRequired = true, Values = [value] };
        if (by.Fields is not null) yield break;
        foreach (var spelling in Usual.Where(u => !by.Spellings.ContainsKey(u.Key)).Select(u => u.Value)) yield return new(spelling.Name);
    }

    private static IEnumerable<string> MediaOf(ModelInputs inputs)
    {
        // What nobody says is no promise.
        if (inputs == ModelInputs.Any) yield break;
        if (inputs.FirstFrame) yield return "input_reference";
        if (inputs.LastFrame) yield return "last_frame";
        if (inputs.ReferenceImages > 0) yield return "reference_images";
        if (inputs.ReferenceVideos > 0) yield return "reference_videos";
        if (inputs.ReferenceAudio > 0) yield return "reference_audio";
    }

    private static JsonElement[]? ValuesOf(ConfiguredModel model, string field, FieldSpelling? spelling)
    {
        IEnumerable<JsonElement> values = field switch
        {
            "aspect_ratio" => model.Sizes.Select(s => Json(s.Aspect)),
            "resolution" => model.Sizes.Select(s => Json(s.Resolution)),
            "size" => model.Sizes.Select(s => Json(s.Pixels.ToString())),
            "seconds" => (model.Operations == VideoOperation.Extend ? model.ExtendSeconds ?? model.Seconds : model.Seconds)?.Values.Select(
                s => JsonElement.Parse(Durations.Text(s))) ?? [],
            "audio" when model.Sound == ModelSound.Switch => [JsonElement.Parse("true"u8), JsonElement.Parse("false"u8)],
            _ => model.FindField(field)?.Words.Select(Json) ?? [],
        };
        JsonElement[] written = [.. values.Select(v => spelling?.Write(v) is { } node ? JsonElement.Parse(node.ToJsonString()) : v)];
        return written.Length > 0 ? written : null;
    }

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
        Write(input, spelling, Json(text));

    private static JsonElement Json(string text) => JsonSerializer.SerializeToElement(text, VideoJsonContext.Default.String);
}
