using RemixProxy.FunctionalTests.Kit;

namespace RemixProxy.FunctionalTests.Deploy;

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

    [Fact]
    public async Task Documents_of_any_kind_are_read_in_their_order()
    {
        var objects = await Kubectl.ReadAsync(Manifest + "---\napiVersion: canals.example/v3\nkind: Lock\nmetadata:\n  name: upper\nspec: {gates: [1, two]}\n");
        Assert.Equal(["ConfigMap", "Lock"], objects.Select(o => o["kind"]!.ToString()));
        Assert.Equal("""{"gates":[1,"two"]}""", objects[1]["spec"]!.ToJsonString());
    }

    [Fact]
    public async Task File_that_is_no_object_is_read_too_and_one_that_is_no_YAML_is_said()
    {
        using var folder = new ConfigFolder();
        Assert.Equal("""{"boats":{"red":3}}""", (await Kubectl.ReadFileAsync(folder.Write("boats.yaml", "# How many\nboats:\n  red: 3\n"))).ToJsonString());
        await Assert.ThrowsAsync<InvalidOperationException>(() => Kubectl.ReadFileAsync(folder.Write("broken.yaml", "boats: [red\n")));
    }
}
