using System.Text.Json;
using System.Text.RegularExpressions;
using RemixProxy.Adapters;
using RemixProxy.Cache;
using RemixProxy.Contract;
using RemixProxy.Exchanges;
using RemixProxy.FunctionalTests.Kit;
using RemixProxy.TestKit;

namespace RemixProxy.FunctionalTests.Telemetry;

/// <summary>The dashboard and the rules: every query is PromQL, names only what a running host shows, and a real Prometheus answers it.</summary>
public partial class QueryTests(WatchedHost watched) : IClassFixture<WatchedHost>
{
    private const string AlertSeries = "ALERTS";

    /// <summary>Prometheus's own label and the ones that it gives to what it scrapes.</summary>
    private static readonly string[] OfPrometheus = ["job", "instance"];

    /// <summary>The panels that the walk leaves empty: Redis and the embedder were there.</summary>
    private static readonly HashSet<string> Empty = ["Dependencies down"];

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private static string Rules => Path.Combine(Repository.Root, "config", "prometheus", "rules.yaml");

    [Fact]
    public async Task The_rules_are_well_formed_and_fire_when_they_should_and_only_then()
    {
        var check = await Promtool.CheckRulesAsync(Rules);
        Assert.True(check.ExitCode == 0, check.Output + check.Errors);
        var tests = Path.ChangeExtension(Rules, "test.yaml");
        var run = await Promtool.TestRulesAsync(tests);
        Assert.True(run.ExitCode == 0, run.Output + run.Errors);

        var text = await File.ReadAllTextAsync(tests);
        foreach (var alert in (await watched.Prometheus.RulesAsync()).Where(r => r.IsAlert))
        {
            Assert.Contains($"labels: {AlertSeries}{{alertname=\"{alert.Name}\"", text, StringComparison.Ordinal);
            Assert.Matches($"""expr: {AlertSeries}\{"{"}alertname="{alert.Name}".*\n *eval_time: .*\n *exp_samples: \[\]""", text);
        }
    }

    [Fact]
    public async Task A_server_loads_the_rules_and_the_first_unknown_submission_fires_and_nothing_else()
    {
        var rules = await watched.Prometheus.RulesAsync();
        Assert.Equal(RuleName().Count(await File.ReadAllTextAsync(Rules)), rules.Count);
        Assert.All(rules, r => Assert.Equal("", r.LastError));
        var firing = Assert.Single(await watched.Prometheus.QueryAsync($"{AlertSeries}{{alertstate=\"firing\"}}"));
        Assert.Equal(("RemixProxySubmissionUnknown", "create", "broken"), (firing.Labels["alertname"], firing.Labels["operation"], firing.Labels["provider"]));
    }

    [Fact]
    public async Task Every_alert_says_how_bad_it_is_what_it_means_and_where_to_read_on()
    {
        Assert.All((await watched.Prometheus.RulesAsync()).Where(r => r.IsAlert), rule =>
        {
            Assert.Matches("^RemixProxy[A-Z][A-Za-z0-9]+$", rule.Name);
            Assert.Contains(rule.Labels["severity"], (string[])["critical", "warning"]);
            Assert.NotEqual("", rule.Annotations["summary"]);
            Assert.NotEqual("", rule.Annotations["description"]);
            // A heading's anchor.
            Assert.Equal("docs/alerts.md#" + rule.Name.ToLowerInvariant(), rule.Annotations["runbook_url"]);
        });
    }

    [Fact]
    public async Task The_page_of_alerts_has_a_section_for_each_and_no_other()
    {
        var page = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "docs", "alerts.md"));
        var sections = page.Split("\n## ")[1..].ToDictionary(s => s[..s.IndexOf('\n', StringComparison.Ordinal)], StringComparer.Ordinal);
        var alerts = (await watched.Prometheus.RulesAsync()).Where(r => r.IsAlert).ToDictionary(r => r.Name, StringComparer.Ordinal);
        Assert.Equal(alerts.Keys.Order(StringComparer.Ordinal), sections.Keys.Order(StringComparer.Ordinal));
        foreach (var (name, section) in sections)
        {
            Assert.Equal(alerts[name].Labels["severity"], Severity().Match(section).Groups["severity"].Value, ignoreCase: true);
            Assert.Equal(["Meaning.", "Look at", "Do.", "Noise."], SectionPart().Matches(section).Select(m => m.Groups["part"].Value));
            Assert.Contains($"](#{name.ToLowerInvariant()})", page, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Rules_name_only_instruments_labels_and_words_that_exist()
    {
        var rules = await watched.Prometheus.RulesAsync();
        foreach (var rule in rules)
        {
            var query = new PromQuery(rule.Query);
            Assert.Empty(Faults(query, rules));
            // What an alert says is filled from its labels.
            foreach (var label in rule.Annotations.Values.SelectMany(a => LabelInText().Matches(a)).Select(m => m.Groups["label"].Value))
                Assert.Contains(label, LabelsOf(query, rules));
            // job_provider:what:how, by the convention.
            if (!rule.IsAlert) Assert.Equal(LabelsIn(rule.Name), query.Labels);
        }
    }

    [Fact]
    public async Task The_dashboard_names_only_instruments_labels_and_words_that_exist()
    {
        var rules = await watched.Prometheus.RulesAsync();
        foreach (var (title, text, legend) in Dashboard.Queries)
        {
            var query = new PromQuery(text);
            Assert.Empty(Faults(query, rules).Select(f => $"{title}: {f}"));
            foreach (var label in LabelInLegend().Matches(legend).Select(m => m.Groups["label"].Value).Where(l => l != "le"))
                Assert.Contains(label, LabelsOf(query, rules));
            // A variable that the test has not filled in.
            Assert.DoesNotContain("$", text, StringComparison.Ordinal);
        }

        var variables = Dashboard.Variables.Where(v => v["type"]!.GetValue<string>() == "query").Select(
            v => LabelValues().Match(Dashboard.Fill(v["query"]!["query"]!.GetValue<string>()))).ToList();
        Assert.Equal(3, variables.Count);
        foreach (var variable in variables)
        {
            Assert.True(variable.Success);
            var query = new PromQuery(variable.Groups["selector"].Value);
            Assert.Empty(Faults(query, rules));
            Assert.Contains(variable.Groups["label"].Value, LabelsOf(query, rules));
        }
    }

    [Fact]
    public void The_dashboard_shows_every_instrument_of_ours()
    {
        var shown = Dashboard.Queries.SelectMany(q => new PromQuery(q.Query).Selectors).Select(s => Family(s.Metric)).ToHashSet();
        Assert.Superset(watched.Series.Keys.Where(s => s.StartsWith("remixproxy_", StringComparison.Ordinal)).Select(Family).ToHashSet(), shown);
    }

    [Fact]
    public void Every_panel_has_a_description_a_unit_a_place_of_its_own_and_the_chosen_data_source()
    {
        Assert.Equal("remixproxy", Dashboard.Json["uid"]!.GetValue<string>());
        Assert.Equal(["datasource", "job", "instance", "provider"], Dashboard.Variables.Select(v => v["name"]!.GetValue<string>()));
        Assert.Distinct(Dashboard.Panels.Select(p => p["id"]!.GetValue<int>()));
        var taken = new HashSet<(int, int)>();
        foreach (var panel in Dashboard.Panels)
        {
            var (x, y, w, h) = (Place("x"), Place("y"), Place("w"), Place("h"));
            Assert.InRange(x + w, 1, 24);
            for (var i = 0; i < w * h; i++) Assert.True(taken.Add((x + (i % w), y + (i / w))), panel["title"]!.GetValue<string>());
            if (panel["type"]!.GetValue<string>() == "row") continue;

            Assert.NotEqual("", panel["description"]!.GetValue<string>());
            if (panel["type"]!.GetValue<string>() is "timeseries" or "stat")
                Assert.NotEqual("", panel["fieldConfig"]!["defaults"]!["unit"]!.GetValue<string>());
            Assert.All(panel["targets"]!.AsArray().Append(panel), t => Assert.Equal("${datasource}", t!["datasource"]!["uid"]!.GetValue<string>()));

            int Place(string name) => panel["gridPos"]![name]!.GetValue<int>();
        }
    }

    [Fact]
    public async Task The_dashboard_is_well_formed_and_each_panel_shows_what_the_walk_did()
    {
        using var folder = new ConfigFolder();
        var rules = Dashboard.Queries.Select((q, i) => new { record = $"q{i}", expr = q.Query });
        // JSON is YAML too.
        var check = await Promtool.CheckRulesAsync(
            folder.Write("dashboard.json", JsonSerializer.Serialize(new { groups = new[] { new { name = "dashboard", rules } } })));
        Assert.True(check.ExitCode == 0, check.Output + check.Errors);

        var empty = new HashSet<string>();
        foreach (var (title, query, _) in Dashboard.Queries)
        {
            if ((await watched.Prometheus.QueryAsync(query)).Count == 0) empty.Add(title);
        }

        Assert.Equal(Empty, empty);
        Assert.Equal(1, await AskAsync("Instances up"));
        Assert.Equal(1, await AskAsync("Unknown submits"));
    }

    /// <summary>Compares each figure with what the walk did.</summary>
    [Fact]
    public async Task Each_instrument_answers_what_the_walk_did()
    {
        foreach (var (query, expected) in new (string, double)[]
        {
            ("sum(remixproxy_request_duration_seconds_count{operation=\"create\"})", 10),
            ("remixproxy_request_duration_seconds_count{operation=\"create\", provider=\"luma\", status_code=\"200\"}", 5),
            ("remixproxy_request_duration_seconds_count{operation=\"create\", provider=\"luma\", status_code=\"400\"}", 1),
            ("remixproxy_request_duration_seconds_count{operation=\"create\", provider=\"broken\", status_code=\"424\"}", 1),
            ("remixproxy_request_duration_seconds_count{operation=\"create\", provider=\"away\", status_code=\"503\"}", 1),
            ("remixproxy_request_duration_seconds_count{operation=\"retrieve\", provider=\"none\", status_code=\"400\"}", 1),
            ("sum by (operation) (remixproxy_request_duration_seconds_count{operation=~\"list|models|content|delete|remix\"}) == 1", 1),
            ("remixproxy_request_duration_seconds_bucket{operation=\"list\", le=\"+Inf\"}", 1),
            ("remixproxy_submissions_total{operation=\"create\", provider=\"luma\", outcome=\"accepted\"}", 3),
            ("remixproxy_submissions_total{operation=\"create\", provider=\"luma\", outcome=\"refused\"}", 1),
            ("remixproxy_submissions_total{operation=\"create\", provider=\"broken\", outcome=\"unknown\"}", 1),
            ("remixproxy_submissions_total{operation=\"create\", provider=\"away\", outcome=\"refused\"}", 1),
            ("remixproxy_submissions_total{operation=\"remix\", provider=\"luma\", outcome=\"accepted\"}", 1),
            // Hits may have polled.
            ("remixproxy_upstream_duration_seconds_count{operation=\"create\", provider=\"luma\", outcome=\"ok\"} >= bool 3", 1),
            ("remixproxy_upstream_duration_seconds_count{operation=\"create\", provider=\"luma\", outcome=\"refused\"}", 1),
            ("remixproxy_upstream_duration_seconds_count{operation=\"create\", provider=\"broken\", outcome=\"refused\"}", 1),
            ("remixproxy_upstream_duration_seconds_count{operation=\"create\", provider=\"away\", outcome=\"unreachable\"}", 1),
            ("remixproxy_cache_lookups_total{operation=\"create\", result=\"hit\", tier=\"direct\"}", 1),
            ("remixproxy_cache_lookups_total{operation=\"create\", result=\"hit\", tier=\"semantic\"}", 1),
            ("remixproxy_cache_lookups_total{operation=\"create\", result=\"miss\", tier=\"none\"}", 2),
            ("sum(remixproxy_cache_lookups_total{result=\"bypass\", tier=\"none\"})", 7),
            ("remixproxy_limits_refused_total{limit=\"submits\"}", 1),
            ("sum(remixproxy_cache_lookup_duration_seconds_count)", 4),
            ("remixproxy_cache_similarity_count{result=\"hit\"}", 1),
            ("remixproxy_cache_similarity_sum{result=\"miss\"}", 1),
            ("remixproxy_cache_saved_seconds_total{provider=\"luma\"}", 10),
            ("remixproxy_jobs_total{provider=\"luma\", status=\"completed\"}", 2),
            ("remixproxy_jobs_total{provider=\"luma\", status=\"failed\"}", 1),
            ("remixproxy_job_duration_seconds_count{provider=\"luma\"}", 2),
            ("remixproxy_content_sent_bytes_total{provider=\"luma\"}", watched.ContentBytes),
            ("remixproxy_dependency_up{dependency=\"redis\"}", 1),
            ("remixproxy_dependency_up{dependency=\"embedder\"}", 1),
            // .NET's, ASP.NET Core's and HttpClient's.
            ("count(dotnet_process_memory_working_set_bytes)", 1),
            ("sum(http_server_request_duration_seconds_count{http_route=\"/v1/models\"})", 1),
            ("count(kestrel_active_connections)", 1),
            ("sum(http_client_request_duration_seconds_count{http_request_method=\"GET\"}) >= bool 1", 1),
        })
        {
            var answer = await watched.Prometheus.QueryAsync(query);
            Assert.True(answer.Count > 0 && answer.All(a => Math.Abs(a.Value - expected) < 1e-9),
                $"{query}: {expected} was expected, this came: {string.Join(", ", answer.Select(a => a.Value))}");
        }
    }

    [Fact]
    public async Task The_scrape_is_well_formed_and_its_targets_are_up()
    {
        var check = await Promtool.CheckMetricsAsync(await watched.Host.Http.GetStringAsync("metrics"));
        Assert.DoesNotContain("remixproxy_", check.Output + check.Errors, StringComparison.Ordinal);
        Assert.True(check.ExitCode == 0, check.Output + check.Errors);
        Assert.True(Assert.Single(await watched.Prometheus.TargetsAsync()) is { IsUp: true, LastError: "" });
    }

    [Theory]
    [InlineData("sum(rate(remixproxy_lost_total[5m]))", "remixproxy_lost_total")]
    [InlineData("remixproxy_jobs_total{operation=\"create\"}", "operation")]
    [InlineData("sum by (job, operation) (rate(remixproxy_jobs_total[5m]))", "operation")]
    [InlineData("remixproxy_jobs_total / on (status, nonsense) remixproxy_jobs_total", "nonsense")]
    [InlineData("remixproxy_submissions_total{outcome=\"lost\"}", "lost")]
    [InlineData("remixproxy_submissions_total{outcome=~\"accepted|lost\"}", "lost")]
    [InlineData("remixproxy_request_duration_seconds_count{status_code=~\"abc\"}", "abc")]
    [InlineData("job:nothing:rate5m > 0 and up", "job:nothing:rate5m")]
    [InlineData("sum by (job, operation, provider, le) (remixproxy_upstream_duration_seconds_count)", "le")]
    public void What_does_not_exist_is_found(string query, string missing) =>
        Assert.Contains(missing, Assert.Single(Faults(new(query), [])), StringComparison.Ordinal);

    private static string Family(string series) => Part().Replace(series, "");

    private static string[] LabelsIn(string recorded) => recorded[..recorded.IndexOf(':', StringComparison.Ordinal)].Split('_');

    private async Task<double> AskAsync(string title) =>
        Assert.Single(await watched.Prometheus.QueryAsync(Dashboard.Queries.Single(q => q.Title == title).Query)).Value;

    /// <summary>The labels of a query's answer.</summary>
    private string[] LabelsOf(PromQuery query, IReadOnlyList<PrometheusRule> rules) => query.Labels ?? LabelsOf(query.Selectors[0].Metric, rules)!;

    /// <summary>The labels of a metric; null where there is none of that name.</summary>
    private string[]? LabelsOf(string metric, IReadOnlyList<PrometheusRule> rules) =>
        metric == "up" ? OfPrometheus
        // The labels of all alerts.
        : metric == AlertSeries
        ? ["alertname", "alertstate", "severity", .. rules.Where(r => r.IsAlert).SelectMany(r => LabelsOf(new PromQuery(r.Query), rules))]
        : metric.Contains(':', StringComparison.Ordinal) ? rules.Any(r => !r.IsAlert && r.Name == metric) ? LabelsIn(metric) : null
        : watched.Series.TryGetValue(metric, out var labels) ? [.. labels.Keys, .. OfPrometheus]
        : null;

    /// <summary>The names in a query that don't exist.</summary>
    private List<string> Faults(PromQuery query, IReadOnlyList<PrometheusRule> rules)
    {
        var faults = new List<string>();
        foreach (var (metric, matchers) in query.Selectors)
        {
            if (LabelsOf(metric, rules) is not { } labels)
            {
                faults.Add($"There is no {metric}.");
                continue;
            }

            foreach (var (label, comparison, value) in matchers)
            {
                if (!labels.Contains(label)) faults.Add($"{metric} has no {label}.");
                else if (Words(metric, label) is { } words) faults.AddRange(
                    Unknown(value, comparison, words).Select(w => $"{label} of {metric} is never {w}."));
            }
        }

        // A matching concerns everything around it; what is there for it is left to Prometheus.
        foreach (var (labels, selectors) in query.Groupings)
        {
            var of = selectors.Length > 0 ? selectors : [.. query.Selectors];
            faults.AddRange(labels.Where(l => of.Any(s => LabelsOf(s.Metric, rules)?.Contains(l) == false)).Select(l => $"There is no {l} to group by."));
        }

        return faults;
    }

    /// <summary>The alternatives of a matcher that are none of the words; a pattern has to fit one at least.</summary>
    private static IEnumerable<string> Unknown(string value, string comparison, HashSet<string> words) =>
        (comparison is "=~" or "!~" ? value.Split('|') : [Regex.Escape(value)]).Where(
            pattern => !words.Any(word => Regex.IsMatch(word, $"^(?:{pattern})$", RegexOptions.None, Patience)));

    /// <summary>All values of a label; null where they are not words of ours.</summary>
    private HashSet<string>? Words(string metric, string label) => (Family(metric), label) switch
    {
        (_, "operation") => [.. Enum.GetValues<VideoOperation>().Select(o => o.Name())],
        (_, "status_code") => [.. Enumerable.Range(100, 500).Select(s => $"{s}")],
        ("remixproxy_upstream_duration_seconds", "outcome") => [.. Exchanges().Select(e => e.Label)],
        ("remixproxy_cache_lookups_total" or "remixproxy_cache_similarity", "result") =>
            [CacheOutcome.Results.Hit, CacheOutcome.Results.Miss, CacheOutcome.Results.Bypass, CacheOutcome.Results.Error],
        (_, "alertname" or "provider" or "job" or "instance" or "le") => null,
        // The walk has seen all of them.
        _ => watched.Series.TryGetValue(metric, out var labels) ? labels[label] : null,
    };

    private static IEnumerable<ExchangeResult> Exchanges() =>
    [
        .. Enum.GetValues<Interruption>().Select(cause => new ExchangeResult.NoAnswer(cause, Sent: false, Failure: null)),
        new ExchangeResult.Streamed(Cause: null),
        .. new[] { 400, 401, 429 }.Select(status => new ExchangeResult.Answered(new(status, new Dictionary<string, string>(), default))
        {
            Refusal = new(status, new(ProviderErrorKind.ByStatus, null), Forwarded: true),
        }),
    ];

    [GeneratedRegex("_(bucket|sum|count)$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Part();

    [GeneratedRegex("^ *- (alert|record): ", RegexOptions.ExplicitCapture | RegexOptions.Multiline, 1000)]
    private static partial Regex RuleName();

    [GeneratedRegex(@"^\*\*(?<part>[^*]+)\*\*", RegexOptions.ExplicitCapture | RegexOptions.Multiline, 1000)]
    private static partial Regex SectionPart();

    [GeneratedRegex(@"^\*(?<severity>[A-Za-z]+)\.\* ", RegexOptions.ExplicitCapture | RegexOptions.Multiline, 1000)]
    private static partial Regex Severity();

    [GeneratedRegex(@"\$labels\.(?<label>[a-z_]+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex LabelInText();

    [GeneratedRegex(@"\{\{(?<label>[^}]*)\}\}", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex LabelInLegend();

    [GeneratedRegex(@"^label_values\((?<selector>.+), (?<label>[a-z_]+)\)$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex LabelValues();
}
