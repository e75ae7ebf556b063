namespace RemixProxy.Benchmarks.Load;

/// <summary>Prompts as people write them, about twenty words each, by number: different numbers, different prompts.</summary>
internal static class Prompts
{
    private static readonly string[] Shots = ["a slow dolly shot of", "a drone view of", "a handheld close-up of", "a wide establishing shot of",
        "a time-lapse of", "a macro shot of", "a tracking shot of", "a static tripod shot of"];

    private static readonly string[] Looks =
    [
        "a weathered", "a cheerful", "a tiny", "a towering", "a sleepy", "an elegant", "a rusty", "a glowing", "a paper", "a porcelain", "a clumsy",
        "a majestic",
        "a nervous", "a hand-carved", "a wooden", "a muddy", "a graceful", "an ancient", "a curious", "a velvet", "a mechanical", "a translucent", "a fluffy",
        "a solemn",
    ];

    private static readonly string[] Subjects =
    [
        "fisherman", "robot", "lighthouse", "fox", "violinist", "steam train", "sailing boat", "astronaut", "barista", "street musician", "elephant",
        "hummingbird", "skateboarder", "clockmaker", "ballerina", "jellyfish",
        "hot air balloon", "potter", "snow leopard", "origami crane", "bicycle courier", "tea seller", "whale", "gardener", "puppet", "tram", "goldfish",
        "mountain goat", "glassblower", "chess player", "camel", "beekeeper",
    ];

    private static readonly string[] Actions =
    [
        "mending a net", "drifting past", "waiting patiently", "turning towards the camera", "crossing a rope bridge", "shaking off the rain", "dancing alone",
        "resting in the grass", "looking for shelter", "chasing falling leaves",
        "reading an old letter", "spinning in circles", "gliding silently", "waving to a stranger", "disappearing into the mist", "balancing on a ledge",
        "painting a mural", "listening to the wind", "stirring the dust", "humming a melody",
    ];

    private static readonly string[] Places =
    [
        "beside a harbour pier", "in a crowded night market", "above a terraced valley", "on a frozen lake", "inside a ruined cathedral",
        "under a railway arch", "near a desert well", "along a coastal path", "in a greenhouse full of ferns",
        "on the roof of a skyscraper", "at the edge of a volcano", "between tall bookshelves", "in a bamboo forest", "by a canal in autumn",
        "across a field of sunflowers", "in a subway station", "outside a mountain hut", "beneath a waterfall",
        "in a flooded courtyard", "behind a theatre curtain",
    ];

    private static readonly string[] Lights = ["in soft morning light", "under heavy clouds", "lit by paper lanterns", "in the last sunlight",
        "under flickering neon", "in pale moonlight", "with dust in the sunbeams", "in diffuse studio light"];

    private static readonly string[] Styles = ["shot on 35mm film", "in the style of a nature documentary", "as a stop-motion animation",
        "with shallow depth of field", "in muted pastel tones", "with film grain"];

    private static readonly string[][] Parts = [Shots, Looks, Subjects, Actions, Places, Lights, Styles];

    private static readonly long Count = Parts.Aggregate(1L, (count, part) => count * part.Length);

    /// <summary>The prompt of a number.</summary>
    public static string Of(long number)
    {
        // A step that shares no factor with the count visits each once, far from the one before.
        var rest = (long)((Int128)number * 104_729 * 611_953 % Count);
        var words = new string[Parts.Length];
        for (var i = Parts.Length - 1; i >= 0; i--)
        {
            words[i] = Parts[i][rest % Parts[i].Length];
            rest /= Parts[i].Length;
        }

        var prompt = $"{words[0]} {words[1]} {words[2]} {words[3]} {words[4]}, {words[5]}, {words[6]}";
        return char.ToUpperInvariant(prompt[0]) + prompt[1..];
    }

    /// <summary>The same prompt as somebody else would type it.</summary>
    public static string VariantOf(long number)
    {
        var prompt = Of(number);
        return (number % 4) switch
        {
            0 => prompt.ToLowerInvariant(),
            1 => "Please, " + char.ToLowerInvariant(prompt[0]) + prompt[1..],
            2 => prompt + ".",
            _ => prompt.Replace(" the ", " ", StringComparison.Ordinal).Replace(" of a ", " of ", StringComparison.Ordinal).ToUpperInvariant(),
        };
    }

    /// <summary>The same wish in other words. They are no conflict; their cosine is between 0.60 and 0.78 as the built-in embedder sees it.</summary>
    public static string ParaphraseOf(long number) => "Show me " + Of(number) + ", high quality";
}
