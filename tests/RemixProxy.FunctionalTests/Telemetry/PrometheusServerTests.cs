using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using RemixProxy.FunctionalTests.Kit;

namespace RemixProxy.FunctionalTests.Telemetry;

/// <summary>The server that other tests rely on scrapes, answers and says what is wrong.</summary>
public class PrometheusServerTests
{
    private const string Good = """
        # TYPE boats_total counter
        boats_total{colour="red"} 3
        boats_total{colour="blue"} 4.5
        # TYPE wind gauge
        wind +Inf

        """;

    private const string Rules = """
        groups:
          - name: boats
            rules:
              - record: boats:sum
                expr: sum(boats_total)

        """;

    /// <summary>Everything in one test, because Prometheus scrapes no target in its first 5 seconds.</summary>
    [Fact]
    public async Task Targets_are_scraped_and_rules_evaluated_and_both_asked_for_by_PromQL()
    {
        var text = Good;
        using var folder = new ConfigFolder();
        await using var good = await ServeAsync(() => text);
        await using var bad = await ServeAsync(() => "boats_total{colour=red} 3\n");
        await using var prometheus = await PrometheusServer.StartAsync([AddressOf(good), AddressOf(bad)], folder.Write("rules.yaml", Rules));
        await prometheus.ScrapeAsync();

        var boat = Assert.Single(await prometheus.QueryAsync("boats_total > 4"));
        Assert.Equal(("boats_total", "blue", 4.5), (boat.Labels["__name__"], boat.Labels["colour"], boat.Value));
        Assert.Equal(double.PositiveInfinity, Assert.Single(await prometheus.QueryAsync("wind")).Value);
        Assert.Equal(2, Assert.Single(await prometheus.QueryAsync("1 + 1")).Value);
        Assert.Empty(await prometheus.QueryAsync("canals"));

        var targets = await prometheus.TargetsAsync();
        Assert.Equal(2, targets.Count);
        Assert.Contains(new(new(AddressOf(good), "/metrics"), true, ""), targets);
        var down = Assert.Single(targets, t => !t.IsUp);
        Assert.Equal(AddressOf(bad).Port, down.Address.Port);
        Assert.NotEqual("", down.LastError);

        // A new value is there after the next scrape, and in the results of the rules.
        text = Good.Replace("4.5", "5", StringComparison.Ordinal);
        await prometheus.ScrapeAsync();
        Assert.Equal(8, Assert.Single(await prometheus.QueryAsync("sum(boats_total)")).Value);
        await prometheus.EvaluateAsync();
        Assert.Equal(8, Assert.Single(await prometheus.QueryAsync("boats:sum")).Value);
    }

    [Fact]
    public async Task What_Prometheus_refuses_is_said()
    {
        using var folder = new ConfigFolder();
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => PrometheusServer.StartAsync([], folder.Write("rules.yaml", "groups: 1\n")));
        Assert.Contains("rules.yaml", error.Message, StringComparison.Ordinal);

        await using var prometheus = await PrometheusServer.StartAsync([]);
        error = await Assert.ThrowsAsync<InvalidOperationException>(() => prometheus.QueryAsync("boats{"));
        Assert.Contains("parse error", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_disposed_server_leaves_nothing()
    {
        var prometheus = await PrometheusServer.StartAsync([]);
        Assert.True(Directory.Exists(prometheus.Folder));
        using (Process.GetProcessById(prometheus.ProcessId)) { }

        await prometheus.DisposeAsync();

        Assert.Throws<ArgumentException>(() => Process.GetProcessById(prometheus.ProcessId));
        Assert.False(Directory.Exists(prometheus.Folder));
    }

    private static Uri AddressOf(WebApplication app) => new(app.Urls.First());

    private static async Task<WebApplication> ServeAsync(Func<string> metrics)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(k => k.Listen(System.Net.IPAddress.Loopback, 0));
        var app = builder.Build();
        app.Run(context =>
        {
            context.Response.ContentType = "text/plain; version=0.0.4";
            return context.Response.WriteAsync(metrics(), context.RequestAborted);
        });
        await app.StartAsync();
        return app;
    }
}
