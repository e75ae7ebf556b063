namespace RemixProxy.Sandbox.Jobs;

/// <summary>What was asked for.</summary>
internal enum JobKind
{
    Generate,
    Edit,
    Extend,
}
