using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using RemixProxy.TestKit.Processes;

namespace RemixProxy.FunctionalTests.Deploy;

/// <summary><c>kubectl</c> without a cluster and without the settings of who runs the tests.</summary>
internal static class Kubectl
{
    private const string Nowhere = "/nonexistent";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <summary>The manifests that a folder with a <c>kustomization.yaml</c> stands for, as YAML documents.</summary>
    /// <exception cref="InvalidOperationException">They can't be made; the message is what <c>kubectl</c> says.</exception>
    public static Task<string> KustomizeAsync(string folder) => RunAsync("", "kustomize", folder);

    /// <summary>The objects in YAML documents: <c>kubectl</c> reads and writes any kind, also such as it doesn't know.</summary>
    /// <exception cref="InvalidOperationException">They can't be read; the message is what <c>kubectl</c> says.</exception>
    public static async Task<IReadOnlyList<JsonObject>> ReadAsync(string documents)
    {
        // Takes away a label that nothing has; --local asks no server.
        var json = await RunAsync(documents, "label", "--local", "--filename", "-", "--output", "json", "none-");
        return Values(Encoding.UTF8.GetBytes(json));
    }

    /// <summary>A YAML file that is no object of Kubernetes.</summary>
    public static async Task<JsonObject> ReadFileAsync(string path)
    {
        var lines = (await File.ReadAllLinesAsync(path)).Select(line => "  " + line);
        return (await ReadAsync("apiVersion: v1\nkind: File\nmetadata:\n  name: file\ncontent:\n" + string.Join('\n', lines)))[0]["content"]!.AsObject();
    }

    private static List<JsonObject> Values(byte[] json)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { AllowMultipleValues = true });
        var values = new List<JsonObject>();
        while (reader.Read()) values.Add(JsonNode.Parse(ref reader)!.AsObject());
        return values;
    }

    private static async Task<string> RunAsync(string input, params string[] arguments)
    {
        var command = await TestProgram.FindAsync("kubectl");
        var run = await ProgramRun.OfAsync(
            new(command[0], [.. command[1..], .. arguments])
            {
                Environment = { ["HOME"] = Nowhere, ["KUBECONFIG"] = Path.Combine(Nowhere, "config") },
            },
            input,
            Patience);
        return run.ExitCode == 0 ? run.Output : throw new InvalidOperationException(run.Errors);
    }
}
