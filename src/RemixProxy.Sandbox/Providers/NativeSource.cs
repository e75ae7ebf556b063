using RemixProxy.Sandbox.Content;

namespace RemixProxy.Sandbox.Providers;

/// <summary>The clip that an edit names: what the sandbox knows of it, or why the vendor would not take it.</summary>
/// <param name="Clip">The clip, where it is one of the sandbox's own.</param>
/// <param name="Problem">Why it is refused; <see langword="null"/> if it is good.</param>
internal sealed record NativeSource(Clip? Clip, string? Problem)
{
    public static NativeSource Refused(string problem) => new(null, problem);
}
