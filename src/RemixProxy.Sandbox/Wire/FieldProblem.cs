namespace RemixProxy.Sandbox.Wire;

/// <summary>What is wrong with one field of a request; each vendor words it in its own error shape.</summary>
/// <param name="Path">Dotted path from the body's root; empty for the body itself.</param>
/// <param name="Fault">What kind of mistake it is.</param>
/// <param name="Message">An English sentence without the path.</param>
internal sealed record FieldProblem(string Path, FieldFault Fault, string Message)
{
    public override string ToString() => Path.Length == 0 ? Message : $"{Path}: {Message}";
}
