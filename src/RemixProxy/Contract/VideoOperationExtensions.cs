using System.Collections.Frozen;

namespace RemixProxy.Contract;

/// <summary>What operations are called.</summary>
internal static class VideoOperationExtensions
{
    private static readonly FrozenDictionary<VideoOperation, string> Names = Enum.GetValues<VideoOperation>().ToFrozenDictionary(o => o, o => o.ToString().ToLowerInvariant());

    /// <summary>The operation's name for callers and operators: in <c>/v1/models</c>, routes, labels and spans.</summary>
    public static string Name(this VideoOperation operation) => Names[operation];
}
