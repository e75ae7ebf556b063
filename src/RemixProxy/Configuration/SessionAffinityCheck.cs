using Yarp.ReverseProxy.Transforms.Builder;

namespace RemixProxy.Configuration;

/// <summary>
/// Refuses session affinity by hash where the package that it needs is missing. Otherwise the destination would be called, and paid, before the cookie fails to be made.
/// YARP asks at the start and at every reload, after the application's own filters.
/// </summary>
internal sealed class SessionAffinityCheck : ITransformProvider
{
    private static readonly bool HasHashing = Type.GetType("System.IO.Hashing.XxHash64, System.IO.Hashing", throwOnError: false) is not null;

    public void ValidateRoute(TransformRouteValidationContext context)
    {
    }

    public void ValidateCluster(TransformClusterValidationContext context)
    {
        // Without a policy YARP takes this one.
        if (!HasHashing && context.Cluster is { SessionAffinity: { Enabled: true, Policy: null or "" or "HashCookie" } } cluster)
            context.Errors.Add(new InvalidOperationException($"Cluster '{cluster.ClusterId}' has session affinity by HashCookie, which needs the package System.IO.Hashing. Name another policy, e.g. ArrCookie."));
    }

    public void Apply(TransformBuilderContext context)
    {
    }
}
