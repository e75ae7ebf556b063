namespace RemixProxy.FunctionalTests.Telemetry;

public class KubectlTests
{
    private const string Manifest = """
        apiVersion: v1
        kind: ConfigMap
        metadata:
          name: boats
        data:
          colour: red

        """;

    [Fact]
    public async Task A_kustomization_is_rendered()
    {
        using var folder = new ConfigFolder();
        folder.Write("boats.yaml", Manifest);
        var file = folder.Write("kustomization.yaml", "resources: [boats.yaml]\nnamePrefix: my-\n");
        var text = await Kubectl.KustomizeAsync(Path.GetDirectoryName(file)!);
        Assert.Contains("name: my-boats\n", text, StringComparison.Ordinal);
        Assert.Contains("colour: red\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_cannot_be_rendered_is_said()
    {
        using var folder = new ConfigFolder();
        var file = folder.Write("kustomization.yaml", "resources: [canals.yaml]\n");
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => Kubectl.KustomizeAsync(Path.GetDirectoryName(file)!));
        Assert.Contains("canals.yaml", error.Message, StringComparison.Ordinal);
    }
}
