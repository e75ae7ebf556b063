using RemixProxy.Adapters;
using RemixProxy.TestKit;
using RemixProxy.Tests.Adapters;

namespace RemixProxy.Tests.Golden;

/// <summary>The pages of all providers.</summary>
internal static class GoldenPages
{
    private static readonly string Root = Path.Combine(Repository.Root, "tests", "RemixProxy.Tests", "Golden");

    public static IEnumerable<GoldenPage> All() =>
        from provider in Directory.EnumerateDirectories(Root).Order(StringComparer.Ordinal)
        from file in Directory.EnumerateFiles(provider, "*.md").Order(StringComparer.Ordinal)
        select Read(Path.GetFileName(provider), Path.GetFileNameWithoutExtension(file));

    public static GoldenPage Read(string provider, string title) => new(provider, title, File.ReadAllText(PathOf(provider, title)));

    public static IVideoAdapter Adapter(string provider) => TestedAdapters.Of(provider);

    public static string PathOf(string provider, string title) => Path.Combine(Root, provider, title + ".md");
}
