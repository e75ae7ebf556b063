using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;
using RemixProxy.Adapters;
using RemixProxy.Providers;

namespace RemixProxy.Exchanges;

/// <summary>Cleans a provider's messages for callers: removes addresses and credentials, and limits the length.</summary>
internal static partial class ProviderText
{
    private const int MaxLength = 500;

    [return: NotNullIfNotNull(nameof(text))]
    public static string? Clean(string? text, Provider provider)
    {
        if (text is null) return null;
        // The text is cut first, so that the patterns work on a bounded length.
        var clean = text.Length > 4 * MaxLength ? text[..(4 * MaxLength)] : text;
        foreach (var secret in provider.Credential.Secrets.Values.Append(provider.Credential.ApiKey).OfType<string>().Where(s => s.Length > 0)
            .OrderByDescending(s => s.Length))
            clean = clean.Replace(secret, "[key]", StringComparison.Ordinal);
        clean = Url().Replace(clean, "[address]");
        clean = clean.Replace(provider.BaseUrl.Authority, "[address]", StringComparison.OrdinalIgnoreCase).Replace(
            provider.BaseUrl.Host, "[address]", StringComparison.OrdinalIgnoreCase);
        clean = Control().Replace(clean, " ").Trim();
        return clean.Length > MaxLength ? clean[..MaxLength] + "…" : clean;
    }

    /// <summary>Cleans the message and the field name of an error.</summary>
    public static ProviderError Clean(ProviderError error, Provider provider) =>
        error with { Message = Clean(error.Message, provider), Param = FieldName(error.Param) };

    /// <summary>The text where it is a valid field name, else null.</summary>
    public static string? FieldName(string? text) =>
        text is { Length: > 0 and <= 64 } && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '-' or '[' or ']')
        ? text
        : null;

    [GeneratedRegex(@"\b[a-z][a-z0-9+.-]*://\S+", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Url();

    [GeneratedRegex(@"[\p{Cc}\s]+", RegexOptions.None, 1000)]
    private static partial Regex Control();
}
