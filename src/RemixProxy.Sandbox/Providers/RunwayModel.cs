namespace RemixProxy.Sandbox.Providers;

/// <summary>What one Runway model accepts when it makes a video from text or an image.</summary>
internal sealed record RunwayModel(string Name)
{
    private const int Unlisted = 0;

    private static readonly string[] Gen4Image = ["1280:720", "720:1280", "1104:832", "832:1104", "960:960", "1584:672"];

    private static readonly string[] Veo = ["1280:720", "720:1280", "1920:1080", "1080:1920"];

    private static readonly string[] Omni = ["640:360", "1280:720", "1920:1080", "3840:2160", "360:640", "720:1280", "1080:1920", "2160:3840"];

    private static readonly string[] Seedance =
    [
        "854:480", "1280:720", "1920:1080", "480:854", "720:1280", "1080:1920", "992:432", "1470:630", "2206:946",
        "752:560", "1112:834", "1664:1248", "560:752", "834:1112", "1248:1664", "640:640", "960:960", "1440:1440",
    ];

    /// <summary>Allowed ratios from text; empty where the vendor's list is not known to us: then anything that looks like one.</summary>
    public IReadOnlyCollection<string> TextRatios { get; private init; } = [];

    public IReadOnlyCollection<string> ImageRatios { get; private init; } = [];

    /// <summary>Allowed whole seconds.</summary>
    public IReadOnlyCollection<long> Durations { get; private init; } = [.. Enumerable.Range(2, 14).Select(n => (long)n)];

    public bool AllowsAutoDuration { get; private init; }

    /// <summary>Ratio and duration must be there.</summary>
    public bool IsExplicit { get; private init; }

    public bool TakesText { get; private init; } = true;

    public IReadOnlyCollection<string> ExtraFields { get; private init; } = [];

    public int MaxPrompt { get; private init; } = Unlisted;

    /// <summary>The models of both create endpoints, by name.</summary>
    public static IReadOnlyDictionary<string, RunwayModel> All { get; } = new RunwayModel[]
    {
        new("gen4.5")
        {
            TextRatios = ["1280:720", "720:1280"], ImageRatios = Gen4Image, Durations = [2, 3, 4, 5, 6, 7, 8, 9, 10], IsExplicit = true, MaxPrompt = 1000,
            ExtraFields = ["contentModeration"],
        },
        new("gen4_turbo")
        {
            TakesText = false, ImageRatios = Gen4Image, Durations = [2, 3, 4, 5, 6, 7, 8, 9, 10], IsExplicit = true, MaxPrompt = 1000,
            ExtraFields = ["contentModeration"],
        },
        new("veo3.1") { TextRatios = Veo, ImageRatios = Veo, Durations = [4, 6, 8], IsExplicit = true, ExtraFields = ["audio", "negativePrompt"] },
        new("veo3.1_fast") { TextRatios = Veo, ImageRatios = Veo, Durations = [4, 6, 8], IsExplicit = true, ExtraFields = ["audio", "negativePrompt"] },
        new("gemini_omni_flash_1.1") { TextRatios = Omni, ImageRatios = Omni, Durations = [3, 4, 5, 6, 7, 8, 9, 10], AllowsAutoDuration = true },
        new("gemini_omni_flash") { TextRatios = Omni, ImageRatios = Omni, Durations = [3, 4, 5, 6, 7, 8, 9, 10], AllowsAutoDuration = true },
        new("seedance2_5") { TextRatios = Seedance, ImageRatios = Seedance, AllowsAutoDuration = true, ExtraFields = ["audio"] },
        new("seedance2") { ExtraFields = ["audio"] },
        new("seedance2_fast") { ExtraFields = ["audio"] },
        new("seedance2_mini") { ExtraFields = ["audio"] },
        new("hailuo3") { ExtraFields = ["resolution"] },
        new("grok_imagine_1_5") { ExtraFields = ["resolution"] },
        new("h3_max") { ExtraFields = ["resolution"] },
        new("happyhorse_1_0"),
        new("wan3"),
        new("wan3_prime"),
    }.ToDictionary(model => model.Name, StringComparer.Ordinal);
}
