using System.Diagnostics;
using RemixProxy.Tests;

namespace RemixProxy.FunctionalTests.Redis;

/// <summary>The command that starts a server of a version, as <c>tests/redis.sh</c> finds or fetches it; asked for once a process.</summary>
internal static class RedisProgram
{
    /// <summary>A first run fetches about 22 MB from the machine's package mirror.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private static readonly Lazy<Task<string[]>> Seven = new(() => FindAsync(RedisVersion.Seven));
    private static readonly Lazy<Task<string[]>> Eight = new(() => FindAsync(RedisVersion.Eight));

    public static Task<string[]> ForAsync(RedisVersion version) => version == RedisVersion.Seven ? Seven.Value : Eight.Value;

    private static string Major(RedisVersion version) => version == RedisVersion.Seven ? "7" : "8";

    private static async Task<string[]> FindAsync(RedisVersion version)
    {
        using var script = Process.Start(new ProcessStartInfo("bash", [Path.Combine(Repository.Root, "tests", "redis.sh"), Major(version)])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        script.StandardInput.Close();
        var output = script.StandardOutput.ReadToEndAsync();
        var errors = script.StandardError.ReadToEndAsync();
        try
        {
            await Task.WhenAll(output, errors, script.WaitForExitAsync()).WaitAsync(Patience);
        }
        catch (TimeoutException late)
        {
            script.Kill(entireProcessTree: true);
            throw new TimeoutException($"tests/redis.sh {Major(version)} did not end within {Patience}.", late);
        }

        if (script.ExitCode != 0) throw new InvalidOperationException(await errors);
        return (await output).Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
