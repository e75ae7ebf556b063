using System.Collections.Frozen;
using System.Globalization;
using System.Text;

namespace RemixProxy.Cache.Language;

/// <summary>
/// One way to write each character: composed letters, ASCII forms of full-width characters, digits and typographic marks, a blank for white space of any kind.
/// Not string.Normalize: it returns its input unchanged in a process with InvariantGlobalization, and replicas must agree.
/// </summary>
internal static class UnicodeForm
{
    // Each mark with its lower-case letters: first without it, then with it.
    private static readonly (char Mark, string Letters)[] Marked =
    [
        ('\u0300', "aàeèiìoòuùwẁâầăằêềôồơờưừyỳüǜnǹеѐиѝ"),
        ('\u0301', "aáeéiíoóuúyýcćlĺnńrŕsśzźwẃâấăắêếôốơớưứüǘgǵåǻæǽøǿ¨΅ϊΐαάεέηήιίϋΰοόυύωώϒϓгѓкќ"),
        ('\u0302', "aâeêiîoôuûcĉgĝhĥjĵsŝwŵyŷạậẹệọộ"),
        ('\u0303', "aãnñoõiĩuũâẫăẵeẽêễôỗơỡưữyỹ"),
        ('\u0304', "aāeēiīoōuūüǖäǟȧǡæǣǫǭиӣуӯ"),
        ('\u0306', "aăeĕgğiĭoŏuŭạặийуўжӂаӑеӗ"),
        ('\u0307', "cċeėgġzż"),
        ('\u0308', "aäeëiïoöuüyÿwẅιϊυϋϒϔеёіїаӓәӛжӝзӟиӥоӧөӫэӭуӱчӵыӹ"),
        ('\u0309', "aảâẩăẳeẻêểiỉoỏôổơởuủưửyỷ"),
        ('\u030A', "aåuů"),
        ('\u030B', "oőuűуӳ"),
        ('\u030C', "cčdďeělľnňrřsštťzžaǎiǐoǒuǔüǚgǧkǩʒǯjǰhȟ"),
        ('\u030F', "aȁeȅiȉoȍrȑuȕѵѷ"),
        ('\u0311', "aȃeȇiȋoȏrȓuȗ"),
        ('\u031B', "oơuư"),
        ('\u0323', "aạeẹiịoọơợuụưựyỵ"),
        ('\u0326', "sștț"),
        ('\u0327', "cçgģkķlļnņrŗsştţ"),
        ('\u0328', "aąeęiįuųoǫ"),
        ('\u0653', "اآ"),
        ('\u0654', "اأوؤيئ"),
        ('\u0655', "اإ"),
        ('\u3099', "かがきぎくぐけげこごさざしじすずせぜそぞただちぢつづてでとどはばひびふぶへべほぼうゔゝゞカガキギクグケゲコゴサザシジスズセゼソゾタダチヂツヅテデトドハバヒビフブヘベホボウヴワヷヰヸヱヹヲヺヽヾ"),
        ('\u309A', "はぱひぴふぷへぺほぽハパヒピフプヘペホポ"),
    ];

    private static readonly FrozenDictionary<(char Letter, char Mark), char> Composed = Compose();

    public static string Of(string text)
    {
        if (Ascii.IsValid(text) && !text.AsSpan().ContainsAnyInRange('\0', '\u001F')) return text;
        var result = new StringBuilder(text.Length);
        foreach (var c in text)
        {
            if (Fold(c) is not { } folded) continue;
            if (result.Length > 0 && Join(result[^1], folded) is { } joined) result[^1] = joined;
            else result.Append(folded);
        }

        return result.Replace("…", "...").Replace("ﬁ", "fi").Replace("ﬂ", "fl").Replace("ﬀ", "ff").Replace("℃", "°c").Replace("℉", "°f").ToString();
    }

    private static char? Fold(char c) => c switch
    {
        >= ' ' and < '\u007F' => c,
        '‘' or '’' or '‛' or '‚' or 'ʼ' or '′' or '´' => '\'',
        '“' or '”' or '„' or '‟' or '«' or '»' or '″' or '「' or '」' or '『' or '』' or '〝' or '〞' or '〟' => '"',
        '‐' or '‑' or '‒' or '−' => '-',
        '–' or '―' or '─' => '—',
        '、' or '،' => ',',
        '。' => '.',
        '؟' => '?',
        '〜' => '~',
        'º' or '˚' => '°',
        // Joiners stay: they shape emoji and Persian words.
        '\u200C' or '\u200D' => c,
        '\uFE0E' or '\uFE0F' => null,
        >= '！' and <= '～' => (char)(c - '！' + '!'),
        _ when char.IsWhiteSpace(c) => ' ',
        _ => char.GetUnicodeCategory(c) switch
        {
            UnicodeCategory.Format or UnicodeCategory.Control => null,
            UnicodeCategory.DecimalDigitNumber => (char)('0' + CharUnicodeInfo.GetDecimalDigitValue(c)),
            _ => c,
        },
    };

    private static char? Join(char letter, char mark)
    {
        if (mark < '\u0300') return null;
        // Hangul: a leading and a vowel make a syllable, that and a trailing one another (The Unicode Standard, 3.12).
        if (letter is >= '\u1100' and <= '\u1112' && mark is >= '\u1161' and <= '\u1175') return (char)('가' + ((((letter - '\u1100') * 21) + (mark - '\u1161')) * 28));
        if (letter is >= '가' and <= '힣' && (letter - '가') % 28 == 0 && mark is >= '\u11A8' and <= '\u11C2') return (char)(letter + (mark - '\u11A7'));
        if (Composed.TryGetValue((letter, mark), out var composed)) return composed;
        return Composed.TryGetValue((char.ToLowerInvariant(letter), mark), out composed) ? char.ToUpperInvariant(composed) : null;
    }

    private static FrozenDictionary<(char Letter, char Mark), char> Compose()
    {
        var composed = new Dictionary<(char, char), char>();
        foreach (var (mark, letters) in Marked)
        {
            for (var i = 0; i < letters.Length; i += 2) composed[(letters[i], mark)] = letters[i + 1];
        }

        return composed.ToFrozenDictionary();
    }
}
