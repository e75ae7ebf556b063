using System.Xml.Linq;
using RemixProxy.TestKit;

namespace RemixProxy.FunctionalTests.Deploy;

/// <summary><c>deploy/Dockerfile</c>, as far as it can be judged without an engine.</summary>
public class ContainerImageTests
{
    private static readonly ContainerImage Image = ContainerImage.Read();

    [Fact]
    public void What_is_copied_is_there_and_not_ignored()
    {
        var admitted = File.ReadAllLines(Path.Combine(Repository.Root, ".dockerignore")).Where(l => l.StartsWith('!')).Select(l => l[1..]).ToArray();
        Assert.NotEmpty(Image.Copied);
        Assert.All(Image.Copied, source => Assert.True(Path.Exists(Path.Combine(Repository.Root, source)), source));
        Assert.All(Image.Copied, source => Assert.Contains(admitted, a => IsWithin(source, a)));
    }

    [Fact]
    public void What_the_projects_take_from_elsewhere_is_copied_too()
    {
        var taken = Closure("src/RemixProxy.Host/RemixProxy.Host.csproj").SelectMany(TakenFromElsewhere).ToArray();
        Assert.NotEmpty(taken);
        Assert.All(taken, file => Assert.Contains(Image.Copied, source => IsWithin(file, source.TrimEnd('/'))));
    }

    [Fact]
    public void Every_project_of_the_host_is_there_when_packages_are_restored()
    {
        var projects = Closure("src/RemixProxy.Host/RemixProxy.Host.csproj").ToHashSet(StringComparer.Ordinal);
        Assert.Equal(projects.Order(), Image.CopiedBeforeRestore.Where(f => f.EndsWith(".csproj", StringComparison.Ordinal)).Order());
    }

    [Fact]
    public void Image_is_built_on_a_base_with_ICU_and_runs_as_nobody_in_particular()
    {
        Assert.EndsWith("-noble-chiseled-extra", Image.Base, StringComparison.Ordinal);
        // The base image's variable is 1654, which the manifests name too.
        Assert.Equal("$APP_UID", Image.User);
        Assert.Equal(Image.Port, Image.Environment["ASPNETCORE_HTTP_PORTS"]);
        Assert.All(["dotnet restore", "dotnet publish"],
            command =>
                Assert.Contains(
                    Image.Lines, l => l.Contains(command, StringComparison.Ordinal) && l.Contains("-p:PublishReadyToRun=true", StringComparison.Ordinal)));
        Assert.Contains("ENTRYPOINT [\"dotnet\", \"/app/RemixProxy.Host.dll\"]", Image.Lines);
    }

    private static bool IsWithin(string path, string folder) => path == folder || path.StartsWith(folder + "/", StringComparison.Ordinal);

    private static IEnumerable<string> TakenFromElsewhere(string project) =>
        XDocument.Load(Path.Combine(Repository.Root, project)).Descendants().Where(e => e.Name.LocalName != "ProjectReference")
            .Select(e => e.Attribute("Include")?.Value.Replace('\\', '/')).OfType<string>().Where(
                include => include.StartsWith("../", StringComparison.Ordinal))
            .Select(
                include => Path.GetRelativePath(Repository.Root, Path.GetFullPath(Path.Combine(Repository.Root, Path.GetDirectoryName(project)!, include))));

    private static IEnumerable<string> Closure(string project)
    {
        yield return project;
        var file = Path.Combine(Repository.Root, project);
        foreach (var reference in XDocument.Load(file).Descendants("ProjectReference"))
        {
            var path = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(file)!, reference.Attribute("Include")!.Value.Replace('\\', '/')));
            foreach (var next in Closure(Path.GetRelativePath(Repository.Root, path))) yield return next;
        }
    }
}
