using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace RemixProxy.Tests.Configuration;

/// <summary>The plugin's XML documentation of its options, as plain text.</summary>
internal static class OptionDocumentation
{
    private static readonly Dictionary<string, XElement> Members =
        XDocument.Load(Path.ChangeExtension(typeof(RemixProxyOptions).Assembly.Location, "xml")).Descendants("member").ToDictionary(
            m => (string)m.Attribute("name")!, StringComparer.Ordinal);

    /// <summary>The summary, and the default where it is documented.</summary>
    /// <param name="member">As the compiler names it: <c>P:RemixProxy.RemixProxyOptions.Sandbox</c>.</param>
    public static string? Of(string member)
    {
        if (!Members.TryGetValue(member, out var documentation)) return null;
        var summary = TextOf(documentation.Element("summary")!);
        return documentation.Element("value") is not { } value ? summary
            : TextOf(value) is var text && text.StartsWith("Unset: ", StringComparison.Ordinal) ? $"{summary} {text}"
            : $"{summary} Default: {text.TrimEnd('.')}.";
    }

    private static string TextOf(XElement element) =>
        Regex.Replace(string.Concat(
            element.Nodes().Select(
                n => n is XElement e
                    ? e.Name == "c" ? $"`{e.Value}`"
                    : $"`{((string)e.Attribute("cref")!).Split('.')[^1]}`" : n.ToString())), @"\s+", " ").Trim();
}
