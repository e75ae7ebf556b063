using Yarp.ReverseProxy.Configuration;

namespace RemixProxy.FunctionalTests.Kit;

/// <summary>A user's change of one cluster.</summary>
internal sealed class ClusterFilter(string clusterId, Func<ClusterConfig, ClusterConfig> change) : IProxyConfigFilter
{
    public ValueTask<ClusterConfig> ConfigureClusterAsync(ClusterConfig cluster, CancellationToken cancel) =>
        new(cluster.ClusterId == clusterId ? change(cluster) : cluster);

    public ValueTask<RouteConfig> ConfigureRouteAsync(RouteConfig route, ClusterConfig? cluster, CancellationToken cancel) => new(route);
}
