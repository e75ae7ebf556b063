using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace RemixProxy.Contract;

/// <summary>Reads addresses that callers or providers wrote.</summary>
internal static class WebAddress
{
    // They stand in no address. .NET drops them, and throws where nothing else is left of a host.
    private static readonly SearchValues<char> Directions = SearchValues.Create("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069");

    /// <summary>Reads an address. False: the text is none, or holds a mark of writing direction.</summary>
    public static bool TryRead([NotNullWhen(true)] string? text, [NotNullWhen(true)] out Uri? address, UriKind kind = UriKind.Absolute)
    {
        address = null;
        return text is not null && !text.AsSpan().ContainsAny(Directions) && Uri.TryCreate(text, kind, out address);
    }

    /// <summary>Reads an address below another one.</summary>
    public static bool TryRead(Uri above, string text, [NotNullWhen(true)] out Uri? address)
    {
        address = null;
        return !text.AsSpan().ContainsAny(Directions) && Uri.TryCreate(above, text, out address);
    }
}
