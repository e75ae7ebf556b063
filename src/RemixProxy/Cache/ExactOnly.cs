namespace RemixProxy.Cache;

/// <summary>What is not equal is in conflict.</summary>
internal sealed class ExactOnly : ILexicalConflict
{
    public bool Between(string a, string b) => a != b;
}
