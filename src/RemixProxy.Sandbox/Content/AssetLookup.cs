using RemixProxy.Sandbox.Jobs;

namespace RemixProxy.Sandbox.Content;

/// <summary>What stands behind an asset address.</summary>
/// <param name="Verdict">What a GET finds.</param>
/// <param name="Job">The job whose clip it is, where it is present or gone.</param>
internal sealed record AssetLookup(AssetVerdict Verdict, SandboxJob? Job);
