using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using RemixProxy.Cache;

namespace RemixProxy.FunctionalTests.Cache;

/// <summary>Prompts with this word are in conflict with all others.</summary>
internal sealed class NamedConflicts : ILexicalConflict
{
    public const string Word = "foe";

    public static void Install(IReverseProxyBuilder proxy) => proxy.Services.Replace(ServiceDescriptor.Singleton<ILexicalConflict, NamedConflicts>());

    public bool Between(string a, string b) => a.Contains(Word, StringComparison.Ordinal) || b.Contains(Word, StringComparison.Ordinal);
}
