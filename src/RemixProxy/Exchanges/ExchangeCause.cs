using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.RegularExpressions;
using RemixProxy.Adapters;
using RemixProxy.Contract;
using RemixProxy.Providers;

namespace RemixProxy.Exchanges;

/// <summary>Says for the operator's log how an exchange failed: the status, the origin of a redirect's target, the provider's own words.</summary>
internal static partial class ExchangeCause
{
    private const string BeforeWords = ": ";

    /// <summary>How much of a page the proxy searches for its title, in bytes.</summary>
    private const int MaxPage = 4096;

    /// <summary>How much of a page's title the log has, in characters.</summary>
    private const int LongestTitle = 200;

    /// <summary>The cause; null where the exchange did not fail.</summary>
    public static string? Of(ExchangeResult? result, Provider provider) => result switch
    {
        ExchangeResult.Answered { Response: var response, Refusal: var refusal } => Joined(
            Invariant($"{response.Status}{RedirectOf(response)}{TypeOf(response)}"),
            WordsOf(response, refusal, provider)),
        ExchangeResult.NoAnswer { Failure: var failure } when MisdirectedException.In(failure) is { } misdirected => misdirected.Message,
        ExchangeResult.NoAnswer { Failure: HttpRequestException { HttpRequestError: not HttpRequestError.Unknown and var error } } =>
            Joined(result.Label, error.ToString()),
        ExchangeResult.NoAnswer or ExchangeResult.Streamed { Cause: not null } => result.Label,
        _ => null,
    };

    /// <summary>A cause without the provider's words: the status and the origin of a redirect alone.</summary>
    public static string WithoutWords(string cause) => cause.Split(BeforeWords, 2)[0];

    /// <summary>Whether the answer is a page of HTML, which some gateway wrote for people.</summary>
    public static bool IsPage(NativeResponse response) => TextOf(response).StartsWith('<');

    // A path or query may hold a session or a signature.
    private static string RedirectOf(NativeResponse response) =>
        response.Status is >= 300 and < 400 && response.Headers.TryGetValue("Location", out var text)
        && WebAddress.TryRead(text, out var to, UriKind.RelativeOrAbsolute)
            ? to.IsAbsoluteUri ? $" to {to.GetLeftPart(UriPartial.Authority)}" : " to a path of its own"
            : "";

    // Of a good status the type says why the answer can't be used.
    private static string TypeOf(NativeResponse response) =>
        response.IsSuccess && response.Headers.TryGetValue("Content-Type", out var type) && MediaTypeHeaderValue.TryParse(type, out var media)
            ? $" {media.MediaType}"
            : "";

    // Some providers quote half of a wrong key. The operator's log keeps nothing of a caller's.
    private static string? WordsOf(NativeResponse response, Outcome.Refused? refusal, Provider provider) =>
        provider.HasCallersKeys && refusal?.Kind == ProviderErrorKind.Unauthorized
            ? null
            : ProviderText.Clean(refusal?.Error.Message, provider) ?? PageOf(response, provider);

    private static string? PageOf(NativeResponse response, Provider provider)
    {
        if (!IsPage(response)) return null;
        var title = TextBounds.Cut(ProviderText.Clean(WebUtility.HtmlDecode(Title().Match(TextOf(response)).Groups["title"].Value), provider), LongestTitle);
        return title is { Length: > 0 } ? $"a page titled '{title}'" : "a page";
    }

    private static string TextOf(NativeResponse response) =>
        Encoding.UTF8.GetString(response.Body.Span[..Math.Min(response.Body.Length, MaxPage)]).TrimStart('\uFEFF', ' ', '\t', '\r', '\n');

    private static string Joined(string first, string? second) => second is null ? first : first + BeforeWords + second;

    // A title that the end of what was read cuts off could end in half a secret.
    [GeneratedRegex("<title[^>]*>(?<title>[^<]+)<", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture, ProviderText.PatternTimeout)]
    private static partial Regex Title();
}
