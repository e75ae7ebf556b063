using System.Text;
using RemixProxy.Adapters;
using RemixProxy.Contract;
using RemixProxy.Providers;
using RemixProxy.TestKit;

namespace RemixProxy.Tests.Documentation;

/// <summary>The README's table of providers is what the profiles say.</summary>
public class ReadmeTests
{
    private const string Begin = "<!-- providers: generated from the adapters' profiles; `GOLDEN_UPDATE=1 dotnet test` writes it -->\n";
    private const string End = "<!-- /providers -->";

    [Fact]
    public void Provider_table_is_the_profiles()
    {
        var path = Path.Combine(Repository.Root, "README.md");
        var readme = File.ReadAllText(path);
        var begin = readme.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length;
        var end = readme.IndexOf(End, StringComparison.Ordinal);
        if (Repository.IsUpdating) File.WriteAllText(path, readme[..begin] + Table() + readme[end..]);
        else Assert.Equal(Table(), readme[begin..end]);
    }

    private static string Table()
    {
        var table = new StringBuilder(
            "| provider | vendor | create | image start | remix | takes from others | uploads | extend | cancel | delete upstream | key |\n|---|---|---|---|---|---|---|---|---|---|---|\n");
        foreach (var provider in BuiltInAdapters.All)
        {
            var p = provider.Profile;
            string[] cells =
            [
                $"`{p.Type}`", p.DisplayName, $"`{p.CreateModel}`", p.Images == SourceForms.None
                    ? "–"
                    : "yes", $"{p.Remix.ToString().ToLowerInvariant()}{(p.RemixModel is { } m ? $", `{m}`" : "")}",
                (p.Sources & (SourceForms.Url | SourceForms.File)) switch
                {
                    SourceForms.Url => "URL", SourceForms.File => "bytes", SourceForms.None => "–", _ => "URL or bytes",
                },
                p.Sources.HasFlag(SourceForms.File) ? "yes" : "–",
                p.Operations.HasFlag(VideoOperation.Extend) ? p.ExtendModel is { } e ? $"`{e}`" : "yes" : "–",
                p.Operations.HasFlag(VideoOperation.Cancel) ? "yes" : provider.Cancel("x") is null ? "–" : "some servers",
                provider.Delete("x", VideoStatus.Completed) is null ? "–" : "yes",
                string.Join(", ", p.KeyVariables.Select(k => $"`{k}`"))
                    + (p.KeyParts.Count > 0 ? $", or {string.Join(" and ", p.KeyParts.Select(k => $"`{k}`"))}" : ""),
            ];
            table.Append("| ").AppendJoin(" | ", cells).Append(" |\n");
        }

        return table.ToString();
    }
}
