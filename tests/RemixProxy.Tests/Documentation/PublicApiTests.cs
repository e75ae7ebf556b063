using System.Reflection;
using RemixProxy.Adapters;
using RemixProxy.Contract;
using RemixProxy.TestKit;

namespace RemixProxy.Tests.Documentation;

/// <summary>The plugin's public surface is listed in a file, so that a change of it is seen in review.</summary>
public class PublicApiTests
{
    private const BindingFlags Declared = BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    [Fact]
    public void Surface_is_the_one_listed()
    {
        var path = Path.Combine(Repository.Root, "src", "RemixProxy", "PublicApi.txt");
        var surface = string.Join('\n', typeof(IVideoAdapter).Assembly.GetExportedTypes().SelectMany(Lines).Order(StringComparer.Ordinal)) + "\n";
        if (Repository.IsUpdating) File.WriteAllText(path, surface);
        else Assert.Equal(File.ReadAllText(path), surface);
    }

    private static IEnumerable<string> Lines(Type type)
    {
        yield return $"{type.FullName} ({(type.IsEnum ? "enum" : type.IsInterface ? "interface" : type.IsValueType ? "struct" : type is { IsAbstract: true, IsSealed: true } ? "static class" : "class")})";
        foreach (var member in type.GetMembers(Declared).Where(m => !IsMade(m))) yield return $"{type.FullName}.{member}";
    }

    // Accessors, and what the compiler makes for records.
    private static bool IsMade(MemberInfo member) =>
        member is MethodInfo { IsSpecialName: true } or FieldInfo { IsSpecialName: true }
        || member.Name is "Equals" or "GetHashCode" or "ToString" or "Deconstruct" or "<Clone>$" or "EqualityContract" or "PrintMembers";
}
