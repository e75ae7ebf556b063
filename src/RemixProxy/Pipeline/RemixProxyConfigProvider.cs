using Microsoft.Extensions.Primitives;
using RemixProxy.Contract;
using RemixProxy.Providers;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;

namespace RemixProxy.Pipeline;

/// <summary>Turns the providers into YARP clusters and the operations into YARP routes.</summary>
internal sealed class RemixProxyConfigProvider(ProviderRegistry registry) : IProxyConfigProvider
{
    /// <summary>The operations by path and method. The last two match everything else below these paths.</summary>
    public static IReadOnlyList<RouteConfig> Routes { get; } =
    [
        Route(VideoOperation.Create, "/v1/videos", "POST"),
        Route(VideoOperation.List, "/v1/videos", "GET"),
        Route(VideoOperation.Retrieve, "/v1/videos/{video_id}", "GET"),
        Route(VideoOperation.Delete, "/v1/videos/{video_id}", "DELETE"),
        Route(VideoOperation.Content, "/v1/videos/{video_id}/content", "GET", "HEAD"),
        Route(VideoOperation.Remix, "/v1/videos/{video_id}/remix", "POST"),
        Route(VideoOperation.Cancel, "/v1/videos/{video_id}/cancel", "POST"),
        Route(VideoOperation.Edit, "/v1/videos/edits", "POST"),
        Route(VideoOperation.Extend, "/v1/videos/extensions", "POST"),
        Route(VideoOperation.Character, "/v1/videos/characters", "POST"),
        Route(VideoOperation.Character, "/v1/videos/characters/{character_id}", "GET") with { RouteId = ProxyNames.RouteOf(VideoOperation.Character) + "-get" },
        Route(VideoOperation.Models, "/v1/models", "GET"),
        // A route below both prefixes takes every other path and method, so that a wrong one gets a JSON error.
        Route(VideoOperation.None, "/v1/videos/{**rest}"),
        Route(VideoOperation.None, "/v1/models") with { RouteId = ProxyNames.Prefix + "unknown-models" },
    ];

    public IProxyConfig GetConfig()
    {
        // The token is taken first. If the configuration changes between the two lines, the token fires.
        var changed = registry.GetChangeToken();
        return new Config(Routes, [new() { ClusterId = ProxyNames.UnassignedCluster }, .. registry.Current.Providers.Select(Cluster)], changed);
    }

    private static RouteConfig Route(VideoOperation operation, string path, params string[] methods) => new()
    {
        RouteId = ProxyNames.RouteOf(operation),
        ClusterId = ProxyNames.UnassignedCluster,
        Match = new() { Path = path, Methods = methods.Length == 0 ? null : methods },
        Metadata = new Dictionary<string, string>(StringComparer.Ordinal) { [ProxyNames.Operation] = operation.ToString() },
    };

    private static ClusterConfig Cluster(Provider provider) => new()
    {
        ClusterId = ProxyNames.ClusterOf(provider.Name),
        Destinations = new Dictionary<string, DestinationConfig>(StringComparer.Ordinal) { ["default"] = new() { Address = provider.BaseUrl.AbsoluteUri } },
        HttpRequest = new ForwarderRequestConfig { ActivityTimeout = provider.Options.Timeout },
        Metadata = new Dictionary<string, string>(StringComparer.Ordinal) { [ProxyNames.BaseUrl] = provider.BaseUrl.AbsoluteUri },
    };

    private sealed record Config(IReadOnlyList<RouteConfig> Routes, IReadOnlyList<ClusterConfig> Clusters, IChangeToken ChangeToken) : IProxyConfig;
}
