using System.Diagnostics.CodeAnalysis;

namespace RemixProxy.Providers.Runway;

/// <summary>An address in an answer, which must not lead anywhere but to the web.</summary>
internal static class WebUrl
{
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out Uri? url) =>
        Uri.TryCreate(text, UriKind.Absolute, out url) && (url.Scheme == Uri.UriSchemeHttps || url.Scheme == Uri.UriSchemeHttp);
}
