using System.Collections.Concurrent;

namespace RemixProxy.TestKit.Processes;

/// <summary>The command that starts a program of the tests, as <c>tests/tools.sh</c> finds or fetches it; asked for once a process.</summary>
internal static class TestProgram
{
    /// <summary>A first run fetches about 30 MB from the machine's package mirror.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private static readonly ConcurrentDictionary<string, Lazy<Task<string[]>>> Found = new(StringComparer.Ordinal);

    /// <param name="name">One of those that the script knows.</param>
    public static Task<string[]> FindAsync(string name) => Found.GetOrAdd(name, n => new(() => AskAsync(n))).Value;

    private static async Task<string[]> AskAsync(string name)
    {
        var run = await ProgramRun.OfAsync(new("bash", [Path.Combine(Repository.Root, "tests", "tools.sh"), name]), "", Patience);
        return run.ExitCode == 0 ? run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries) : throw new InvalidOperationException(run.Errors);
    }
}
