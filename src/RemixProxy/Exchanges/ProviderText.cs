using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.RegularExpressions;
using RemixProxy.Adapters;
using RemixProxy.Contract;
using RemixProxy.Providers;

namespace RemixProxy.Exchanges;

/// <summary>Cleans a provider's messages for callers: removes addresses and credentials, and limits the length.</summary>
internal static partial class ProviderText
{
    private const int LeastHost = 8;
    private const int MaxLength = 500;
    private const int MaxRead = 4 * MaxLength;
    private const int LeastQuote = 4;
    private const int QuotePiece = 12;

    /// <summary>
    /// The longest time for a pattern, in milliseconds. Texts are bounded and patterns linear, so only a machine that stands still reaches it. A second would
    /// be reached by a busy one, and would turn a refusal into a doubt.
    /// </summary>
    internal const int PatternTimeout = 60_000;

    [return: NotNullIfNotNull(nameof(text))]
    public static string? Clean(string? text, Provider provider)
    {
        if (text is null) return null;
        // The text is cut first, so that the patterns work on a bounded length.
        var clean = text.Length > MaxRead ? WithoutHalfSecret(text[..MaxRead], provider) : text;
        clean = WithoutSecrets(clean, provider);
        clean = Url().Replace(clean, "[address]");
        foreach (var own in new[] { provider.BaseUrl.Authority, provider.BaseUrl.Host }.Where(IsTelling))
            clean = clean.Replace(own, "[address]", StringComparison.OrdinalIgnoreCase);
        clean = Internal().Replace(clean, "[address]");
        clean = Host().Replace(clean, "[address]");
        clean = Path().Replace(clean, "[path]");
        clean = Control().Replace(clean, " ").Trim();
        return TextBounds.Cut(clean, MaxLength);
    }

    /// <summary>
    /// Cuts a text where it quotes one of the caller's own, which the log never has: any piece of twelve characters, or the whole of a shorter text, also where
    /// the quote is escaped as in JSON.
    /// </summary>
    /// <param name="text">What the provider said.</param>
    /// <param name="own">The caller's texts: the prompts, a model's name that nobody declares.</param>
    [return: NotNullIfNotNull(nameof(text))]
    public static string? WithoutQuotes(string? text, params IEnumerable<string?> own)
    {
        if (text is null) return null;
        var said = Folded(Escape().Replace(text, m => m.Groups["code"] is { Success: true, Value: var code }
            ? ((char)ushort.Parse(code, NumberStyles.HexNumber, CultureInfo.InvariantCulture)).ToString()
            : m.Groups["mark"].Value));
        var pieces = new Pieces(said);
        var first = own.Select(o => pieces.FirstOf(Folded(o ?? ""))).DefaultIfEmpty(said.Length).Min();
        return first == said.Length ? text : TextBounds.Beginning(said, first) + "[quote]";
    }

    /// <summary>Cleans the message and the field name of an error.</summary>
    public static ProviderError Clean(ProviderError error, Provider provider) =>
        error with { Message = Clean(error.Message, provider), Param = Clean(error.Param, provider) == error.Param ? FieldName(error.Param) : null };

    /// <summary>Cleans the reason of a failed video. A code that needs it is no stable word.</summary>
    public static VideoError Clean(VideoError error, Provider provider) =>
        new(Clean(error.Code, provider) == error.Code ? error.Code : "provider_error", Clean(error.Message, provider));

    /// <summary>
    /// Cleans what a provider says of a video. A name with a secret in it, or as long as a clip, counts as unsaid,
    /// so a submit whose answer names nothing else is unknown; an output
    /// whose URL has one is not public.
    /// </summary>
    public static VideoSnapshot Clean(VideoSnapshot snapshot, Provider provider)
    {
        return snapshot with
        {
            Id = NameOf(snapshot.Id),
            Model = NameOf(snapshot.Model),
            Prompt = NameOf(snapshot.Prompt),
            Size = NameOf(snapshot.Size),
            Seconds = NameOf(snapshot.Seconds),
            RemixedFromId = NameOf(snapshot.RemixedFromId),
            Error = snapshot.Error is { } error ? Clean(error, provider) : null,
            Outputs = snapshot.Outputs.Any(HoldsSecret)
                ? [.. snapshot.Outputs.Select(o => HoldsSecret(o) ? o with { Public = false, ContentType = NameOf(o.ContentType) } : o)]
                : snapshot.Outputs,
            ContentFilter = snapshot.ContentFilter is { } filter ? filter with { Reasons = [.. filter.Reasons.Select(r => Clean(r, provider))] } : null,
        };

        bool HoldsSecret(NativeOutput output) =>
            !output.IsInline && (provider.SecretForms.AreIn(output.Url) || (output.ContentType is { } type && provider.SecretForms.AreIn(type)));

        string? NameOf(string? text) => text is not null && (provider.SecretForms.AreIn(text) || ClipMark.Of(text) is not null) ? null : text;
    }

    /// <summary>Removes an account's key and secrets, also where they are encoded or in another letter case.</summary>
    public static string WithoutSecrets(string text, Provider provider) =>
        provider.SecretForms.InTexts.Aggregate(text, (clean, form) => clean.Replace(form, "[key]", StringComparison.OrdinalIgnoreCase));

    // What a cut leaves of a secret at the end of a text is found by no replacement.
    private static string WithoutHalfSecret(string text, Provider provider)
    {
        var half = provider.SecretForms.InTexts.Max(form => Enumerable.Range(1, form.Length - 1).LastOrDefault(
            length => text.AsSpan().EndsWith(form.AsSpan(0, length), StringComparison.OrdinalIgnoreCase)) as int?);
        return text[..^(half ?? 0)];
    }

    /// <summary>The text where it is a valid field name, else null.</summary>
    public static string? FieldName(string? text) =>
        text is { Length: > 0 and <= 64 } && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '-' or '[' or ']')
        ? text
        : null;

    private static string Folded(string text) => Control().Replace(text, " ").Trim();

    // The one word of a host in the same network, such as "video", may be a word of the text.
    private static bool IsTelling(string host) => host.Length >= LeastHost || host.AsSpan().ContainsAny('.', ':');

    // Addresses of IPv4, and names that only a private network has.
    [GeneratedRegex(
        @"(\b\d{1,3}(\.\d{1,3}){3}|\blocalhost|(?<![a-z0-9_.-])([a-z0-9_-]+\.)+(internal|local|lan|corp|intranet|svc|localdomain))\b(:\d{1,5}\b)?",
        RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture, PatternTimeout)]
    private static partial Regex Internal();

    [GeneratedRegex(@"\b[a-z][a-z0-9+.-]{0,30}://\S+", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture, PatternTimeout)]
    private static partial Regex Url();

    // An address in digits, a name with a port, or a name that ends like a host's. Field names have dots too, and what counts something stands before figures.
    [GeneratedRegex(
        @"(?<![\w.-])(\d{1,3}(\.\d{1,3}){3}|\[[0-9a-f.%]*:[0-9a-f:.%]*\]|([0-9a-f]{0,4}:){3,7}[0-9a-f]{0,4}"
        + @"|(localhost|([a-z0-9]([a-z0-9_-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*)(?=:\d{2,5}\b)"
        + @"|(?!(\w+_)?(code|err|error|errno|status|line|row|col|column|char|position|offset|index|id|request|task|job|batch|version|year|date|width|height"
        + @"|size|ratio|seed|length|count|limit|max|min|maximum|minimum|total|bytes|tokens?|credits?|pixels?|seconds?|duration|frames?|ms|fps|steps?):)"
        + @"(?-i:[a-z][a-z0-9_]*(-[a-z0-9_]+)*)(?=:\d{4,5}\b(?![:.]\d))"
        + @"|([a-z0-9]([a-z0-9_-]*[a-z0-9])?\.)+(com|net|org|io|ai|dev|app|cloud|co|tech|eu|us|uk|de|fr|cn|jp|xyz|biz|gg|sh"
        + @"|edu|gov|mil|ca|au|nl|se|ch|pl|ru|br|kr|tw|sg|hk|internal|local|localhost|localdomain|lan"
        + @"|corp|home|intranet|private|svc|arpa|test|example|invalid)\.?)(?![\w-])(:\d{1,5})?(/\S*)?",
        RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture, PatternTimeout)]
    private static partial Regex Host();

    // Where files of a server lie. A path of an API begins otherwise.
    [GeneratedRegex(
        @"(?<![\w/.])(/(home|root|usr|var|opt|srv|etc|tmp|app|mnt|media|data|workspace|users|proc|run|lib|code)(/[^\s/""'<>|,;:)\]]+)+/?"
        + @"|[a-z]:\\[^\s""'<>|,;)\]]+|\\\\[\w.-]+\\[^\s""'<>|,;)\]]+)",
        RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture, PatternTimeout)]
    private static partial Regex Path();

    [GeneratedRegex(@"\\(u(?<code>[0-9a-fA-F]{4})|(?<mark>[""'\\/]))", RegexOptions.ExplicitCapture, PatternTimeout)]
    private static partial Regex Escape();

    [GeneratedRegex(@"[\p{Cc}\s]+", RegexOptions.None, PatternTimeout)]
    private static partial Regex Control();

    /// <summary>
    /// The pieces of what a provider said, each with its first place. The caller's texts are much longer, so they are passed once and looked up here.
    /// </summary>
    private sealed class Pieces(string said)
    {
        private readonly Dictionary<string, int>?[] _byLength = new Dictionary<string, int>?[QuotePiece + 1];

        /// <summary>Where it first says a piece of a text, or the whole of a short one; its length if nowhere.</summary>
        public int FirstOf(string own)
        {
            if (own.Length < LeastQuote) return said.Length;
            var length = Math.Min(own.Length, QuotePiece);
            var places = (_byLength[length] ??= Of(length)).GetAlternateLookup<ReadOnlySpan<char>>();
            var first = said.Length;
            for (var at = 0; at + length <= own.Length; at++)
            {
                if (places.TryGetValue(own.AsSpan(at, length), out var place)) first = Math.Min(first, place);
            }

            return first;
        }

        private Dictionary<string, int> Of(int length)
        {
            var places = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
            for (var at = 0; at + length <= said.Length; at++) places.TryAdd(said.Substring(at, length), at);
            return places;
        }
    }
}
