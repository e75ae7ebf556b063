using RemixProxy.Contract;

namespace RemixProxy.Providers;

/// <summary>What our routes and clusters are called among those of the application.</summary>
internal static class ProxyNames
{
    /// <summary>The route metadata that names the operation.</summary>
    public const string Operation = "RemixProxy.Operation";

    /// <summary>The cluster metadata that tells which base the cluster was made for.</summary>
    public const string BaseUrl = "RemixProxy.BaseUrl";

    /// <summary>The cluster of all our routes until a call is assigned to a provider's: a route without one is 503 before any middleware runs.</summary>
    public const string UnassignedCluster = "remixproxy";

    /// <summary>What the ids of our routes and of the providers' clusters begin with.</summary>
    public const string Prefix = UnassignedCluster + "-";

    public static string RouteOf(VideoOperation operation) => Prefix + operation.Name();

    public static string ClusterOf(string provider) => Prefix + provider;
}
