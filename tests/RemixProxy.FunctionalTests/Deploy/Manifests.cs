using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using RemixProxy.TestKit;

namespace RemixProxy.FunctionalTests.Deploy;

/// <summary>The objects that a folder of <c>deploy/kubernetes</c> is rendered to, and RemixProxy's container among them.</summary>
internal sealed partial class Manifests
{
    private static readonly ConcurrentDictionary<string, Lazy<Task<Manifests>>> Rendered = new(StringComparer.Ordinal);

    private readonly string _folder;

    private Manifests(string folder, IReadOnlyList<JsonObject> objects)
    {
        _folder = folder;
        Objects = objects;
    }

    public IReadOnlyList<JsonObject> Objects { get; }

    public JsonNode Pod => The("Deployment").At("spec.template");

    public JsonNode Proxy => Containers.Single(c => c.Text("name") == "remixproxy");

    public IEnumerable<JsonNode> Containers => Pod.Items("spec.initContainers").Concat(Pod.Items("spec.containers"));

    public IEnumerable<JsonNode> Probes => new[] { "startupProbe", "readinessProbe", "livenessProbe" }.Select(Proxy.At);

    /// <summary>The one file of the ConfigMap.</summary>
    public KeyValuePair<string, string> Configuration => The("ConfigMap").Texts("data").Single();

    /// <summary>The port that the container listens on.</summary>
    public int Port => int.Parse(Proxy.Items("env").Single(e => e.Text("name") == "ASPNETCORE_HTTP_PORTS").Text("value"));

    /// <summary>The Secrets that the operator has to make: each name, and the values in the example file for it.</summary>
    public IReadOnlyDictionary<string, Dictionary<string, string>> ExampleSecrets
    {
        get
        {
            var advice = File.ReadAllText(Path.Combine(_folder, "kustomization.yaml"));
            return SecretCommand().Matches(advice).ToDictionary(
                m => m.Groups["name"].Value,
                m => File.ReadLines(Path.Combine(Repository.Root, m.Groups["path"].Value + ".example.env"))
                    .Where(line => line.Length > 0 && line[0] != '#').Select(line => line.Split('=', 2)).ToDictionary(
                        pair => pair[0], pair => pair[1], StringComparer.Ordinal),
                StringComparer.Ordinal);
        }
    }

    /// <param name="folder">Below <c>deploy/kubernetes</c>; how it is used stands in the topmost one's <c>kustomization.yaml</c>.</param>
    public static Task<Manifests> RenderAsync(string folder) => Rendered.GetOrAdd(folder, f => new(() => MakeAsync(f))).Value;

    public JsonObject The(string kind) => Objects.Single(o => o.Text("kind") == kind);

    public bool Has(string kind) => Objects.Any(o => o.Text("kind") == kind);

    /// <summary>The number of a port that is given by number or by the container's name for it.</summary>
    public int PortOf(JsonNode port) =>
        int.TryParse(port.ToString(), out var number) ? number : Proxy.Items("ports").Single(p => p.Text("name") == port.ToString()).Number("containerPort");

    /// <summary>The environment of the container's process, in Kubernetes' order: image, <c>envFrom</c>, <c>env</c> with <c>$(NAME)</c> filled in.</summary>
    public Dictionary<string, string> Environment(IReadOnlyDictionary<string, Dictionary<string, string>> secrets)
    {
        var environment = ContainerImage.Read().Environment;
        foreach (var (name, value) in Proxy.Items("envFrom").SelectMany(source => secrets[source.Text("secretRef.name")])) environment[name] = value;
        foreach (var entry in Proxy.Items("env")) environment[entry.Text("name")] = Value(entry);
        return environment;

        string Value(JsonNode entry)
        {
            if (entry.Find("valueFrom.secretKeyRef") is { } secret) return secrets[secret.Text("name")][secret.Text("key")];
            if (entry.Find("valueFrom.fieldRef") is not null) return "videos";
            return Reference().Replace(entry.Text("value"), m => environment[m.Groups["name"].Value]);
        }
    }

    /// <summary>Secrets as the example has them, but with something in them.</summary>
    public IReadOnlyDictionary<string, Dictionary<string, string>> FilledSecrets() => ExampleSecrets.ToDictionary(
        s => s.Key,
        s => s.Value.ToDictionary(e => e.Key, e => e.Key == "connection-string" ? "127.0.0.1:1,password=x" : "key-0f9e8d", StringComparer.Ordinal),
        StringComparer.Ordinal);

    private static async Task<Manifests> MakeAsync(string folder)
    {
        var root = Path.Combine(Repository.Root, "deploy", "kubernetes");
        var yaml = await Kubectl.KustomizeAsync(Path.Combine(root, folder));
        return new(Path.Combine(root, folder.Split('/')[0]), await Kubectl.ReadAsync(yaml));
    }

    [GeneratedRegex(@"kubectl create secret generic (?<name>\S+) --from-env-file=(?<path>\S+)\.env", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex SecretCommand();

    [GeneratedRegex(@"\$\((?<name>\w+)\)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Reference();
}
