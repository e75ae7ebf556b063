namespace RemixProxy.Cache;

/// <summary>Tells prompts that sound alike and mean different videos.</summary>
internal interface ILexicalConflict
{
    /// <summary>Whether words that make another video stand between two prompts, whatever their similarity.</summary>
    bool Between(string a, string b);
}
