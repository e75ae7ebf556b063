using System.Buffers;
using System.Globalization;
using System.Text;

namespace RemixProxy.Cache.Language;

/// <summary>Cuts a prompt into words, signs and breaks, and lifts out what is quoted.</summary>
internal sealed class PromptScanner(string text, ReadingWords reading, ReadingSteps steps)
{
    private static readonly SearchValues<char> Figures = SearchValues.Create("0123456789.,:");

    private readonly CountedList<PromptWord> _words = new(new((text.Length / 5) + 4), steps);
    private readonly List<string> _quotes = [];
    private int _at;
    private int _quoteEnd = -1;
    private bool _noSingleQuote;
    private bool _joined;

    /// <summary>The words in their order, and the texts in quotes.</summary>
    public (CountedList<PromptWord> Words, List<string> Quotes) Scan()
    {
        while (_at < text.Length)
        {
            switch (At(_at))
            {
                case ' ':
                    _at++;
                    break;
                case '"':
                    ReadDoubleQuote();
                    break;
                case '\'':
                    ReadSingleQuote();
                    break;
                default:
                    if (IsWord(_at)) ReadWord();
                    else ReadSign();
                    break;
            }
        }

        return (_words, _quotes);
    }

    private bool IsQuoted => _at < _quoteEnd;

    private char Before => _at > 0 ? At(_at - 1) : ' ';

    private char After => _at + 1 < text.Length ? At(_at + 1) : ' ';

    private char At(int at)
    {
        steps.Count++;
        return text[at];
    }

    private bool TryRuneAt(int at, out Rune rune)
    {
        steps.Count++;
        return Rune.TryGetRuneAt(text, at, out rune);
    }

    private int Find(char c, int from)
    {
        var at = text.IndexOf(c, from);
        steps.Count += (at < 0 ? text.Length : at + 1) - from;
        return at;
    }

    private string Cut(int start, int end)
    {
        steps.Count += end - start;
        return text[start..end];
    }

    private bool IsWord(int at) => TryRuneAt(at, out var rune) && IsWord(rune);

    private static bool IsWord(Rune rune) => Rune.IsLetterOrDigit(rune)
        || Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.LetterNumber
            or UnicodeCategory.OtherNumber;

    /// <summary>Whether a character belongs to a script without blanks, which is read character by character.</summary>
    private static bool StandsAlone(Rune rune) =>
        rune.Value is (>= 0x3040 and <= 0x30FF) or (>= 0x3400 and <= 0x4DBF) or (>= 0x4E00 and <= 0x9FFF) or (>= 0xF900 and <= 0xFAFF)
            or (>= 0x20000 and <= 0x3FFFF) or 0x3005;

    private void ReadDoubleQuote()
    {
        if (_at == _quoteEnd) _quoteEnd = -1;
        else if (_quoteEnd < 0 && char.IsAsciiDigit(Before)) Add("in", PromptWordKind.Unit);
        else if (_quoteEnd < 0 && Find('"', _at + 1) is > 0 and var end) Quote(end);
        _at++;
    }

    private void ReadSingleQuote()
    {
        if (_at == _quoteEnd) _quoteEnd = -1;
        else if (_quoteEnd < 0 && !_noSingleQuote && !char.IsLetterOrDigit(Before) && After != ' ' && !IsDecade()) OpenSingleQuote();
        else if (_quoteEnd < 0 && char.IsAsciiDigit(Before)) Add("ft", PromptWordKind.Unit);
        _at++;
    }

    private void OpenSingleQuote()
    {
        for (var end = Find('\'', _at + 2 <= text.Length ? _at + 2 : _at + 1); end > 0; end = Find('\'', end + 1))
        {
            if (At(end - 1) == ' ' || (end + 1 < text.Length && char.IsLetterOrDigit(At(end + 1)))) continue;
            Quote(end);
            return;
        }

        // No later quote closes this one, so the search is not repeated: a prompt of apostrophes stays linear.
        _noSingleQuote = true;
    }

    /// <summary>Whether an apostrophe begins a decade, as in '90s.</summary>
    private bool IsDecade() => _at + 3 < text.Length && char.IsAsciiDigit(At(_at + 1)) && At(_at + 2) == '0' && At(_at + 3) == 's';

    private void Quote(int end)
    {
        _quotes.Add(Cut(_at + 1, end).Trim());
        _quoteEnd = end;
    }

    private void ReadWord()
    {
        var start = _at;
        TryRuneAt(start, out var first);
        _at += first.Utf16SequenceLength;
        if (!StandsAlone(first))
        {
            while (_at < text.Length && GoesOn()) _at += char.IsSurrogatePair(text, _at) ? 2 : 1;
        }

        AddWord(Cut(start, _at).ToLowerInvariant());
    }

    private bool GoesOn()
    {
        if (TryRuneAt(_at, out var rune) && IsWord(rune)) return !StandsAlone(rune);
        var isInner = _at + 1 < text.Length && IsWord(_at + 1);
        return At(_at) switch
        {
            // "The dogs'" differs from "the dogs".
            '\'' => _at != _quoteEnd && (isInner || (Before is 's' or 'S' && _quoteEnd < 0)),
            '.' or ':' => char.IsAsciiDigit(Before) && char.IsAsciiDigit(After),
            ',' => char.IsAsciiDigit(Before) && char.IsAsciiDigit(After),
            '\u200C' or '\u200D' => isInner,
            _ => false,
        };
    }

    private void AddWord(string word)
    {
        if (char.IsAsciiDigit(word[0]))
        {
            AddNumber(word);
        }
        else if (reading.Spell(word) is { } spelled)
        {
            foreach (var part in spelled) Add(part, PromptWordKind.Word);
        }
        else
        {
            Add(word, PromptWordKind.Word);
        }
    }

    /// <summary>Reads figures, and the unit that follows them without a blank.</summary>
    private void AddNumber(string word)
    {
        var length = word.AsSpan().IndexOfAnyExcept(Figures);
        var figures = WithoutGroups(length < 0 ? word : word[..length]);
        var rest = length < 0 ? "" : word[length..];
        if (rest.Length == 0)
        {
            Add(figures, PromptWordKind.Number);
        }
        else if (reading.Units.TryGetValue(rest, out var unit) && (rest != "s" || (figures.Length < 3 && figures[0] is '0' or '1' || figures.Length == 1)))
        {
            // 80s is a decade, 8s is a length.
            Add(figures, PromptWordKind.Number);
            Add(unit, PromptWordKind.Unit);
        }
        else
        {
            Add(word, PromptWordKind.Word);
        }
    }

    /// <summary>Removes commas between thousands: 1,000 becomes 1000, but 1,5 stays.</summary>
    private static string WithoutGroups(string figures)
    {
        if (!figures.Contains(',')) return figures;
        var parts = figures.Split(',');
        var grouped = parts[0].Length <= 3 && parts[0] != "0" && parts.Skip(1).All(p => p.Length == 3 || (p.Length > 4 && p[3] == '.'));
        return grouped ? string.Concat(parts) : figures;
    }

    private void ReadSign()
    {
        TryRuneAt(_at, out var rune);
        var length = Math.Max(rune.Utf16SequenceLength, 1);
        var c = At(_at);
        if (c == '-' && IsSignOfNumber()) ReadSignedNumber();
        else if (c is '-' or '_' or '—' && char.IsLetterOrDigit(Before) && char.IsLetterOrDigit(After)
            && (c != '—' || (char.IsAsciiDigit(Before) && char.IsAsciiDigit(After)))) _joined = true;
        else if (c == '#' && char.IsAsciiLetterOrDigit(After)) ReadHash();
        else if (c == '&') AddWord("and");
        else if (c == '?') Add("?", PromptWordKind.Question);
        else if (IsBreak(rune)) AddBreak(c is '.' or '!' ? "." : ",");
        else Add(rune == Rune.ReplacementChar ? c.ToString() : rune.ToString(), reading.Units.ContainsKey(c.ToString()) && char.IsAsciiDigit(LastFigure())
            ? PromptWordKind.Unit : PromptWordKind.Symbol);
        _at += length;
    }

    private bool IsSignOfNumber() => char.IsAsciiDigit(After) && Before is ' ' or '(' or '[' or '"' or '\'';

    /// <summary>The last character that is no blank.</summary>
    private char LastFigure() => Before == ' ' && _at > 1 ? At(_at - 2) : Before;

    private void ReadSignedNumber()
    {
        if (!char.IsAsciiDigit(After))
        {
            AddBreak(",");
            return;
        }

        var before = _words.Count;
        _at++;
        ReadWord();
        _at--;
        _words[before] = _words[before] with { Text = "-" + _words[before].Text };
    }

    /// <summary>Reads a colour's hex code, a tag, or a number sign together with what follows.</summary>
    private void ReadHash()
    {
        var start = _at++;
        while (_at < text.Length && char.IsAsciiLetterOrDigit(At(_at))) _at++;
        Add(Cut(start, _at).ToLowerInvariant(), PromptWordKind.Word);
        _at--;
    }

    private static bool IsBreak(Rune rune) => rune.Value is not ('%' or '@' or '*' or '/' or '\\' or '§' or '†')
        && (rune.Value == '|' || Rune.GetUnicodeCategory(rune) is UnicodeCategory.OtherPunctuation or UnicodeCategory.DashPunctuation
            or UnicodeCategory.OpenPunctuation
            or UnicodeCategory.ClosePunctuation or UnicodeCategory.InitialQuotePunctuation or UnicodeCategory.FinalQuotePunctuation
            or UnicodeCategory.ConnectorPunctuation);

    private void AddBreak(string mark)
    {
        if (_words.Count == 0) return;
        if (_words[^1].Kind != PromptWordKind.Break) Add(mark, PromptWordKind.Break);
        else if (mark == ".") _words[^1] = _words[^1] with { Text = mark };
    }

    private void Add(string word, PromptWordKind kind)
    {
        _words.Add(new(word, kind, _joined, IsQuoted));
        _joined = false;
    }
}
