using RemixProxy.Providers.Gemini;
using RemixProxy.Providers.Luma;
using RemixProxy.Providers.OpenAi;
using RemixProxy.Providers.Runway;

namespace RemixProxy.Providers;

/// <summary>The adapters that come with the plugin, in the order in which a bare model name is looked up.</summary>
internal static class BuiltInProviders
{
    public static IReadOnlyList<IVideoProvider> All { get; } =
    [
        new GeminiProvider(),
        new LumaProvider(),
        new RunwayProvider(),
        new OpenAiProvider(),
    ];
}
