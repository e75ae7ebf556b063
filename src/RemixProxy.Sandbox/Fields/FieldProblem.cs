namespace RemixProxy.Sandbox.Fields;

/// <summary>What is wrong with one field of a request; each vendor words it in its own error shape.</summary>
/// <param name="Path">Dotted path from the body's root; empty for the body itself.</param>
/// <param name="Fault">What kind of mistake it is.</param>
/// <param name="Message">An English sentence without the path.</param>
internal sealed record FieldProblem(string Path, FieldFault Fault, string Message)
{
    /// <summary>Whether it is about what a field points to, not about the body's form.</summary>
    public bool IsOfSource => Fault is FieldFault.NoSuchSource or FieldFault.SourceNotReady or FieldFault.BadSource;

    public override string ToString() => Path.Length == 0 ? Message : $"{Path}: {Message}";
}
