namespace RemixProxy.Providers.Kit;

/// <summary>An error as the provider's body describes it, before <see cref="ErrorRules"/> give it a meaning.</summary>
public sealed record NativeFault
{
    private const int MostProblems = 5;

    /// <summary>The message for people; null where there is none.</summary>
    public string? Text { get; init; }

    /// <summary>The words for programs: codes, types, reasons.</summary>
    public IReadOnlyList<string> Codes { get; init; } = [];

    /// <summary>The problems with single fields.</summary>
    public IReadOnlyList<NativeProblem> Problems { get; init; } = [];

    /// <summary>The field at fault, by its name in the unified request; null where unknown.</summary>
    public string? Param { get; init; }

    /// <summary>How long the body asks callers to wait; null where it does not say.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The text followed by the first five problems; null where there is neither.</summary>
    public string? Message => Joined(": ", [Text, Joined("; ", Problems.Take(MostProblems).Select(p => p.ToString()))]);

    /// <summary>Whether the fault has one of the codes. Letter case does not matter.</summary>
    public bool Has(params IEnumerable<string> codes) => codes.Any(c => Codes.Contains(c, StringComparer.OrdinalIgnoreCase));

    /// <summary>Whether the text or a problem contains one of the phrases (<see cref="NativeText.Says"/>).</summary>
    public bool Says(params string[] phrases) => Text.Says(phrases) || Problems.Any(p => p.Message.Says(phrases));

    internal static string? Joined(string separator, IEnumerable<string?> parts) =>
        string.Join(separator, parts.Where(p => !string.IsNullOrWhiteSpace(p))) is { Length: > 0 } text ? text : null;
}

/// <summary>A problem with one field.</summary>
/// <param name="Path">The field's path in the native body; empty where the problem concerns the whole body.</param>
/// <param name="Message">The message for people.</param>
public sealed record NativeProblem(IReadOnlyList<string> Path, string? Message)
{
    /// <inheritdoc />
    public override string ToString() => NativeFault.Joined(": ", [string.Join('.', Path), Message]) ?? "";
}
