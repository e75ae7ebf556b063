using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using RemixProxy.Benchmarks.Load;
using RemixProxy.TestKit.Processes;

namespace RemixProxy.Benchmarks.Compare;

/// <summary>As many requests as are answered, sent by <c>wrk</c>: one process for each address.</summary>
internal sealed partial class WrkLoad(string[] program, Traffic traffic, IReadOnlyList<Uri> addresses)
{
    /// <summary>More than one slice ever needs.</summary>
    private const long NumbersPerRun = 10_000_000;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public async Task<Figure> RunAsync(TimeSpan time)
    {
        var runs = await Task.WhenAll(addresses.Select(a => RunAsync(a, time)));
        return new(double.NaN, double.NaN, runs.Sum(r => r.PerSecond), runs.Sum(r => r.Count), runs.Sum(r => r.Wrong), runs[0].Sample)
        {
            BytesPerSecond = runs.Sum(r => r.BytesPerSecond),
        };
    }

    private async Task<Figure> RunAsync(Uri address, TimeSpan time)
    {
        var script = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(script, Script(address));
            // It knows whole seconds only.
            var seconds = Math.Max(1, (int)Math.Round(time.TotalSeconds));
            string[] arguments = ["-t1", $"-c{traffic.Connections / addresses.Count}", $"-d{seconds}s", "--timeout", "30s", "-s", script, address.AbsoluteUri];
            var run = await ProgramRun.OfAsync(new(program[0], [.. program[1..], .. arguments]), "", Patience);
            if (run.ExitCode != 0) throw new InvalidOperationException($"wrk said: {run.Errors}{run.Output}");
            var figures = Result().Match(run.Output).Groups;
            long Of(string name) => long.Parse(figures[name].Value, CultureInfo.InvariantCulture);
            var wrong = (int)(Of("status") + Of("errors"));
            return new(double.NaN, double.NaN, Of("requests") * 1e6 / Of("time"), (int)Of("requests"), wrong, wrong > 0 ? run.Output : null)
            {
                BytesPerSecond = Of("bytes") * 1e6 / Of("time"),
            };
        }
        finally
        {
            File.Delete(script);
        }
    }

    private string Script(Uri address)
    {
        var requests = traffic.Render(address);
        var script = new StringBuilder("local requests = {\n");
        foreach (var request in requests)
        {
            var parts = Encoding.UTF8.GetString(request).Split(Traffic.Number);
            script.Append(CultureInfo.InvariantCulture, $"{{{string.Join(',', parts.Select(Text))}}},\n");
        }

        return script.Append(CultureInfo.InvariantCulture, $$"""
            }
            local at, number = 0, {{SocketLoad.TakeNumbers(NumbersPerRun)}}
            request = function()
              at = at % {{requests.Length}} + 1
              local parts = requests[at]
              if not parts[2] then return parts[1] end
              number = number + 1
              return parts[1] .. string.format("%0{{Traffic.Number.Length}}d", number) .. parts[2]
            end
            done = function(summary)
              local e = summary.errors
              local others = e.connect + e.read + e.write + e.timeout
              io.write(string.format("RESULT %d %d %d %d %d\n", summary.requests, summary.duration, summary.bytes, e.status, others))
            end
            """).ToString();
    }

    private static string Text(string text)
    {
        var quoted = new StringBuilder("\"");
        foreach (var b in Encoding.UTF8.GetBytes(text))
        {
            if (char.IsAsciiLetterOrDigit((char)b) || b == ' ') quoted.Append((char)b);
            else quoted.Append(CultureInfo.InvariantCulture, $"\\{b:D3}");
        }

        return quoted.Append('"').ToString();
    }

    [GeneratedRegex(@"RESULT (?<requests>\d+) (?<time>\d+) (?<bytes>\d+) (?<status>\d+) (?<errors>\d+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Result();
}
