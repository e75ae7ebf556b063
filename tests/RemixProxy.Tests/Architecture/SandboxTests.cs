using System.Xml.Linq;
using RemixProxy.Sandbox;
using RemixProxy.TestKit;

namespace RemixProxy.Tests.Architecture;

/// <summary>Simulators are written from the vendors' pages: a mistake of an adapter must not be repeated by what checks it.</summary>
public class SandboxTests
{
    [Fact]
    public void The_sandbox_knows_nothing_of_the_plugin()
    {
        var referenced = typeof(SandboxServer).Assembly.GetReferencedAssemblies().Select(a => a.Name!);
        Assert.All(referenced, name => Assert.DoesNotContain("RemixProxy", name, StringComparison.Ordinal));
        var project = XDocument.Load(Path.Combine(Repository.Root, "src", "RemixProxy.Sandbox", "RemixProxy.Sandbox.csproj"));
        Assert.Empty(project.Descendants("ProjectReference"));
    }
}
