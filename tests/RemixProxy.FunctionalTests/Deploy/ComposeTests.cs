using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using RemixProxy.FunctionalTests.Kit;
using RemixProxy.Pipeline;
using RemixProxy.Providers;
using RemixProxy.TestKit;

namespace RemixProxy.FunctionalTests.Deploy;

/// <summary><c>deploy/compose.yaml</c> and what it mounts, as far as they can be judged without an engine.</summary>
public partial class ComposeTests
{
    private static readonly string Folder = Path.Combine(Repository.Root, "deploy");

    [Fact]
    public async Task Host_starts_with_the_environment_of_the_service_and_is_ready_with_the_semantic_cache()
    {
        var proxy = await ServiceAsync("proxy");
        var environment = ContainerImage.Read().Environment;
        foreach (var (name, value) in proxy.At("environment").AsObject())
            environment[name] = value is null ? "key-0f9e8d" : Variable().Replace(value.ToString(), m => m.Groups["default"].Value);
        await using var host = await HostProcess.StartAsync(new() { Environment = environment });

        using var ready = await host.Http.GetAsync("healthz/ready");
        Assert.Equal(HttpStatusCode.OK, ready.StatusCode);
        Assert.Contains("answers equal and similar requests", host.Output, StringComparison.Ordinal);
        Assert.Contains("in Redis, shared by all replicas", host.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("SANDBOX", host.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Key_of_every_provider_with_an_address_of_its_own_is_handed_on_and_none_is_written_down()
    {
        var environment = (await ServiceAsync("proxy")).At("environment").AsObject();
        var keys = BuiltInAdapters.All.Select(p => p.Profile).Where(p => p.BaseUrl is not null).SelectMany(
            p => p.KeyVariables.Concat(p.KeyParts));
        Assert.Equal(keys.Order(StringComparer.Ordinal), environment.Where(e => e.Value is null).Select(e => e.Key).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Every_service_is_confined_and_published_to_this_machine_only()
    {
        Assert.All((await ReadAsync()).At("services").AsObject(), service =>
        {
            var it = service.Value!;
            Assert.True(it.At("read_only").GetValue<bool>(), service.Key);
            Assert.Equal("ALL", Assert.Single(it.Items("cap_drop")).ToString());
            Assert.Equal("no-new-privileges:true", Assert.Single(it.Items("security_opt")).ToString());
            Assert.All(it.Items("ports"), port => Assert.StartsWith("127.0.0.1:", port.ToString(), StringComparison.Ordinal));
        });
        Assert.EndsWith(":" + ContainerImage.Read().Port, Assert.Single((await ServiceAsync("proxy")).Items("ports")).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stop_waits_until_the_proxy_has_drained()
    {
        var grace = (await ServiceAsync("proxy")).Text("stop_grace_period");
        Assert.True(
            TimeSpan.FromSeconds(int.Parse(grace.TrimEnd('s'))) >= new RemixProxyOptions().DrainTimeout + Drain.CloseTimeout + TimeSpan.FromSeconds(5), grace);
    }

    [Fact]
    public async Task Redis_evicts_nothing_and_keeps_what_it_was_told()
    {
        var redis = await ServiceAsync("redis");
        var command = string.Join(' ', redis.Items("command"));
        Assert.Contains("--appendonly yes", command, StringComparison.Ordinal);
        Assert.Contains("--maxmemory-policy noeviction", command, StringComparison.Ordinal);
        Assert.Contains("redis:/data", redis.Items("volumes").Select(v => v.ToString()));
    }

    [Fact]
    public async Task Every_file_that_is_mounted_is_there() =>
        Assert.All(await MountsAsync(), mount => Assert.True(Path.Exists(mount.Source), mount.Source));

    [Fact]
    public async Task Every_volume_is_declared()
    {
        var compose = await ReadAsync();
        var named = compose.At("services").AsObject().SelectMany(s => s.Value!.Items("volumes")).Select(
            v => v.ToString().Split(':')[0]).Where(v => v[0] != '.');
        Assert.Equal(compose.At("volumes").AsObject().Select(v => v.Key).Order(), named.Order());
    }

    [Fact]
    public async Task Prometheus_scrapes_the_proxy_and_reads_the_rules_that_are_mounted()
    {
        var settings = await Kubectl.ReadFileAsync(Path.Combine(Folder, "prometheus.yml"));
        var scrape = Assert.Single(settings.Items("scrape_configs"));
        Assert.Equal(("proxy:" + ContainerImage.Read().Port, "/metrics"),
            (scrape.Items("static_configs").Single().Items("targets").Single().ToString(), scrape.Text("metrics_path")));
        Assert.Contains((await MountsAsync()).Select(m => m.Target), target => target == "/etc/prometheus/" + settings.Items("rule_files").Single());
    }

    [Fact]
    public async Task Grafana_reads_the_mounted_dashboards_and_asks_the_Prometheus_beside_it()
    {
        var provisioning = Path.Combine(Folder, "grafana", "provisioning");
        var source = Assert.Single((await Kubectl.ReadFileAsync(Path.Combine(provisioning, "datasources", "prometheus.yaml"))).Items("datasources"));
        var provider = Assert.Single((await Kubectl.ReadFileAsync(Path.Combine(provisioning, "dashboards", "remixproxy.yaml"))).Items("providers"));
        var mounts = await MountsAsync();

        Assert.EndsWith(":" + new Uri(source.Text("url")).Port, Assert.Single((await ServiceAsync(new Uri(source.Text("url")).Host)).Items("ports")).ToString(),
            StringComparison.Ordinal);
        Assert.Contains(mounts, m => m.Source == provisioning && m.Target == "/etc/grafana/provisioning");
        Assert.Contains(mounts, m => m.Source == Path.Combine(Repository.Root, "config", "grafana") && m.Target == provider.Text("options.path"));
        Assert.Equal(
            provider.Text("options.path") + "/remixproxy.json", (await ServiceAsync("grafana")).Text("environment.GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"));
    }

    private static Task<JsonObject> ReadAsync() => Kubectl.ReadFileAsync(Path.Combine(Folder, "compose.yaml"));

    private static async Task<JsonNode> ServiceAsync(string name) => (await ReadAsync()).At("services").At(name);

    /// <summary>The files that are mounted from the repository, and where.</summary>
    private static async Task<(string Source, string Target)[]> MountsAsync() =>
    [
        .. (await ReadAsync()).At("services").AsObject().SelectMany(
            s => s.Value!.Items("volumes")).Select(v => v.ToString().Split(':')).Where(v => v[0][0] == '.')
            .Select(v => (Path.GetFullPath(Path.Combine(Folder, v[0])), v[1])),
    ];

    [GeneratedRegex(@"\$\{\w+:-(?<default>[^}]*)\}", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Variable();
}
