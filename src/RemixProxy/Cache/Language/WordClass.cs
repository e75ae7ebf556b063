namespace RemixProxy.Cache.Language;

/// <summary>The classes of words by which two prompts can conflict, as <c>words.json</c> and <c>RemixProxy:Cache:Words</c> name them.</summary>
internal enum WordClass
{
    /// <summary>Amounts: <c>term=figures</c>, or a term that stands for itself.</summary>
    Numbers,

    /// <summary>Words that negate the word after them.</summary>
    Negations,

    /// <summary>Colours.</summary>
    Colors,

    /// <summary>Words that change the colour after them.</summary>
    Shades,

    /// <summary>Sides and ways.</summary>
    Directions,

    /// <summary>Camera moves, shots, and how time runs.</summary>
    Cameras,

    /// <summary>Choices, <c>day/night</c>.</summary>
    Opposites,

    /// <summary>Choices of small words, <c>in/out</c>, which count only beside the same word.</summary>
    Particles,

    /// <summary>Nouns and their plurals, <c>man/men</c>.</summary>
    Plurals,

    /// <summary>Phrases whose words don't count by themselves.</summary>
    Idioms,

    /// <summary>Words before which no verb stands.</summary>
    Determiners,

    /// <summary>Words that carry little meaning of their own.</summary>
    Fillers,

    /// <summary>Words that begin a part of a sentence that may stand first or last.</summary>
    Openers,
}
