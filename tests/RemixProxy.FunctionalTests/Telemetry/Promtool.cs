using System.Diagnostics;
using RemixProxy.TestKit.Processes;

namespace RemixProxy.FunctionalTests.Telemetry;

/// <summary>
/// Prometheus's own checks of what is written for it. What it has to say is in the output or in the errors, depending on the check; a fault makes the exit code
/// other than 0.
/// </summary>
internal static class Promtool
{
    /// <summary>Only a hang is cut: a run of all rules takes 5 s alone and several times that beside other load.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    /// <summary>Checks what a <c>/metrics</c> endpoint answered: 1 if it can't be read, 3 if it is not as it should be (names, units, help).</summary>
    public static Task<ProgramRun> CheckMetricsAsync(string text) => RunAsync(text, "check", "metrics");

    public static Task<ProgramRun> CheckRulesAsync(string file) => RunAsync("", "check", "rules", file);

    /// <summary>Runs a file of rule tests; the rules that it names are looked for beside it.</summary>
    public static Task<ProgramRun> TestRulesAsync(string file) => RunAsync("", "test", "rules", file);

    public static Task<ProgramRun> CheckConfigAsync(string file) => RunAsync("", "check", "config", file);

    private static async Task<ProgramRun> RunAsync(string input, params string[] arguments)
    {
        var command = await TestProgram.FindAsync("promtool");
        // Each block of rule tests fills a database of its own; collecting them took a good part of the time.
        var start = new ProcessStartInfo(command[0], [.. command[1..], .. arguments]) { Environment = { ["GOGC"] = "400" } };
        return await ProgramRun.OfAsync(start, input, Patience);
    }
}
