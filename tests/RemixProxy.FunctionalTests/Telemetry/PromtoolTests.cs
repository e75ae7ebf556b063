using RemixProxy.FunctionalTests.Kit;

namespace RemixProxy.FunctionalTests.Telemetry;

/// <summary>The checks that other tests rely on find faults where there are some, and only there.</summary>
public class PromtoolTests
{
    private const string Good = """
        # HELP boats_total Boats seen.
        # TYPE boats_total counter
        boats_total{colour="red"} 3

        """;

    private const string Rules = """
        groups:
          - name: boats
            rules:
              - alert: NoBoats
                expr: boats == 0
                for: 1m

        """;

    [Fact]
    public async Task Good_metrics_pass()
    {
        var run = await Promtool.CheckMetricsAsync(Good);
        Assert.Equal(new(0, "", ""), run);
    }

    [Fact]
    public async Task A_counter_without_total_is_found()
    {
        var run = await Promtool.CheckMetricsAsync(Good.Replace("boats_total", "boats", StringComparison.Ordinal));
        Assert.Equal(3, run.ExitCode);
        Assert.Contains("boats counter metrics should have \"_total\" suffix", run.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Metrics_that_cannot_be_read_are_found()
    {
        var run = await Promtool.CheckMetricsAsync(Good + "boats_total{colour=red} 3\n");
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("line 4", run.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rules_and_their_tests_are_run()
    {
        using var folder = new ConfigFolder();
        var (rules, tests) = (folder.Write("rules.yaml", Rules), folder.Write("tests.yaml", TestOf("1m")));
        var check = await Promtool.CheckRulesAsync(rules);
        Assert.True(check.ExitCode == 0, check.Errors);
        var test = await Promtool.TestRulesAsync(tests);
        Assert.True(test.ExitCode == 0, test.Output + test.Errors);

        folder.Write("tests.yaml", TestOf("30s"));
        test = await Promtool.TestRulesAsync(tests);
        Assert.Equal(1, test.ExitCode);
        Assert.Contains("NoBoats", test.Output + test.Errors, StringComparison.Ordinal);

        folder.Write("rules.yaml", Rules.Replace("==", "=!", StringComparison.Ordinal));
        Assert.NotEqual(0, (await Promtool.CheckRulesAsync(rules)).ExitCode);
    }

    [Fact]
    public async Task A_configuration_is_checked_with_the_rules_that_it_names()
    {
        using var folder = new ConfigFolder();
        folder.Write("rules.yaml", Rules);
        var file = folder.Write("prometheus.yaml", "rule_files: [rules.yaml]\n");
        var check = await Promtool.CheckConfigAsync(file);
        Assert.True(check.ExitCode == 0, check.Errors);

        folder.Write("rules.yaml", "groups: 1\n");
        Assert.NotEqual(0, (await Promtool.CheckConfigAsync(file)).ExitCode);
    }

    /// <summary>A test that the alert is there after a while of no boats.</summary>
    private static string TestOf(string duration) => $$"""
        rule_files: [rules.yaml]
        tests:
          - interval: 10s
            input_series:
              - series: boats
                values: 0x30
            alert_rule_test:
              - eval_time: {{duration}}
                alertname: NoBoats
                exp_alerts: [{}]

        """;
}
