namespace RemixProxy.Cache.Language;

/// <summary>The kind of a part of a prompt.</summary>
internal enum PromptWordKind
{
    /// <summary>A word; in Chinese and Japanese a character.</summary>
    Word,

    /// <summary>A cardinal number in figures, with its sign.</summary>
    Number,

    /// <summary>The unit of the number before it.</summary>
    Unit,

    /// <summary>A sign that is content: an emoji, %, #, +, °.</summary>
    Symbol,

    /// <summary>A question mark.</summary>
    Question,

    /// <summary>Any other punctuation.</summary>
    Break,
}

/// <summary>A word of a prompt in its one spelling.</summary>
/// <param name="Text">The word in lower case.</param>
/// <param name="Kind">The kind.</param>
/// <param name="Joined">Whether a hyphen stands before it.</param>
/// <param name="Quoted">Whether it stands in quotes.</param>
/// <param name="Dropped">Whether it is an article or politeness.</param>
internal readonly record struct PromptWord(string Text, PromptWordKind Kind, bool Joined = false, bool Quoted = false, bool Dropped = false)
{
    /// <summary>Whether a sentence may be about it.</summary>
    public bool IsContent => !Dropped && Kind is not (PromptWordKind.Break or PromptWordKind.Question);
}
