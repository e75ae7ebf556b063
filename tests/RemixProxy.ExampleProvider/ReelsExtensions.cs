using Microsoft.Extensions.DependencyInjection;
using RemixProxy.Adapters;

namespace RemixProxy.ExampleProvider;

/// <summary>Adds Reels to a YARP application with the plugin.</summary>
public static class ReelsExtensions
{
    /// <summary>Adds the adapter; a provider entry <c>reels</c>, or <c>REELS_API_KEY</c>, enables an account of it.</summary>
    public static IReverseProxyBuilder AddReels(this IReverseProxyBuilder proxy)
    {
        proxy.Services.AddSingleton<IVideoAdapter, ReelsAdapter>();
        return proxy;
    }
}
