using Microsoft.Extensions.DependencyInjection;
using RemixProxy.Adapters;

namespace Reels;

/// <summary>What an application calls.</summary>
public static class ReelsRegistration
{
    /// <summary>Adds the provider <c>reels</c> to RemixProxy.</summary>
    public static IServiceCollection AddReels(this IServiceCollection services) =>
        services.AddSingleton<IVideoAdapter, ReelsAdapter>().AddSingleton<IRequestSigner, ReelsSigner>();
}
