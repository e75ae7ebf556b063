using System.Globalization;
using System.Text.Json;
using RemixProxy.Adapters;
using RemixProxy.Contract;
using RemixProxy.Exchanges;
using RemixProxy.Providers;

namespace RemixProxy.Host.Commands;

/// <summary>Asks vendors for their models, compares the answers with what is declared, and prints a line for each finding.</summary>
/// <param name="runner">Sends the looks.</param>
/// <param name="output">Takes the lines.</param>
internal sealed class ModelCheck(ExchangeRunner runner, TextWriter output)
{
    /// <summary>The longest line, in characters.</summary>
    private const int LongestShown = 2_000;

    /// <summary>How many values are shown of a field.</summary>
    private const int MostValues = 20;

    private readonly Dictionary<string, int> _counts = new(StringComparer.Ordinal);

    /// <summary>Whether a model is gone, or takes something else than is declared.</summary>
    public bool HasChanges => Count(Words.Gone) + Count(Words.Differs) > 0;

    /// <summary>Whether something was asked, and everything was answered.</summary>
    public bool IsWhole => _counts.Count > 0 && Count(Words.Unknown) == 0;

    /// <summary>The counts, for the last line.</summary>
    public string Summary => _counts.Count == 0
        ? "Nothing was asked: none of these vendors tells its models."
        : $"{Count(Words.There)} as declared, {Count(Words.Gone)} gone, {Count(Words.Differs)} differ, {Count(Words.New)} new, "
            + $"{Count(Words.Unknown)} not checked.";

    /// <summary>Checks one provider's models.</summary>
    public async Task RunAsync(Provider provider)
    {
        ModelLook[] looks = [.. provider.Adapter.Looks([.. provider.Models, .. Undescribed(provider)], provider.BaseUrl)];
        await output.WriteLineAsync($"{provider.Name}: {provider.Profile.DisplayName}{(looks.Length == 0 ? " does not tell its models" : "")}");
        var declared = looks.Select(l => l.Declared?.Name).ToHashSet(StringComparer.Ordinal);
        for (var i = 0; i < looks.Length; i++)
        {
            var (look, call) = (looks[i], new CallContext { Operation = VideoOperation.Models, Caller = "" });
            var outcome = await runner.AskAsync(call, provider, look.First, CancellationToken.None);
            if (outcome is not Outcome.Listed { Models: var models })
            {
                await WriteAsync(provider, Words.Unknown, look.Declared?.Name ?? "new models", ReasonOf(outcome, provider));
                if (!EndsAll(outcome) || i + 1 == looks.Length) continue;
                await WriteAsync(provider, Words.Unknown, Invariant($"{looks.Length - i - 1} more"), "left out after that", looks.Length - i - 1);
                return;
            }

            if (look.Declared is not { } own)
            {
                foreach (var name in models.Select(m => m.Name).Where(declared.Add)) await WriteAsync(provider, Words.New, name, null);
                continue;
            }

            var (word, details) = Compare(own, models.FirstOrDefault(m => m.Name == own.Name));
            await WriteAsync(provider, word, own.Name, details);
        }
    }

    // Models that only CreateModel and RemixModel name, so that nothing but their existence can be compared.
    private static IEnumerable<VideoModel> Undescribed(Provider provider) =>
        new[] { provider.Options.CreateModel, provider.Options.RemixModel }.OfType<string>().Distinct(StringComparer.Ordinal)
            .Where(id => provider.FindModel(id) is null).Select(id => new VideoModel(id, VideoOperation.Submit));

    private static (string Word, string? Details) Compare(NativeModel own, NativeModel? vendors)
    {
        if (vendors is null) return (Words.Gone, "the vendor has it no more");
        if (vendors.IsDeprecated) return (Words.Gone, "the vendor calls it deprecated");
        if (own.Fields is not { } declared) return (Words.There, null);
        if (vendors.Fields is not { } taken) return (Words.Unknown, "the vendor tells no schema of it that can be read");
        string[] differences =
        [
            .. declared.Where(f => f.IsRequired && Find(taken, f) is null).Select(f => $"it has no input '{f.Name}'"),
            .. taken.Where(f => f.IsRequired && Find(declared, f) is null).Select(f => $"it needs '{f.Name}', which nothing sends"),
            .. declared.Select(f => (Field: f, Refused: f.Values?.Where(v => Find(taken, f) is { } taker && !Takes(taker, v)).ToArray() ?? []))
                .Where(f => f.Refused.Length > 0).Select(f => $"'{f.Field.Name}' does not take {Shown(f.Refused)}{AllowedBy(Find(taken, f.Field)!)}"),
        ];
        if (differences.Length > 0) return (Words.Differs, string.Join("; ", differences));
        string[] more = [.. declared.Where(f => f.Values?.Count > 1).Select(f => MoreOf(f, Find(taken, f)!)).OfType<string>()];
        return (Words.There, more.Length > 0 ? string.Join("; ", more) : null);
    }

    private static NativeField? Find(IReadOnlyList<NativeField> fields, NativeField like) => fields.FirstOrDefault(f => f.Name == like.Name);

    private static bool Takes(NativeField field, JsonElement value) => field.Values is { } values
        ? values.Any(v => JsonElement.DeepEquals(v, value))
        : IsOfType(field.Type, value)
            && (NumberOf(value) is not { } number || ((field.Min is not { } min || number >= min) && (field.Max is not { } max || number <= max)));

    private static bool IsOfType(string? type, JsonElement value) => type switch
    {
        "string" => value.ValueKind == JsonValueKind.String,
        "integer" => NumberOf(value) is { } number && number == decimal.Truncate(number),
        "number" => value.ValueKind == JsonValueKind.Number,
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "array" or "object" => false,
        _ => true,
    };

    private static decimal? NumberOf(JsonElement value) => value.ValueKind == JsonValueKind.Number && value.TryGetDecimal(out var number) ? number : null;

    private static string AllowedBy(NativeField field) => field switch
    {
        { Values: { } values } => $", only {Shown(values)}",
        { Min: { } min, Max: { } max } => string.Create(CultureInfo.InvariantCulture, $", only {field.Type ?? "values"} {min} to {max}"),
        { Type: { } type } => $", only {type}",
        _ => "",
    };

    /// <summary>What a vendor takes beyond the declared values; null where that is nothing.</summary>
    private static string? MoreOf(NativeField declared, NativeField taken)
    {
        if (taken.Values is { } values)
        {
            JsonElement[] others = [.. values.Where(v => !declared.Values!.Any(d => JsonElement.DeepEquals(v, d)))];
            return others.Length > 0 ? $"'{declared.Name}' also takes {Shown(others)}" : null;
        }

        var numbers = declared.Values!.Select(NumberOf).OfType<decimal>().ToArray();
        return numbers.Length > 0 && (taken.Max > numbers.Max() || taken.Min < numbers.Min())
            ? string.Create(CultureInfo.InvariantCulture, $"'{declared.Name}' takes {taken.Min} to {taken.Max}")
            : null;
    }

    private static string Shown(IReadOnlyCollection<JsonElement> values) =>
        string.Join(", ", values.Take(MostValues).Select(v => v.GetRawText())) + (values.Count > MostValues ? ", …" : "");

    // Who is not reached, refuses the key or wants a pause answers the next look no better.
    private static bool EndsAll(Outcome outcome) => outcome is Outcome.Unanswered
        or Outcome.Refused { Kind: ProviderErrorKind.Unauthorized or ProviderErrorKind.RateLimited or ProviderErrorKind.InsufficientQuota };

    private static string ReasonOf(Outcome outcome, Provider provider) => outcome switch
    {
        Outcome.Unanswered { Cause: Interruption.Unsigned } when provider.LacksKey => "it needs a key, and only callers have one",
        Outcome.Unanswered { Cause: Interruption.Unsigned } => "its credential can't be had",
        Outcome.Unreadable => $"the answer can't be read: {outcome.Said}",
        _ => outcome.Said ?? "no answer",
    };

    private async Task WriteAsync(Provider provider, string word, string name, string? details, int count = 1)
    {
        _counts[word] = Count(word) + count;
        var text = ProviderText.WithoutSecrets(details is null ? name : $"{name}: {details}", provider);
        // The texts are the vendor's, and end in a terminal.
        await output.WriteLineAsync($"  {word,-12} {TextBounds.Cut(string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c)), LongestShown)}");
    }

    private int Count(string word) => _counts.GetValueOrDefault(word);

    private static class Words
    {
        public const string There = "as declared";
        public const string Gone = "gone";
        public const string Differs = "differs";
        public const string New = "new";
        public const string Unknown = "not checked";
    }
}
