using System.Text.Json;
using RemixProxy.Adapters;

namespace RemixProxy.Providers.Kit;

/// <summary>Describes as data how to read a provider's refusals: which members hold the text, the codes and the fields at fault, and what they mean.</summary>
/// <remarks>
/// A 408, a 5xx and a redirect always mean what their status says, whatever their text: after one of them nobody knows whether the provider created something.
/// A member is named by its path, e.g. <c>error.code</c>. A number is read like a text.
/// </remarks>
public sealed record ErrorRules
{
    /// <summary>
    /// The members that may hold the text; the first one with a text counts. Its value is a text, or an object with a <c>message</c> or <c>msg</c>.
    /// </summary>
    public IReadOnlyList<string> Messages { get; init; } = ["message", "error", "detail"];

    /// <summary>The members that hold error codes; all of them count, and so does a problem's <c>type</c>.</summary>
    public IReadOnlyList<string> Codes { get; init; } = ["code", "error.code", "error.type"];

    /// <summary>The members that may name the field at fault, where no problem names it.</summary>
    public IReadOnlyList<string> Params { get; init; } = [];

    /// <summary>The member that may hold a list of problems: texts, or objects with a <c>loc</c> or <c>path</c> and a <c>msg</c> or <c>message</c>.</summary>
    /// <value>Null: the provider sends no such list.</value>
    public string? Problems { get; init; }

    /// <summary>
    /// Maps native field names to those of the unified request; an empty name means that the segment names no field. The field at fault is the first segment of
    /// a problem's path that has a name.
    /// </summary>
    public IReadOnlyDictionary<string, string> Names { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Whether a field without an entry in <see cref="Names"/> keeps its native name. Otherwise the error does not name it.</summary>
    public bool KeepsNames { get; init; }

    /// <summary>The rules in order; the first one that fits decides. Without one the status decides.</summary>
    public IReadOnlyList<ErrorRule> Rules { get; init; } = [];

    /// <summary>Reads a refusal that the members above can't describe; it replaces them. It returns null where the response says nothing.</summary>
    public Func<NativeResponse, NativeFault?>? Special { get; init; }

    /// <summary>Reads a refusal: a response that is not 2xx, or a 2xx response whose body reports an error.</summary>
    public ProviderError Read(NativeResponse response)
    {
        var fault = Special is null ? Read(response.ReadAny()) : Special(response) ?? new();
        return new(KindOf(response.Status, fault), fault.Message)
        {
            Param = fault.Param,
            RetryAfter = fault.RetryAfter ?? response.Wait("retry-after-ms", TimeSpan.TicksPerMillisecond) ?? response.RetryAfter,
        };
    }

    /// <summary>Reads an error by the members above, without applying the rules.</summary>
    public NativeFault Read(JsonElement error)
    {
        NativeProblem[] problems = Problems is null ? [] : [.. ProblemsIn(error.At(Problems))];
        return new()
        {
            Text = Messages.Select(path => TextOf(error.At(path))).FirstOrDefault(text => !string.IsNullOrWhiteSpace(text)),
            Codes =
            [
                .. Codes.Select(path => error.At(path).Text())
                    .Concat(Problems is null ? [] : error.At(Problems).Items().Select(problem => problem.Text("type"))).OfType<string>(),
            ],
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

    private static IEnumerable<NativeProblem> ProblemsIn(JsonElement list) =>
        list.Items().Select(p => new NativeProblem([.. PathOf(p)], p.ValueKind == JsonValueKind.String ? p.Text() : TextOf(p)));

    // A web framework's loc begins with the part of the request ("body"), and its numbers are list indexes.
    private static IEnumerable<string> PathOf(JsonElement problem) =>
        problem.Items("loc").Where(segment => segment.ValueKind == JsonValueKind.String).Concat(problem.Items("path")).Select(segment => segment.Text())
            .OfType<string>().Where(segment => segment != "body");
}

/// <summary>Gives a meaning to every fault that meets all conditions of the rule.</summary>
/// <param name="Kind">The meaning.</param>
public sealed record ErrorRule(ProviderErrorKind Kind)
{
    /// <summary>The HTTP statuses, one of which must match; empty: any.</summary>
    public IReadOnlyList<int> Statuses { get; init; } = [];

    /// <summary>The codes, one of which the fault must have, in any letter case; empty: any.</summary>
    public IReadOnlyList<string> Codes { get; init; } = [];

    /// <summary>The phrases (<see cref="NativeText.Says"/>), one of which the text or a problem must contain; empty: any.</summary>
    public IReadOnlyList<string> Says { get; init; } = [];

    /// <summary>The native fields, with one of which a problem's path must begin; empty: any.</summary>
    public IReadOnlyList<string> Fields { get; init; } = [];

    /// <summary>A condition that the lists can't express; null: none.</summary>
    public Func<NativeFault, bool>? When { get; init; }

    /// <summary>Whether a fault meets every condition.</summary>
    public bool Fits(int status, NativeFault fault) =>
        (Statuses.Count == 0 || Statuses.Contains(status))
        && (Codes.Count == 0 || fault.Has(Codes))
        && (Says.Count == 0 || fault.Says([.. Says]))
        && (Fields.Count == 0 || fault.Problems.Any(p => p.Path is [var first, ..] && Fields.Contains(first)))
        && When?.Invoke(fault) != false;
}
