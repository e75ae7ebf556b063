using RemixProxy.Adapters;
using RemixProxy.Providers.Ark;
using RemixProxy.Providers.Fal;
using RemixProxy.Providers.Google;
using RemixProxy.Providers.Kling;
using RemixProxy.Providers.Luma;
using RemixProxy.Providers.OpenAi;
using RemixProxy.Providers.Replicate;
using RemixProxy.Providers.Runway;
using RemixProxy.Providers.Xai;

namespace RemixProxy.Providers;

/// <summary>The adapters that come with the plugin, in the order in which a bare model name is looked up.</summary>
internal static class BuiltInAdapters
{
    public static IReadOnlyList<IVideoAdapter> All { get; } =
    [
        new GeminiAdapter(),
        new LumaAdapter(),
        new RunwayAdapter(),
        new XaiAdapter(),
        new KlingAdapter(),
        new ArkAdapter(),
        new FalAdapter(),
        new ReplicateAdapter(),
        new VertexAdapter(),
        new VertexVeoAdapter(),
        new OpenAiAdapter(),
    ];
}
