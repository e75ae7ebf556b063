using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.RegularExpressions;
using RemixProxy.TestKit.Processes;

namespace RemixProxy.Benchmarks.Faults;

/// <summary>A program of this build that serves on a port of its own choice, killed when disposed. It has no other environment than the one given.</summary>
internal sealed partial class ServerProcess(string assembly, string[] arguments, Dictionary<string, string> environment) : IAsyncDisposable
{
    private static readonly string[] Inherited = ["PATH", "HOME", "DOTNET_ROOT", "TMPDIR"];

    private GuardedProcess? _process;

    /// <summary>Where it listens; another port after a restart.</summary>
    public Uri Address { get; private set; } = null!;

    /// <summary>Whether its output is thrown away after the first lines, by a process of its own: reading it here would cost what is measured.</summary>
    public bool IsSilent { get; init; }

    /// <summary>The number of its process.</summary>
    public int Id => _process?.Id ?? throw new InvalidOperationException($"{assembly} does not run.");

    /// <summary>The bytes that it has in memory, each second, in each of its lives.</summary>
    public List<List<long>> Lives { get; } = [];

    /// <summary>The errors that it has logged, a line each.</summary>
    public ConcurrentQueue<string> Errors { get; } = new();

    /// <summary>Starts it, killed or not, and waits until it listens.</summary>
    public async Task StartAsync()
    {
        await KillAsync();
        var address = new TaskCompletionSource<Uri>(TaskCreationOptions.RunContinuationsAsynchronously);
        string[] variables = [.. Inherited.Select(n => $"{n}={Environment.GetEnvironmentVariable(n)}").Where(v => v[^1] != '=')];
        string[] silenced = IsSilent ? ["bash", "-c", "exec \"$@\" > >(sed -u 50q; exec cat > /dev/null)", "bash"] : [];
        _process = new(
            [.. silenced, "env", "-i", .. variables, .. environment.Select(v => $"{v.Key}={v.Value}"), "dotnet", "exec",
                Path.Combine(AppContext.BaseDirectory, assembly + ".dll"), .. arguments],
            line =>
            {
                if (Listening().Match(line) is { Success: true } match) address.TrySetResult(new(match.Groups["base"].Value + "/"));
                if (line.StartsWith("fail: ", StringComparison.Ordinal) || line.StartsWith("crit: ", StringComparison.Ordinal)) Errors.Enqueue(line);
            });
        if (!await _process.IsDoneAsync(address.Task)) throw new InvalidOperationException($"{assembly} did not start: {_process.Output}");
        Address = await address.Task;
        Lives.Add([]);
    }

    /// <summary>Ends it at once (SIGKILL).</summary>
    public async Task KillAsync()
    {
        var process = _process;
        _process = null;
        if (process is not null) await process.DisposeAsync();
    }

    /// <summary>Notes what it has in memory now.</summary>
    public void Sample()
    {
        if (_process is not { } running) return;
        try
        {
            using var process = Process.GetProcessById(running.Id);
            Lives[^1].Add(process.WorkingSet64);
        }
        catch (ArgumentException)
        {
            // It is being killed.
        }
    }

    public ValueTask DisposeAsync() => new(KillAsync());

    [GeneratedRegex("^(RemixProxy .* at )?(?<base>http://[0-9.:]+)/(v1)?$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Listening();
}
