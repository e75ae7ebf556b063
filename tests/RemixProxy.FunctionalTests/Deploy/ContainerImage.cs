using RemixProxy.TestKit;

namespace RemixProxy.FunctionalTests.Deploy;

/// <summary>Reads <c>deploy/Dockerfile</c>: the instructions of its last stage, and all that it copies.</summary>
internal sealed class ContainerImage
{
    private readonly string[][] _instructions;

    private ContainerImage(string[][] instructions) => _instructions = instructions;

    public static ContainerImage Read()
    {
        var text = File.ReadAllText(Path.Combine(Repository.Root, "deploy", "Dockerfile")).Replace("\\\n", " ", StringComparison.Ordinal);
        return new(
            [.. text.Split('\n').Where(line => line.Length > 0 && line[0] != '#').Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))]);
    }

    /// <summary>The content root.</summary>
    public string WorkDirectory => Last("WORKDIR")[1];

    public string User => Last("USER")[1];

    public string Port => Last("EXPOSE")[1];

    public string Base => Last("FROM")[1];

    /// <summary>Every line, one text each.</summary>
    public IEnumerable<string> Lines => _instructions.Select(i => string.Join(' ', i));

    public Dictionary<string, string> Environment =>
        Last("ENV")[1..].Select(pair => pair.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1], StringComparer.Ordinal);

    /// <summary>The paths that are copied from the repository, in order.</summary>
    public IEnumerable<string> Copied =>
        _instructions.Where(i => i[0] == "COPY" && !i[1].StartsWith("--from", StringComparison.Ordinal)).SelectMany(i => i[1..^1]);

    /// <summary>The paths that are copied before the packages are restored.</summary>
    public IEnumerable<string> CopiedBeforeRestore => new ContainerImage([.. _instructions.TakeWhile(i => i[0] != "RUN")]).Copied;

    private string[] Last(string instruction) => _instructions.Last(i => i[0] == instruction);
}
