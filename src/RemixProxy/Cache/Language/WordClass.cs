namespace RemixProxy.Cache.Language;

/// <summary>The classes of words that can stand between two prompts, as <c>words.json</c> and <c>RemixProxy:Cache:Words</c> name them.</summary>
internal enum WordClass
{
    /// <summary>Amounts: <c>term=figures</c>, or a term for itself.</summary>
    Numbers,

    /// <summary>What says no to the word after it.</summary>
    Negations,

    /// <summary>Colours.</summary>
    Colors,

    /// <summary>What makes another colour of the colour after it.</summary>
    Shades,

    /// <summary>Sides and ways.</summary>
    Directions,

    /// <summary>Camera moves, shots, and how time runs.</summary>
    Cameras,

    /// <summary>Choices, <c>day/night</c>.</summary>
    Opposites,

    /// <summary>Choices of small words, which count beside the same word only: <c>in/out</c>.</summary>
    Particles,

    /// <summary>Nouns and their plurals, <c>man/men</c>.</summary>
    Plurals,

    /// <summary>Phrases whose words don't count alone.</summary>
    Idioms,

    /// <summary>Words before which no verb stands.</summary>
    Determiners,

    /// <summary>Words that carry little of their own.</summary>
    Fillers,

    /// <summary>What a part of a sentence that may stand first or last begins with.</summary>
    Openers,
}
