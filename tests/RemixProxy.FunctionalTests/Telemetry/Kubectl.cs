namespace RemixProxy.FunctionalTests.Telemetry;

/// <summary><c>kubectl</c> without a cluster and without the settings of who runs the tests.</summary>
internal static class Kubectl
{
    private const string Nowhere = "/nonexistent";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <summary>The manifests that a folder with a <c>kustomization.yaml</c> stands for, as YAML documents.</summary>
    /// <exception cref="InvalidOperationException">They can't be made; the message is what <c>kubectl</c> says.</exception>
    public static async Task<string> KustomizeAsync(string folder)
    {
        var command = await TestProgram.FindAsync("kubectl");
        var run = await ProgramRun.OfAsync(
            new(command[0], [.. command[1..], "kustomize", folder])
            {
                Environment = { ["HOME"] = Nowhere, ["KUBECONFIG"] = Path.Combine(Nowhere, "config") },
            },
            "",
            Patience);
        return run.ExitCode == 0 ? run.Output : throw new InvalidOperationException(run.Errors);
    }
}
