namespace RemixProxy.Providers.Kit;

/// <summary>Searches a provider's messages for phrases. Letter case does not matter.</summary>
public static class NativeText
{
    /// <summary>Whether a text contains one of the phrases. A <c>*</c> in a phrase stands for any text: <c>model*not found</c>.</summary>
    public static bool Says(this string? text, params ReadOnlySpan<string> phrases)
    {
        foreach (var phrase in phrases)
        {
            if (text is not null && Has(text, phrase)) return true;
        }

        return false;
    }

    private static bool Has(ReadOnlySpan<char> text, ReadOnlySpan<char> phrase)
    {
        foreach (var part in phrase.Split('*'))
        {
            var at = text.IndexOf(phrase[part], StringComparison.OrdinalIgnoreCase);
            if (at < 0) return false;
            text = text[(at + phrase[part].Length)..];
        }

        return true;
    }
}
