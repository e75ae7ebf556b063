using System.Diagnostics;

namespace RemixProxy.TestKit.Processes;

/// <summary>What a program answered that has run to its end.</summary>
internal sealed record ProgramRun(int ExitCode, string Output, string Errors)
{
    /// <exception cref="TimeoutException">It did not end; it was killed.</exception>
    public static async Task<ProgramRun> OfAsync(ProcessStartInfo start, string input, TimeSpan patience)
    {
        start.UseShellExecute = false;
        start.RedirectStandardInput = start.RedirectStandardOutput = start.RedirectStandardError = true;
        using var process = Process.Start(start)!;
        using var late = new CancellationTokenSource(patience);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(late.Token);
            var errors = process.StandardError.ReadToEndAsync(late.Token);
            await WriteAsync(process, input, late.Token);
            await process.WaitForExitAsync(late.Token);
            return new(process.ExitCode, await output, await errors);
        }
        catch (OperationCanceledException cancelled) when (late.IsCancellationRequested)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{start.FileName} {string.Join(' ', start.ArgumentList)} did not end within {patience}.", cancelled);
        }
    }

    private static async Task WriteAsync(Process process, string input, CancellationToken cancellationToken)
    {
        try
        {
            await process.StandardInput.WriteAsync(input.AsMemory(), cancellationToken);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended without reading all of it; its answer says why.
        }
    }
}
