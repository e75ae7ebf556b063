using System.Text.Json;
using RemixProxy.Adapters;

namespace RemixProxy.Providers.Kit;

/// <summary>
/// How a provider's refusals are read, as data: where the text, the codes and the fields at fault stand, and what they mean.
/// </summary>
/// <remarks>
/// A 408, a 5xx and a redirect always mean what their status says: after those nobody knows whether something was created, whatever the text. Members are named
/// by their path, e.g. <c>error.code</c>; a number in place of a text is read too.
/// </remarks>
public sealed record ErrorRules
{
    /// <summary>The members that may hold the text, the first that does wins: a text, or an object with a <c>message</c> or <c>msg</c>.</summary>
    public IReadOnlyList<string> Messages { get; init; } = ["message", "error", "detail"];

    /// <summary>The members that hold words for programs.</summary>
    public IReadOnlyList<string> Codes { get; init; } = ["code", "error.code", "error.type"];

    /// <summary>The members that may name the field at fault, where no problem does.</summary>
    public IReadOnlyList<string> Params { get; init; } = ["param", "error.param"];

    /// <summary>The member that may be a list of problems: texts, or objects with a <c>loc</c> or <c>path</c> and a <c>msg</c> or <c>message</c>.</summary>
    /// <value>Null: there is none.</value>
    public string? Problems { get; init; }

    /// <summary>
    /// What native fields are called in the unified request. The first segment of a problem's path that is not mapped to nothing names the field at fault.
    /// </summary>
    public IReadOnlyDictionary<string, string> Names { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Whether a field that has no entry in <see cref="Names"/> has its native name in the unified request too; else it is left out.</summary>
    public bool KeepsNames { get; init; }

    /// <summary>The rules in order; the first that fits decides.</summary>
    public IReadOnlyList<ErrorRule> Rules { get; init; } = [];

    /// <summary>Reads a refusal where the members above do not say how; null: it says nothing.</summary>
    public Func<NativeResponse, NativeFault?>? Special { get; init; }

    /// <summary>Reads a refusal: a response that is not 2xx, or one whose body says that it is none.</summary>
    public ProviderError Read(NativeResponse response)
    {
        var fault = Special is null ? Read(response.ReadAny()) : Special(response) ?? new();
        return new(KindOf(response.Status, fault), fault.Message)
        {
            Param = fault.Param,
            RetryAfter = fault.RetryAfter ?? response.Wait("retry-after-ms", TimeSpan.TicksPerMillisecond) ?? response.RetryAfter,
        };
    }

    /// <summary>Reads what a body says by the members above, without judging it.</summary>
    public NativeFault Read(JsonElement error)
    {
        NativeProblem[] problems = Problems is null ? [] : [.. ProblemsIn(error.At(Problems))];
        return new()
        {
            Text = Messages.Select(path => TextOf(error.At(path))).FirstOrDefault(text => !string.IsNullOrWhiteSpace(text)),
            Codes = [.. Codes.Select(path => error.At(path).Text()).OfType<string>()],
            Problems = problems,
            Param = problems.SelectMany(p => p.Path).Concat(Params.Select(path => error.At(path).Text()).OfType<string>()).Select(NameOf).FirstOrDefault(
                name => name is not null),
        };
    }

    private string? NameOf(string field) => Names.TryGetValue(field, out var name) ? name is "" ? null : name : KeepsNames ? field : null;

    private ProviderErrorKind KindOf(int status, NativeFault fault) => status is 408 or >= 500 or (>= 300 and < 400)
        ? ProviderErrorKind.ByStatus
        : Rules.FirstOrDefault(rule => rule.Fits(status, fault))?.Kind ?? ProviderErrorKind.ByStatus;

    private static string? TextOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.Text(),
        JsonValueKind.Object => TextOf(value.Member("message")) ?? TextOf(value.Member("msg")),
        _ => null,
    };

    private static IEnumerable<NativeProblem> ProblemsIn(JsonElement list) => list.ValueKind == JsonValueKind.Array
        ? list.EnumerateArray().Select(p => new NativeProblem([.. PathOf(p)], p.ValueKind == JsonValueKind.String ? p.Text() : TextOf(p)))
        : [];

    // A web framework's loc begins with the part of the request ("body"), and its numbers are list indexes.
    private static IEnumerable<string> PathOf(JsonElement problem) =>
        problem.Items("loc").Where(segment => segment.ValueKind == JsonValueKind.String).Concat(problem.Items("path")).Select(segment => segment.Text())
            .OfType<string>().Where(segment => segment != "body");
}

/// <summary>One meaning: a fault fits it that meets every condition given.</summary>
/// <param name="Kind">What it means.</param>
public sealed record ErrorRule(ProviderErrorKind Kind)
{
    /// <summary>HTTP statuses; empty: any.</summary>
    public IReadOnlyList<int> Statuses { get; init; } = [];

    /// <summary>Codes, in any letter case, one of which it has; empty: any.</summary>
    public IReadOnlyList<string> Codes { get; init; } = [];

    /// <summary>Phrases (<see cref="NativeText.Says"/>), one of which its text or a problem's has; empty: any.</summary>
    public IReadOnlyList<string> Says { get; init; } = [];

    /// <summary>Native fields, one of which a problem's path begins with; empty: any.</summary>
    public IReadOnlyList<string> Fields { get; init; } = [];

    /// <summary>What no list can say.</summary>
    public Func<NativeFault, bool>? When { get; init; }

    /// <summary>Whether a fault meets every condition.</summary>
    public bool Fits(int status, NativeFault fault) =>
        (Statuses.Count == 0 || Statuses.Contains(status))
        && (Codes.Count == 0 || fault.Has(Codes))
        && (Says.Count == 0 || fault.Says([.. Says]))
        && (Fields.Count == 0 || fault.Problems.Any(p => p.Path is [var first, ..] && Fields.Contains(first)))
        && When?.Invoke(fault) != false;
}
