using RemixProxy.Contract;

namespace RemixProxy.Providers;

/// <summary>The names of the plugin's YARP routes and clusters.</summary>
internal static class ProxyNames
{
    /// <summary>The route metadata that names the operation.</summary>
    public const string Operation = "RemixProxy.Operation";

    /// <summary>The route metadata of a known path with a wrong method: the methods that it has.</summary>
    public const string Allow = "RemixProxy.Allow";

    /// <summary>The cluster metadata with the base address that the cluster was made for.</summary>
    public const string BaseUrl = "RemixProxy.BaseUrl";

    /// <summary>
    /// The initial cluster of all our routes, until the plugin assigns a call to a provider's cluster. YARP answers 503 for a route without a cluster, before
    /// any middleware runs.
    /// </summary>
    public const string UnassignedCluster = "remixproxy";

    /// <summary>The prefix of the ids of our routes and of the providers' clusters.</summary>
    public const string Prefix = UnassignedCluster + "-";

    public static string RouteOf(VideoOperation operation) => Prefix + operation.Name();

    public static string ClusterOf(string provider) => Prefix + provider;
}
