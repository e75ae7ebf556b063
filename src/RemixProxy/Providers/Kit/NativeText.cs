namespace RemixProxy.Providers.Kit;

/// <summary>Asks a provider's prose for what it means, in any letter case.</summary>
internal static class NativeText
{
    /// <summary>Whether it has one of the phrases.</summary>
    public static bool Says(this string? text, params ReadOnlySpan<string> phrases)
    {
        foreach (var phrase in phrases)
        {
            if (text?.Contains(phrase, StringComparison.OrdinalIgnoreCase) == true) return true;
        }

        return false;
    }

    /// <summary>Whether one phrase stands somewhere behind another.</summary>
    public static bool SaysInOrder(this string? text, string first, string then) =>
        text?.IndexOf(first, StringComparison.OrdinalIgnoreCase) is >= 0 and var start && text.IndexOf(then, start, StringComparison.OrdinalIgnoreCase) > start;
}
