using RemixProxy.Providers;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Configuration.ClusterValidators;

namespace RemixProxy.Pipeline;

/// <summary>
/// Checks that the clusters of RemixProxy keep the metadata that ties them to a provider. Without it no exchange finds its cluster, and every call would be 503
/// with no reason given. YARP validates at the start and at every reload, after the application's own filters.
/// </summary>
internal sealed class ClusterValidator : IClusterValidator
{
    public ValueTask ValidateAsync(ClusterConfig cluster, IList<Exception> errors)
    {
        if (cluster.ClusterId?.StartsWith(ProxyNames.Prefix, StringComparison.OrdinalIgnoreCase) == true
            && cluster.Metadata?.ContainsKey(ProxyNames.BaseUrl) != true)
        {
            errors.Add(new InvalidOperationException(
                $"Cluster '{cluster.ClusterId}' lacks the metadata {ProxyNames.BaseUrl}. A filter of the configuration has to keep it; "
                + $"a cluster of the application needs an id that does not begin with {ProxyNames.Prefix}."));
        }

        return ValueTask.CompletedTask;
    }
}
