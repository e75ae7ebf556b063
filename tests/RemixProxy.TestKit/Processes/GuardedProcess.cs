using System.Collections.Concurrent;
using System.Diagnostics;

namespace RemixProxy.TestKit.Processes;

/// <summary>A server's process. It ends with the process that started it, however that ends; disposing it ends it at once (SIGKILL), paused or not.</summary>
internal sealed class GuardedProcess : IAsyncDisposable
{
    /// <summary>
    /// Stands between us and the server: our end of its standard input is closed by the system even when we crash, and then it kills. (<c>setpriv
    /// --pdeathsig</c> watches the thread that started a process, and threads of the pool end.)
    /// </summary>
    private const string Guard = """
        exec 3<&0 < /dev/null 2>&1
        ( echo "$BASHPID"; exec "$@" 3<&- ) & server=$!
        { read -r _ <&3; kill -KILL "$server"; } > /dev/null 2>&1 & guard=$!
        wait "$server"; status=$?
        kill "$guard"
        exit "$status"
        """;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Process _guard;
    private readonly Action<string> _onLine;
    private readonly ConcurrentQueue<string> _output = new();
    private bool _isEnded;

    /// <summary>Starts it.</summary>
    /// <param name="command">The program and its arguments.</param>
    /// <param name="onLine">Gets each line that the process writes.</param>
    public GuardedProcess(string[] command, Action<string> onLine)
    {
        _onLine = onLine;
        _guard = new()
        {
            StartInfo = new("bash", ["-c", Guard, "bash", .. command])
            {
                UseShellExecute = false,
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
            },
        };
        _guard.OutputDataReceived += (_, line) => Read(line.Data);
        _guard.Start();
        _guard.BeginOutputReadLine();
    }

    /// <summary>The server's own, not the guard's; known before its first line.</summary>
    public int Id { get; private set; }

    /// <summary>Everything that it wrote.</summary>
    public string Output => string.Join('\n', _output);

    /// <summary>Waits for what it is to do first, or its end.</summary>
    /// <returns>Whether it was done.</returns>
    public async Task<bool> IsDoneAsync(Task task)
    {
        await Task.WhenAny(task, _guard.WaitForExitAsync()).WaitAsync(Patience);
        return task.IsCompleted;
    }

    /// <param name="name">Such as <c>STOP</c>.</param>
    public void Signal(string name)
    {
        if (_isEnded) throw new InvalidOperationException("The server does not run.");
        using var kill = Process.Start("/bin/sh", ["-c", $"kill -{name} {Id}"]);
        kill.WaitForExit();
        if (kill.ExitCode != 0) throw new InvalidOperationException($"SIG{name} could not be sent. The server said: {Output}");
    }

    public async ValueTask DisposeAsync()
    {
        if (_isEnded) return;
        _isEnded = true;
        try
        {
            _guard.StandardInput.Close();
            await _guard.WaitForExitAsync().WaitAsync(Patience);
        }
        finally
        {
            _guard.Dispose();
        }
    }

    private void Read(string? line)
    {
        if (line is null) return;
        // The guard's only line comes first.
        if (Id == 0)
        {
            Id = int.Parse(line);
            return;
        }

        _output.Enqueue(line);
        _onLine(line);
    }
}
