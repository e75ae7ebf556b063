using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using RemixProxy.FunctionalTests.Kit;
using RemixProxy.Pipeline;

namespace RemixProxy.FunctionalTests.Deploy;

/// <summary>The manifests of <c>deploy/kubernetes</c>, rendered, held against each other and against the host.</summary>
public class KubernetesTests
{
    private const string PodAddress = "10.1.2.3";

    private static readonly JsonDocumentOptions WithComments = new() { CommentHandling = JsonCommentHandling.Skip };

    public static TheoryData<string> All => ["sidecar", "gateway", "gateway/operator"];

    public static TheoryData<string> Gateways => ["gateway", "gateway/operator"];

    [Theory]
    [MemberData(nameof(All))]
    public async Task Host_starts_with_what_the_container_is_given_and_answers_the_kubelet_s_probes_and_Prometheus(string folder)
    {
        var manifests = await Manifests.RenderAsync(folder);
        var environment = manifests.Environment(manifests.FilledSecrets());
        using var files = await MountedConfigMap.MountAsync(manifests.Configuration);
        await using var host = await HostProcess.StartAsync(new() { Environment = environment, ContentRoot = files.Root });

        foreach (var probe in manifests.Probes)
        {
            Assert.Equal(manifests.Port, manifests.PortOf(probe.At("httpGet.port")));
            Assert.Equal(HttpStatusCode.OK, await GetAsync(host, probe.Text("httpGet.path"), PodAddress));
        }

        Assert.All(manifests.ExampleSecrets["remixproxy-providers"].Keys, key => Assert.Contains(key, host.Output, StringComparison.Ordinal));
        // No provider is asked, so none refuses the key: the models are listed without them.
        Assert.Equal(HttpStatusCode.OK, await GetAsync(host, "/v1/models", "localhost"));
        Assert.Equal(HttpStatusCode.OK, await GetAsync(host, MetricsPath(manifests), PodAddress));
        Assert.Equal(folder == "sidecar" ? HttpStatusCode.Forbidden : HttpStatusCode.OK, await GetAsync(host, "/v1/models", PodAddress));
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task Prometheus_finds_each_pod_in_one_way_and_at_its_port(string folder)
    {
        var manifests = await Manifests.RenderAsync(folder);
        var annotations = manifests.Pod.Texts("metadata.annotations");
        Assert.NotEqual(manifests.Has("ServiceMonitor"), annotations.ContainsKey("prometheus.io/scrape"));
        Assert.Equal("/metrics", MetricsPath(manifests));
        if (!manifests.Has("ServiceMonitor"))
        {
            Assert.Equal("true", annotations["prometheus.io/scrape"]);
            Assert.Equal(manifests.Port, int.Parse(annotations["prometheus.io/port"]));
            return;
        }

        var (monitor, service) = (manifests.The("ServiceMonitor"), manifests.The("Service"));
        Assert.Subset(service.Texts("metadata.labels").ToHashSet(), monitor.Texts("spec.selector.matchLabels").ToHashSet());
        Assert.Equal(service.Items("spec.ports").Single().Text("name"), monitor.Items("spec.endpoints").Single().Text("port"));
    }

    [Theory]
    [InlineData("sidecar")]
    [InlineData("gateway")]
    public async Task Placeholders_left_in_the_secrets_stop_the_start_and_each_is_named(string folder)
    {
        var manifests = await Manifests.RenderAsync(folder);
        using var files = await MountedConfigMap.MountAsync(manifests.Configuration);
        var (exitCode, output) = await HostProcess.RunAsync(new() { Environment = manifests.Environment(manifests.ExampleSecrets), ContentRoot = files.Root });

        Assert.NotEqual(0, exitCode);
        Assert.Equal(manifests.ExampleSecrets.Sum(s => s.Value.Count),
            output.Split('\n').Count(
                line => line.Contains("ApiKey must be", StringComparison.Ordinal) || line.Contains("ConnectionString must be", StringComparison.Ordinal)));
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task Secrets_and_configuration_that_the_container_names_are_there(string folder)
    {
        var manifests = await Manifests.RenderAsync(folder);
        var secrets = manifests.ExampleSecrets;
        var entries = manifests.Proxy.Items("env").Select(e => e.Find("valueFrom.secretKeyRef")).OfType<JsonNode>().ToArray();
        var sources = manifests.Proxy.Items("envFrom").Select(e => e.Text("secretRef.name"));

        Assert.Equal(secrets.Keys.Order(), sources.Concat(entries.Select(e => e.Text("name"))).Order());
        Assert.All(entries, e => Assert.Contains(e.Text("key"), secrets[e.Text("name")].Keys));
        // Nothing is optional: what is missing keeps the pod from starting.
        Assert.DoesNotContain("\"optional\"", manifests.Pod.ToJsonString(), StringComparison.Ordinal);

        var volume = Assert.Single(manifests.Pod.Items("spec.volumes"));
        Assert.Equal(manifests.The("ConfigMap").Text("metadata.name"), volume.Text("configMap.name"));
        var mount = Assert.Single(manifests.Proxy.Items("volumeMounts"));
        Assert.Equal((volume.Text("name"), ContainerImage.Read().WorkDirectory + "/config"), (mount.Text("name"), mount.Text("mountPath")));
        // A file mounted by subPath would never change.
        Assert.Null(mount["subPath"]);
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task No_container_may_do_more_than_it_must(string folder)
    {
        var manifests = await Manifests.RenderAsync(folder);
        var pod = manifests.Pod.At("spec");

        Assert.False(pod.At("automountServiceAccountToken").GetValue<bool>());
        Assert.True(pod.At("securityContext.runAsNonRoot").GetValue<bool>());
        Assert.Equal("RuntimeDefault", pod.Text("securityContext.seccompProfile.type"));
        Assert.All(manifests.Containers, container =>
        {
            var may = container.At("securityContext");
            Assert.False(may.At("allowPrivilegeEscalation").GetValue<bool>());
            Assert.True(may.At("readOnlyRootFilesystem").GetValue<bool>());
            Assert.Equal("ALL", Assert.Single(may.Items("capabilities.drop")).ToString());
            Assert.Null(may.Find("capabilities.add"));
        });
        Assert.Equal("1654", (manifests.Proxy.Find("securityContext.runAsUser") ?? pod.At("securityContext.runAsUser")).ToString());
    }

    [Theory]
    [InlineData("sidecar", 30)]
    [InlineData("gateway", 0)]
    [InlineData("gateway/operator", 0)]
    public async Task Grace_period_lets_the_application_stop_and_then_the_proxy_drain(string folder, int application)
    {
        var manifests = await Manifests.RenderAsync(folder);
        var preStop = manifests.Proxy.Find("lifecycle.preStop.sleep.seconds")?.GetValue<int>() ?? 0;
        var drain = (int)(new RemixProxyOptions().DrainTimeout + Drain.CloseTimeout).TotalSeconds;

        Assert.DoesNotContain(nameof(RemixProxyOptions.DrainTimeout), manifests.Configuration.Value, StringComparison.Ordinal);
        Assert.True(manifests.Pod.Number("spec.terminationGracePeriodSeconds") >= application + preStop + drain + 5);
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task Memory_limit_holds_the_bodies_that_may_be_held(string folder)
    {
        var manifests = await Manifests.RenderAsync(folder);
        var settings = JsonNode.Parse(manifests.Configuration.Value, documentOptions: WithComments)!.At("RemixProxy");
        var limits = settings.At("Limits");
        // .NET's heap may take three quarters; a native answer takes eight times its size while it is read, beside the 90 MiB of an idle process.
        var held = limits.At("MaxBufferedBytes").GetValue<long>() + (8 * limits.At("MaxAnswerBytes").GetValue<long>())
            + limits.At("MaxClipBytes").GetValue<long>() + (settings["Jobs"]?["MaxBytes"]?.GetValue<long>() ?? 0);
        Assert.True(Bytes(manifests.Proxy.Text("resources.limits.memory")) * 3 / 4 >= (90 << 20) + held);
        Assert.True(limits.At("MaxRequestBytes").GetValue<long>() <= limits.At("MaxBufferedBytes").GetValue<long>());
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task Image_is_of_this_version(string folder)
    {
        var manifests = await Manifests.RenderAsync(folder);
        var version = typeof(RemixProxyOptions).Assembly.GetName().Version!.ToString(3);
        Assert.EndsWith("/remixproxy:" + version, manifests.Proxy.Text("image"), StringComparison.Ordinal);
        Assert.Contains(ContainerImage.Read().Lines, line => line.Contains($"org.opencontainers.image.version=\"{version}\"", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Change_of_a_mounted_ConfigMap_is_seen_without_a_restart()
    {
        var manifests = await Manifests.RenderAsync("sidecar");
        using var files = await MountedConfigMap.MountAsync(manifests.Configuration);
        await using var host = await HostProcess.StartAsync(new() { Environment = manifests.Environment(manifests.FilledSecrets()), ContentRoot = files.Root });

        await files.UpdateAsync("""{ "RemixProxy": { "Models": { "the-changed-one": "runway/gen4.5" } } }""");

        for (var i = 0; i < 300 && !(await ModelsAsync()).Contains("the-changed-one", StringComparison.Ordinal); i++) await Task.Delay(100);
        Assert.Contains("the-changed-one", await ModelsAsync(), StringComparison.Ordinal);

        async Task<string> ModelsAsync() => await host.Http.GetStringAsync("v1/models");
    }

    [Fact]
    public async Task Application_starts_after_its_sidecar_calls_it_on_localhost_and_holds_no_key()
    {
        var manifests = await Manifests.RenderAsync("sidecar");
        var application = Assert.Single(manifests.Pod.Items("spec.containers"));

        Assert.Equal(manifests.Proxy, Assert.Single(manifests.Pod.Items("spec.initContainers")));
        Assert.Equal("Always", manifests.Proxy.Text("restartPolicy"));
        Assert.Equal($"http://localhost:{manifests.Port}/v1", application.Items("env").Single(e => e.Text("name") == "OPENAI_BASE_URL").Text("value"));
        Assert.DoesNotContain("secret", application.ToJsonString(), StringComparison.OrdinalIgnoreCase);
        // Inbound traffic that a mesh redirects would come from loopback.
        Assert.Equal(manifests.Port.ToString(), manifests.Pod.Texts("metadata.annotations")["traffic.sidecar.istio.io/excludeInboundPorts"]);
    }

    [Theory]
    [MemberData(nameof(Gateways))]
    public async Task Service_budget_policy_and_spread_select_the_pods(string folder)
    {
        var manifests = await Manifests.RenderAsync(folder);
        var labels = manifests.Pod.Texts("metadata.labels").ToHashSet();

        Assert.All(
            manifests.Pod.Items("spec.topologySpreadConstraints").Select(c => c.Texts("labelSelector.matchLabels")).Concat(
            [
                manifests.The("Deployment").Texts("spec.selector.matchLabels"), manifests.The("Service").Texts("spec.selector"),
                manifests.The("PodDisruptionBudget").Texts("spec.selector.matchLabels"), manifests.The("NetworkPolicy").Texts("spec.podSelector.matchLabels"),
            ]),
            selector => Assert.Subset(labels, Assert.IsType<Dictionary<string, string>>(selector).ToHashSet()));
        Assert.All(["Service", "PodDisruptionBudget"], kind => Assert.NotEmpty(manifests.The(kind).At("spec.selector").AsObject()));
        Assert.Equal(manifests.Port, manifests.PortOf(manifests.The("Service").Items("spec.ports").Single().At("targetPort")));
        Assert.Equal(("Deployment", manifests.The("Deployment").Text("metadata.name")),
            (manifests.The("HorizontalPodAutoscaler").Text("spec.scaleTargetRef.kind"),
                manifests.The("HorizontalPodAutoscaler").Text("spec.scaleTargetRef.name")));
    }

    [Theory]
    [MemberData(nameof(Gateways))]
    public async Task Somebody_always_serves(string folder)
    {
        var manifests = await Manifests.RenderAsync(folder);
        var least = manifests.The("HorizontalPodAutoscaler").Number("spec.minReplicas");

        Assert.True(least >= 2);
        // The autoscaler's number is not to be set back by every apply.
        Assert.Null(manifests.The("Deployment").Find("spec.replicas"));
        Assert.Equal(0, manifests.The("Deployment").Number("spec.strategy.rollingUpdate.maxUnavailable"));
        Assert.True(least - manifests.The("PodDisruptionBudget").Number("spec.maxUnavailable") >= 1);
        // It scales by the share of what is requested.
        Assert.NotNull(manifests.Proxy.At("resources.requests.cpu"));
    }

    [Theory]
    [MemberData(nameof(Gateways))]
    public async Task Network_admits_named_callers_to_the_port_and_lets_the_proxy_out_to_what_it_needs(string folder)
    {
        var policy = (await Manifests.RenderAsync(folder)).The("NetworkPolicy");
        var port = (await Manifests.RenderAsync(folder)).Port;

        Assert.Equal(["Egress", "Ingress"], policy.Items("spec.policyTypes").Select(t => t.ToString()).Order());
        Assert.All(policy.Items("spec.ingress"), rule =>
        {
            Assert.Equal(port, Assert.Single(rule.Items("ports")).Number("port"));
            Assert.All(rule.Items("from"), from => Assert.NotEmpty(from.Texts("podSelector.matchLabels")));
            Assert.NotEmpty(rule.Items("from"));
        });
        Assert.All(policy.Items("spec.egress"), rule => Assert.NotEmpty(rule.Items("to")));
        Assert.Equal([53, 53, 443, 6379], policy.Items("spec.egress").SelectMany(r => r.Items("ports")).Select(p => p.Number("port")).Order());
    }

    private static string MetricsPath(Manifests manifests) => manifests.Has("ServiceMonitor")
        ? manifests.The("ServiceMonitor").Items("spec.endpoints").Single().Text("path")
        : manifests.Pod.Texts("metadata.annotations")["prometheus.io/path"];

    private static async Task<HttpStatusCode> GetAsync(HostProcess host, string path, string calledAs)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { Host = $"{calledAs}:8080" } };
        using var response = await host.Http.SendAsync(request);
        return response.StatusCode;
    }

    private static long Bytes(string quantity) => long.Parse(quantity[..^2]) << (quantity[^2..] == "Gi" ? 30 : 20);
}
