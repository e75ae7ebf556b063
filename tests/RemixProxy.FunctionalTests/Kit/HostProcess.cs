using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.RegularExpressions;
using RemixProxy.FunctionalTests.OpenApi;

namespace RemixProxy.FunctionalTests.Kit;

/// <summary>
/// The built host in a process of its own, with no other environment than the test's, on a port of the system's choice; killed when disposed.
/// </summary>
internal sealed partial class HostProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _output = new();
    private readonly TaskCompletionSource<Uri> _address = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _announced = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private HostProcess(Process process)
    {
        _process = process;
        Http = ContractHandler.NewClient();
    }

    /// <summary>A client with the host as its base address, once it listens; every answer is held against the API's document.</summary>
    public HttpClient Http { get; }

    /// <summary>Everything that it wrote, errors too.</summary>
    public string Output => string.Join('\n', _output);

    /// <summary>Starts a host and waits until it has said what it serves.</summary>
    public static async Task<HostProcess> StartAsync(Setup setup)
    {
        var host = Launch(setup);
        try
        {
            await Task.WhenAny(host._announced.Task, host._process.WaitForExitAsync()).WaitAsync(Patience);
            Assert.True(host._announced.Task.IsCompleted, host.Output);
            host.Http.BaseAddress = await host._address.Task;
            return host;
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts a host that ends by itself.</summary>
    public static async Task<(int ExitCode, string Output)> RunAsync(Setup setup)
    {
        await using var host = Launch(setup);
        return (await host.ExitAsync(), host.Output);
    }

    /// <summary>Waits for its end.</summary>
    public async Task<int> ExitAsync()
    {
        await _process.WaitForExitAsync().WaitAsync(Patience);
        return _process.ExitCode;
    }

    /// <summary>Asks it to stop, as an orchestrator does.</summary>
    public Task TerminateAsync() => SignalAsync("TERM");

    /// <summary>Stops it in its tracks (SIGSTOP): connections stay open, and nothing is done.</summary>
    public Task PauseAsync() => SignalAsync("STOP");

    /// <summary>Lets a paused one go on (SIGCONT).</summary>
    public Task ResumeAsync() => SignalAsync("CONT");

    /// <summary>Ends it at once (SIGKILL), paused or not.</summary>
    public async Task KillAsync()
    {
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await KillAsync();
        _process.Dispose();
    }

    private static HostProcess Launch(Setup setup)
    {
        var start = new ProcessStartInfo(
            "dotnet", ["exec", Path.Combine(setup.Binaries ?? AppContext.BaseDirectory, "RemixProxy.Host.dll"), .. setup.Arguments])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = setup.ContentRoot ?? Path.GetTempPath(),
        };
        foreach (var name in start.Environment.Keys.Where(name => name is not ("PATH" or "HOME" or "DOTNET_ROOT" or "TMPDIR")).ToArray())
            start.Environment.Remove(name);
        foreach (var (name, value) in setup.Environment) start.Environment[name] = value;
        if (setup.OnAnyPort) start.Environment["ASPNETCORE_URLS"] = "http://127.0.0.1:0";
        var host = new HostProcess(new Process { StartInfo = start });
        host._process.OutputDataReceived += (_, line) => host.Read(line.Data);
        host._process.ErrorDataReceived += (_, line) => host.Read(line.Data);
        host._process.Start();
        host._process.BeginOutputReadLine();
        host._process.BeginErrorReadLine();
        return host;
    }

    private async Task SignalAsync(string name)
    {
        using var kill = Process.Start("/bin/sh", ["-c", $"kill -{name} {_process.Id}"]);
        await kill.WaitForExitAsync();
        Assert.Equal(0, kill.ExitCode);
    }

    private void Read(string? line)
    {
        if (line is null) return;
        _output.Enqueue(line);
        var match = Address().Match(line);
        if (match.Success) _address.TrySetResult(new(match.Groups["base"].Value));
        // The last line of the announcement; in the log it is the one with the address.
        if ((match.Success && line[0] == '{') || line.StartsWith("Try: ", StringComparison.Ordinal)
            || line.Contains("No provider is enabled", StringComparison.Ordinal)) _announced.TrySetResult();
    }

    [GeneratedRegex("Videos API at (?<base>http://[^ ]+/)v1(;|$)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Address();

    /// <summary>How a host is started.</summary>
    internal sealed record Setup
    {
        public Dictionary<string, string> Environment { get; init; } = [];

        public string[] Arguments { get; init; } = [];

        /// <summary>Where its files are; by default beside this assembly.</summary>
        public string? Binaries { get; init; }

        /// <summary>Its working directory; by default one without configuration.</summary>
        public string? ContentRoot { get; init; }

        public bool OnAnyPort { get; init; } = true;
    }
}
