namespace RemixProxy.Providers.Kit;

/// <summary>What a provider says is wrong, read from its body but not yet judged.</summary>
public sealed record NativeFault
{
    private const int MostProblems = 5;

    /// <summary>For people; null where it says nothing.</summary>
    public string? Text { get; init; }

    /// <summary>Words for programs: codes, types, reasons.</summary>
    public IReadOnlyList<string> Codes { get; init; } = [];

    /// <summary>What is wrong with single fields.</summary>
    public IReadOnlyList<NativeProblem> Problems { get; init; } = [];

    /// <summary>The field at fault, as callers name it.</summary>
    public string? Param { get; init; }

    /// <summary>How long the body asks to wait.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The text with the first five problems behind it; null where there is neither.</summary>
    public string? Message => Joined(": ", [Text, Joined("; ", Problems.Take(MostProblems).Select(p => p.ToString()))]);

    /// <summary>Whether it has one of the codes, in any letter case.</summary>
    public bool Has(params IEnumerable<string> codes) => codes.Any(c => Codes.Contains(c, StringComparer.OrdinalIgnoreCase));

    /// <summary>Whether the text, or that of a problem, has one of the phrases (<see cref="NativeText.Says"/>).</summary>
    public bool Says(params string[] phrases) => Text.Says(phrases) || Problems.Any(p => p.Message.Says(phrases));

    internal static string? Joined(string separator, IEnumerable<string?> parts) =>
        string.Join(separator, parts.Where(p => !string.IsNullOrWhiteSpace(p))) is { Length: > 0 } text ? text : null;
}

/// <summary>What is wrong with one field.</summary>
/// <param name="Path">The field's path in the native body; empty where it is the whole body.</param>
/// <param name="Message">For people.</param>
public sealed record NativeProblem(IReadOnlyList<string> Path, string? Message)
{
    /// <inheritdoc />
    public override string ToString() => NativeFault.Joined(": ", [string.Join('.', Path), Message]) ?? "";
}
