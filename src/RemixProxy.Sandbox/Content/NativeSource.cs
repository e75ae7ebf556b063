using RemixProxy.Sandbox.Fields;
using RemixProxy.Sandbox.Jobs;

namespace RemixProxy.Sandbox.Content;

/// <summary>An image or a clip that a request names: what the sandbox knows of it, or why the vendor would not take it.</summary>
/// <param name="Clip">The clip, where it is one of the sandbox's own.</param>
/// <param name="Problem">Why it is refused; <see langword="null"/> if it is good.</param>
internal sealed record NativeSource(Clip? Clip, string? Problem = null)
{
    /// <summary>What kind of problem it is.</summary>
    public FieldFault Fault { get; private init; }

    /// <summary>The job that made it, where it is named by that.</summary>
    public SandboxJob? Job { get; init; }

    public static NativeSource Refused(string problem, FieldFault fault = FieldFault.BadSource) => new(null, problem) { Fault = fault };
}
