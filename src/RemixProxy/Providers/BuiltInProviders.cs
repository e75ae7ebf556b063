using RemixProxy.Providers.Luma;
using RemixProxy.Providers.Runway;
using RemixProxy.Providers.OpenAi;

namespace RemixProxy.Providers;

/// <summary>The adapters that come with the plugin, in the order in which the default aliases try them.</summary>
internal static class BuiltInProviders
{
    public static IReadOnlyList<IVideoProvider> All { get; } =
    [
        new Gemini.GeminiProvider(),
        new LumaProvider(),
        new RunwayProvider(),
        new OpenAiProvider(),
    ];
}
