using System.Globalization;
using System.Text.Json;
using RemixProxy.Adapters;
using RemixProxy.Contract;

namespace RemixProxy.Providers;

/// <summary>Turns the models of an account's configuration into descriptions, and adds each fault to the errors of the start.</summary>
/// <param name="path">The account's section.</param>
/// <param name="errors">Takes the errors.</param>
internal sealed class ModelReader(string path, List<string> errors)
{
    private const int LongestRange = 3600;

    private static readonly Dictionary<string, VideoOperation> OperationWords = new(StringComparer.Ordinal)
    {
        ["create"] = VideoOperation.Create, ["edit"] = VideoOperation.Remix | VideoOperation.Edit, ["extend"] = VideoOperation.Extend,
    };

    private static readonly string[] Inputs = ["first_frame", "last_frame", "reference_images", "reference_videos", "reference_audio"];

    /// <summary>The models of the configuration, then those of the profile that it does not describe.</summary>
    public IReadOnlyList<VideoModel> Read(IList<ModelOptions> models, ProviderProfile profile)
    {
        if (models.Count > 0 && !profile.TakesConfiguredModels) errors.Add($"{path}:Models is not a setting of {profile.Type}.");
        ConfiguredModel[] configured = [.. models.Select((model, at) => Read(Invariant($"{path}:Models:{at}"), model)).OfType<ConfiguredModel>()];
        if (configured.GroupBy(m => m.Id, StringComparer.Ordinal).FirstOrDefault(g => g.Skip(1).Any()) is { Key: var twice })
            errors.Add($"{path}:Models describes {twice} twice.");
        VideoModel[] all = [.. configured, .. profile.Models.Where(m => configured.All(c => c.Id != m.Id))];
        return [.. all.Select(model => WithImage(models, model, all, profile))];
    }

    private VideoModel WithImage(IList<ModelOptions> models, VideoModel model, VideoModel[] all, ProviderProfile profile)
    {
        var at = models.Index().FirstOrDefault(m => m.Item.Model == model.Id && m.Item.WithImage is not null, (-1, new()));
        if (model is not ConfiguredModel configured || at.Item.WithImage is not { } name) return model;
        ConfiguredModel[] known = [.. all.OfType<ConfiguredModel>()];
        var other = Array.Find(known, m => m.Id == name) ?? known.Select(m => m.WithImage).FirstOrDefault(m => m?.Id == name);
        if (other is null)
            errors.Add(Invariant($"{path}:Models:{at.Index}:WithImage names {name}, which is no entry of Models and no model of {profile.Type}'s own."));
        return configured with { WithImage = other };
    }

    private ConfiguredModel? Read(string at, ModelOptions options)
    {
        if (options.Model is not { } id)
        {
            errors.Add($"{at}:Model is missing.");
            return null;
        }

        if (options.Path is { } target && (target.StartsWith('/') || target.Contains("://") || target.Contains("..") || target.AsSpan().ContainsAny("?#\\ ")))
            errors.Add($"{at}:Path must be a path below the provider's base, without a leading slash.");
        var inputs = ReadInputs($"{at}:Inputs", options.Inputs);
        return new(id, ReadOperations($"{at}:Operations", options.Operations))
        {
            Path = options.Path,
            Spellings = options.Fields.Select(f => (f.Key, Value: FieldSpelling.Parse(f.Value))).Where(f => IsSpelling($"{at}:Fields:{f.Key}", f.Value))
                .ToDictionary(f => f.Key, f => f.Value!, StringComparer.Ordinal),
            Fixed = options.Fixed.ToDictionary(f => f.Key, f => JsonOf(f.Value), StringComparer.Ordinal),
            Inputs = inputs,
            SourceInputs = inputs,
            Sizes = [.. (options.Sizes ?? []).Select(text => ReadSize($"{at}:Sizes", text)).OfType<SizeOption>()],
            Seconds = ReadSeconds($"{at}:Seconds", options.Seconds),
            Sound = options.Audio ?? ModelSound.Switch,
            MaxOutputs = options.Outputs ?? int.MaxValue,
        };
    }

    private bool IsSpelling(string at, FieldSpelling? spelling)
    {
        var isOne = spelling is { Form: null or "number" or "text" } || (spelling?.Form is { } form && (form.Contains("{value}") || form.Contains("{width}")));
        if (!isOne) errors.Add($"{at} must be a name, or a name and its form: duration=number, duration=text, duration={{value}}s, size={{width}}*{{height}}.");
        return isOne;
    }

    private static JsonElement JsonOf(string text)
    {
        var isLiteral = bool.TryParse(text, out _) || decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out _);
        try
        {
            if (isLiteral) return JsonElement.Parse(text.ToLowerInvariant());
        }
        catch (JsonException)
        {
            // ".5" is a number for people, but not for JSON.
        }

        return JsonSerializer.SerializeToElement(text, VideoJsonContext.Default.String);
    }

    private VideoOperation ReadOperations(string at, IReadOnlyList<string>? words)
    {
        if (words is null) return VideoOperation.Submit;
        if (words.Count == 0 || words.Any(w => !OperationWords.ContainsKey(w))) errors.Add($"{at} must be words of {string.Join(", ", OperationWords.Keys)}.");
        return words.Aggregate((VideoOperation)0, (all, word) => all | OperationWords.GetValueOrDefault(word));
    }

    private ModelInputs ReadInputs(string at, IReadOnlyList<string>? words)
    {
        if (words is null) return ModelInputs.Any;
        var inputs = ModelInputs.None;
        foreach (var word in words.Where(w => w != "none"))
        {
            var (name, count) = word.Split(':', 2) is [var before, var after]
                ? (before, int.TryParse(after, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0)
                : (word, int.MaxValue);
            if (!Inputs.Contains(name) || count == 0) errors.Add($"{at} must be words of none, {string.Join(", ", Inputs)}; '{word}' is none.");
            inputs = name switch
            {
                "first_frame" => inputs with { FirstFrame = true },
                "last_frame" => inputs with { LastFrame = true },
                "reference_images" => inputs with { ReferenceImages = count },
                "reference_videos" => inputs with { ReferenceVideos = count },
                "reference_audio" => inputs with { ReferenceAudio = count },
                _ => inputs,
            };
        }

        return inputs;
    }

    private SizeOption? ReadSize(string at, string text)
    {
        if (VideoSize.TryParse(text, out var size)) return SizeOption.Of(size);
        errors.Add($"{at} must be width x height in pixels, e.g. 1280x720; '{text}' is not.");
        return null;
    }

    private Durations? ReadSeconds(string at, IReadOnlyList<string>? texts)
    {
        if (texts is null) return null;
        if (texts is [var range] && range.Split('-') is [var from, var to]
            && int.TryParse(from, NumberStyles.None, CultureInfo.InvariantCulture, out var min)
            && int.TryParse(to, NumberStyles.None, CultureInfo.InvariantCulture, out var max) && min > 0 && max >= min && max <= LongestRange)
            return Durations.Range(min, max);
        decimal[] values = [.. texts.Select(t => decimal.TryParse(t, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var v) ? v : 0).Order()];
        if (values.All(v => v is > 0 and <= LongestRange)) return Durations.Of(values);
        errors.Add($"{at} must be lengths in seconds, e.g. 4 and 8, or a range, e.g. 2-10.");
        return null;
    }
}
