using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using RemixProxy.TestKit.Processes;

namespace RemixProxy.FunctionalTests.Telemetry;

/// <summary>
/// A real Prometheus in a process of its own on a loopback port, empty, that asks the <c>/metrics</c> of its targets twice a second and evaluates its rules as
/// often.
/// It ends with the process that started it, however that ends.
/// </summary>
internal sealed partial class PrometheusServer : IAsyncDisposable
{
    private const string Interval = "500ms";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly GuardedProcess _process;
    private readonly TaskCompletionSource<Uri> _address = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly HttpClient _http = new();
    private readonly int _targets;

    private PrometheusServer(string[] program, string folder, int targets)
    {
        Folder = folder;
        _targets = targets;
        _process = new(
            [
                .. program, $"--config.file={Path.Combine(folder, "prometheus.json")}", $"--storage.tsdb.path={Path.Combine(folder, "data")}",
                // The address that it got is in its log.
                "--web.listen-address=127.0.0.1:0",
            ],
            line =>
            {
                if (Listening().Match(line) is { Success: true } match) _address.TrySetResult(new("http://" + match.Groups["address"].Value));
            });
    }

    /// <summary>Where its configuration and data are.</summary>
    public string Folder { get; }

    public int ProcessId => _process.Id;

    /// <summary>Everything that it logged.</summary>
    public string Output => _process.Output;

    /// <summary>Starts one and waits until it answers.</summary>
    /// <param name="targets">The servers that it asks.</param>
    /// <param name="rules">A file of rules.</param>
    /// <exception cref="InvalidOperationException">It does not start, such as with rules that it can't read.</exception>
    public static async Task<PrometheusServer> StartAsync(IReadOnlyCollection<Uri> targets, string? rules = null)
    {
        var program = await TestProgram.FindAsync("prometheus");
        var folder = Directory.CreateTempSubdirectory("remixproxy-prometheus-").FullName;
        // JSON is YAML too.
        await File.WriteAllTextAsync(Path.Combine(folder, "prometheus.json"), JsonSerializer.Serialize(new
        {
            global = new { scrape_interval = Interval, evaluation_interval = Interval },
            rule_files = rules is null ? Array.Empty<string>() : [Path.GetFullPath(rules)],
            scrape_configs = new[] { new { job_name = "remixproxy", static_configs = new[] { new { targets = targets.Select(t => t.Authority) } } } },
        }));
        var server = new PrometheusServer(program, folder, targets.Count);
        try
        {
            await server.GetReadyAsync();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// Waits until each target has been asked once more from now on, successfully or not, and what it answered can be queried. Prometheus asks nobody in its
    /// first 5 seconds.
    /// </summary>
    /// <exception cref="TimeoutException">That took too long.</exception>
    public async Task ScrapeAsync()
    {
        // Prometheus moves a scrape's time by up to 2 ms, so that intervals are even.
        var from = (DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() + 3) / 1000.0;
        await UntilAsync(
            async () => (await QueryAsync(string.Create(CultureInfo.InvariantCulture, $"timestamp(up) >= {from}"))).Count >= _targets, "No scrape");
    }

    /// <summary>Waits for scrapes as <see cref="ScrapeAsync"/> does, and until each group of rules has been evaluated after them.</summary>
    /// <exception cref="TimeoutException">That took too long.</exception>
    public async Task EvaluateAsync()
    {
        await ScrapeAsync();
        var from = DateTimeOffset.UtcNow;
        await UntilAsync(async () => (await AskAsync("rules")).GetProperty("groups").EnumerateArray().All(
            g => g.GetProperty("lastEvaluation").GetDateTimeOffset() >= from), "No evaluation");
    }

    /// <summary>Answers a query as of now; a scalar is a record without labels.</summary>
    /// <exception cref="InvalidOperationException">Prometheus refused it.</exception>
    public async Task<IReadOnlyList<PrometheusValue>> QueryAsync(string query)
    {
        var data = await AskAsync("query?query=" + Uri.EscapeDataString(query));
        var result = data.GetProperty("result");
        return data.GetProperty("resultType").GetString() switch
        {
            "scalar" => [new(new Dictionary<string, string>(), ToNumber(result))],
            "vector" =>
                [.. result.EnumerateArray().Select(
                r => new PrometheusValue(r.GetProperty("metric").Deserialize<Dictionary<string, string>>()!, ToNumber(r.GetProperty("value"))))],
            var type => throw new NotSupportedException($"{query} is a {type}."),
        };
    }

    /// <summary>What became of the last scrape of each target.</summary>
    public async Task<IReadOnlyList<PrometheusTarget>> TargetsAsync() =>
    [
        .. (await AskAsync("targets?state=active")).GetProperty("activeTargets").EnumerateArray()
            .Select(t => new PrometheusTarget(
            new(t.GetProperty("scrapeUrl").GetString()!), t.GetProperty("health").GetString() == "up", t.GetProperty("lastError").GetString()!)),
    ];

    /// <summary>Its rules, in their order.</summary>
    public async Task<IReadOnlyList<PrometheusRule>> RulesAsync() =>
    [
        .. from part in (await AskAsync("rules")).GetProperty("groups").EnumerateArray()
           from rule in part.GetProperty("rules").EnumerateArray()
           select new PrometheusRule(
               rule.GetProperty("name").GetString()!, rule.GetProperty("query").GetString()!, rule.GetProperty("type").GetString() == "alerting",
               TextsOf(rule, "labels"), TextsOf(rule, "annotations"), rule.TryGetProperty("lastError", out var error) ? error.GetString()! : ""),
    ];

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        try
        {
            await _process.DisposeAsync();
        }
        finally
        {
            if (Directory.Exists(Folder)) Directory.Delete(Folder, recursive: true);
        }
    }

    /// <summary>A time and a number as text, which may be NaN or infinite.</summary>
    private static double ToNumber(JsonElement pair) => pair[1].GetString() switch
    {
        "+Inf" => double.PositiveInfinity,
        "-Inf" => double.NegativeInfinity,
        var text => double.Parse(text!, CultureInfo.InvariantCulture),
    };

    private static Dictionary<string, string> TextsOf(JsonElement rule, string name) =>
        rule.TryGetProperty(name, out var texts) ? texts.Deserialize<Dictionary<string, string>>()! : [];

    private async Task GetReadyAsync()
    {
        if (!await _process.IsDoneAsync(_address.Task)) throw new InvalidOperationException($"Prometheus did not start: {Output}");
        _http.BaseAddress = await _address.Task;
        await UntilAsync(async () =>
        {
            try
            {
                using var answer = await _http.GetAsync(new Uri("/-/ready", UriKind.Relative));
                return answer.IsSuccessStatusCode;
            }
            catch (HttpRequestException error)
            {
                // It listens before it has read its rules.
                throw new InvalidOperationException($"Prometheus did not start: {Output}", error);
            }
        }, "Not ready");
    }

    private async Task<JsonElement> AskAsync(string question)
    {
        var answer = JsonElement.Parse(await (await _http.GetAsync(new Uri("/api/v1/" + question, UriKind.Relative))).Content.ReadAsStringAsync());
        return answer.GetProperty("status").GetString() == "success"
            ? answer.GetProperty("data")
            : throw new InvalidOperationException(answer.GetProperty("error").GetString());
    }

    private async Task UntilAsync(Func<Task<bool>> isSo, string otherwise)
    {
        using var patience = new CancellationTokenSource(Patience);
        using var pulse = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        try
        {
            while (!await isSo()) await pulse.WaitForNextTickAsync(patience.Token);
        }
        catch (OperationCanceledException late)
        {
            throw new TimeoutException($"{otherwise} within {Patience}. Prometheus said: {Output}", late);
        }
    }

    [GeneratedRegex("""msg="Listening on".* address=(?<address>127\.0\.0\.1:[0-9]+)""", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Listening();
}
