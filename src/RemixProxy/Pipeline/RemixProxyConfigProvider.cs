using Microsoft.Extensions.Primitives;
using RemixProxy.Contract;
using RemixProxy.Providers;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;

namespace RemixProxy.Pipeline;

/// <summary>Turns the providers into YARP clusters and the operations into YARP routes.</summary>
internal sealed class RemixProxyConfigProvider(ProviderRegistry registry) : IProxyConfigProvider
{
    /// <summary>The operations by path and method.</summary>
    public static IReadOnlyList<RouteConfig> Operations { get; } =
    [
        Route(VideoOperation.Create, "/v1/videos", "POST"),
        Route(VideoOperation.List, "/v1/videos", "GET", "HEAD"),
        Route(VideoOperation.Retrieve, "/v1/videos/{video_id}", "GET", "HEAD"),
        Route(VideoOperation.Delete, "/v1/videos/{video_id}", "DELETE"),
        Route(VideoOperation.Content, "/v1/videos/{video_id}/content", "GET", "HEAD"),
        Route(VideoOperation.Remix, "/v1/videos/{video_id}/remix", "POST"),
        Route(VideoOperation.Cancel, "/v1/videos/{video_id}/cancel", "POST"),
        Route(VideoOperation.Edit, "/v1/videos/edits", "POST"),
        Route(VideoOperation.Extend, "/v1/videos/extensions", "POST"),
        Route(VideoOperation.Character, "/v1/videos/characters", "POST"),
        Route(VideoOperation.Character, "/v1/videos/characters/{character_id}", "GET") with { RouteId = ProxyNames.RouteOf(VideoOperation.Character) + "-get" },
        Route(VideoOperation.Models, "/v1/models", "GET", "HEAD"),
        // The name of a model may hold slashes.
        Route(VideoOperation.Models, "/v1/models/{**model}", "GET", "HEAD") with { RouteId = ProxyNames.RouteOf(VideoOperation.Models) + "-get" },
    ];

    /// <summary>The operations, and what answers wrong methods and paths below theirs.</summary>
    public static IReadOnlyList<RouteConfig> Routes { get; } =
    [
        .. Operations,
        .. Operations.GroupBy(r => r.Match.Path).Select(OtherMethods),
        Route(VideoOperation.None, "/v1/videos/{**rest}"),
    ];

    /// <summary>What answers everything that the application has no endpoint for. Only the host adds it.</summary>
    public static IReadOnlyList<RouteConfig> Elsewhere { get; } =
    [
        Route(VideoOperation.None, "/{**rest}") with { RouteId = ProxyNames.Prefix + "elsewhere", Order = int.MaxValue },
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

    private static RouteConfig OtherMethods(IGrouping<string?, RouteConfig> routes)
    {
        var any = Route(VideoOperation.None, routes.Key!);
        return any with
        {
            RouteId = routes.First().RouteId + "-other-methods",
            Metadata = new Dictionary<string, string>(any.Metadata!, StringComparer.Ordinal)
            {
                [ProxyNames.Allow] = string.Join(", ", routes.SelectMany(r => r.Match.Methods!)),
            },
        };
    }

    private static ClusterConfig Cluster(Provider provider) => new()
    {
        ClusterId = ProxyNames.ClusterOf(provider.Name),
        Destinations = new Dictionary<string, DestinationConfig>(StringComparer.Ordinal) { ["default"] = new() { Address = provider.BaseUrl.AbsoluteUri } },
        HttpRequest = new ForwarderRequestConfig { ActivityTimeout = provider.Options.Timeout },
        Metadata = new Dictionary<string, string>(StringComparer.Ordinal) { [ProxyNames.BaseUrl] = provider.BaseUrl.AbsoluteUri },
    };

    private sealed record Config(IReadOnlyList<RouteConfig> Routes, IReadOnlyList<ClusterConfig> Clusters, IChangeToken ChangeToken) : IProxyConfig;
}
