using System.Text.RegularExpressions;

namespace RemixProxy.Tests.Golden;

/// <summary>
/// A page of golden cases, <c>Golden/{provider}/{page}.md</c>, headed <c># {provider}: {page}</c>. A case is a <c>## heading</c> and the fenced blocks below;
/// the word after the fence's language says what a block holds, prose may stand anywhere:
/// <list type="bullet">
/// <item><c>unified</c>: what is asked for. On the page <c>refusals</c> it may name another <c>operation</c> than create.</item>
/// <item><c>native</c>: what the adapter sends: <c>POST uploads</c>, then headers, then the body. Added to the first line, each after <c> · </c>:
/// <c>preliminary</c> (not the operation's own exchange), <c>without key</c>, <c>after 00:00:02</c> (it waits so long), <c>multipart</c> (the body lists the
/// parts), <c>file</c> (the body is that file). Each line <c>@media:</c> describes the file that is streamed in place of the next "@media".</item>
/// <item><c>answer</c>: the status, then headers, then the body; a short one on one line. JSON laid out over several lines arrives without layout;
/// a <c>text</c> block may hold anything.</item>
/// <item>Its end, one of <c>video</c> (what callers see, as far as <see cref="GoldenRun"/> does not imply it), <c>refused</c> (by the provider),
/// <c>request_error</c> (before anything is sent), <c>unreadable</c> (an answer), <c>unsupported</c>. What is null is left out of a refusal.</item>
/// </list>
/// Natives and answers stand in wire order. A first section <c>## defaults</c> lends each kind of them, and <c>unified</c>, to the cases that have none of that
/// kind. In a block <c>‹a × 1000›</c> stands for so many of the character.
/// </summary>
internal sealed partial class GoldenPage
{
    private const string DefaultsHeading = "defaults";
    private static readonly string[] Ends = ["video", "refused", "request_error", "unreadable", "unsupported"];

    private readonly string[] _lines;
    private readonly string _name;

    /// <summary>Reads a page.</summary>
    /// <param name="provider">The adapter's type, which the page's folder and title name.</param>
    /// <param name="title">The file's name without its end.</param>
    /// <param name="text">The whole page.</param>
    /// <exception cref="InvalidDataException">Something on it is not as it must be; the message names page and line.</exception>
    public GoldenPage(string provider, string title, string text)
    {
        (Provider, Title, _name, _lines) = (provider, title, $"{provider}/{title}.md", text.Split('\n'));
        if (_lines[0] != $"# {provider}: {title}") throw Fault(0, $"the page begins with '# {provider}: {title}'");
        var sections = ReadSections();
        foreach (var again in sections.GroupBy(s => s.Heading, StringComparer.OrdinalIgnoreCase).SelectMany(s => s.Skip(1)))
            throw Fault(again.Line, $"the heading '{again.Heading}' stands twice");
        var defaults = sections is [{ Heading: DefaultsHeading } first, ..] ? first : null;
        Cases = [.. sections.Where(s => s != defaults).Select(s => s.With(defaults))];
        if (Cases.FirstOrDefault(c => c.Unified is null) is { } without) throw Fault(without.Line, $"'{without.Heading}' has no 'unified'");
        if (Cases.FirstOrDefault(c => c.Heading == DefaultsHeading) is { } late) throw Fault(late.Line, "the defaults stand first");
    }

    public string Provider { get; }

    public string Title { get; }

    /// <summary>The cases, in the page's order, with what the defaults lend them.</summary>
    public IReadOnlyList<GoldenCase> Cases { get; }

    public InvalidDataException Fault(int line, string message) => new($"{_name}:{line + 1}: {message}.");

    /// <summary>The page with what the adapter does now; prose and inputs stay as they are.</summary>
    public string With(GoldenCase one, IReadOnlyList<GoldenBlock> sent, GoldenBlock end)
    {
        List<(int Line, int Length, GoldenBlock? Block)> edits = [];
        var last = one.Own.Select(b => b.Line + b.Length).Append(one.Line + 1).Max();
        var afterInput = one.Own.Where(b => b.Word == "unified").Select(b => b.Line + b.Length).Append(one.Line + 1).Max();
        GoldenBlock[] own = [.. one.Own.Where(b => b.Word == "native")], answers = [.. one.Own.Where(b => b.Word == "answer")];
        if (own.Length > 0 || !Same(one.Natives, sent))
        {
            for (var i = 0; i < Math.Max(own.Length, sent.Count); i++)
            {
                if (i >= sent.Count) edits.Add((own[i].Line, own[i].Length, null));
                else if (i >= own.Length) edits.Add((i < answers.Length ? answers[i].Line : answers.Length > 0 ? last : afterInput, 0, sent[i]));
                else if (own[i].Facts != sent[i].Facts) edits.Add((own[i].Line, own[i].Length, sent[i]));
            }
        }

        if (one.End is not { } old) edits.Add((last, 0, end));
        else if (old.Facts != end.Facts) edits.Add((old.Line, old.Length, end));

        List<string> lines = [.. _lines];
        foreach (var (line, length, block) in edits.AsEnumerable().Reverse().OrderByDescending(e => e.Line))
        {
            lines.RemoveRange(line, length);
            if (block is not null) lines.InsertRange(line, block.Write());
        }

        return string.Join('\n', lines);
    }

    public static bool Same(IReadOnlyList<GoldenBlock> a, IReadOnlyList<GoldenBlock> b) => a.Select(x => x.Facts).SequenceEqual(b.Select(x => x.Facts));

    private List<GoldenCase> ReadSections()
    {
        List<GoldenCase> sections = [];
        for (var i = 1; i < _lines.Length; i++)
        {
            var line = _lines[i];
            if (line.StartsWith("## ", StringComparison.Ordinal)) sections.Add(new(line[3..].Trim(), i, []));
            else if (line.StartsWith('#')) throw Fault(i, $"'{line}' is no heading of a page");
            if (!line.StartsWith("```", StringComparison.Ordinal)) continue;
            if (sections is not [.., var section]) throw Fault(i, "a block stands above the first heading");
            var block = ReadBlock(i);
            if (block.Word is not ("native" or "answer") && section.Own.Any(b => b.Word == block.Word || (Ends.Contains(b.Word) && Ends.Contains(block.Word))))
                throw Fault(i, $"'{section.Heading}' has a '{block.Word}' too many");
            if (section.Heading == DefaultsHeading && Ends.Contains(block.Word)) throw Fault(i, $"each case has its own '{block.Word}'");
            if (section.End is not null) throw Fault(i, $"'{section.Heading}' ends with its '{section.End.Word}'");
            sections[^1] = section with { Own = [.. section.Own, block] };
            i += block.Length - 1;
        }

        return sections;
    }

    private GoldenBlock ReadBlock(int line)
    {
        if (Fence().Match(_lines[line]) is not { Success: true } fence) throw Fault(line, $"'{_lines[line]}' opens no block");
        var (language, word) = (fence.Groups["language"].Value, fence.Groups["word"].Value);
        if (word is not ("unified" or "native" or "answer") && !Ends.Contains(word)) throw Fault(line, $"'{word}' is no word for a block");
        if (language == "text" && word != "answer") throw Fault(line, $"'{word}' is JSON");
        var end = Array.IndexOf(_lines, "```", line);
        if (end < 0) throw Fault(line, "the block does not end");
        try
        {
            return GoldenBlock.Read(language, word, _lines[(line + 1)..end]) with { Line = line, Length = end - line + 1 };
        }
        catch (FormatException e)
        {
            throw Fault(line, e.Message);
        }
    }

    [GeneratedRegex("^```(?<language>json|text) (?<word>[a-z_]+)$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Fence();
}

/// <summary>A section of a page.</summary>
/// <param name="Heading">What the case is about.</param>
/// <param name="Line">Where the heading stands, counted from zero.</param>
/// <param name="Own">The blocks below it, in order.</param>
internal sealed record GoldenCase(string Heading, int Line, IReadOnlyList<GoldenBlock> Own)
{
    private GoldenCase? Defaults { get; init; }

    public GoldenBlock? Unified => All("unified").FirstOrDefault();

    public IReadOnlyList<GoldenBlock> Natives => AsksNobody ? All("native", lent: false) : All("native");

    public IReadOnlyList<GoldenBlock> Answers => AsksNobody ? All("answer", lent: false) : All("answer");

    /// <summary>How it ends; null where nobody has written that yet.</summary>
    public GoldenBlock? End => Own.FirstOrDefault(b => b.Word is not ("unified" or "native" or "answer"));

    private bool AsksNobody => End?.Word is "request_error" or "unsupported";

    public GoldenCase With(GoldenCase? defaults) => this with { Defaults = defaults };

    private GoldenBlock[] All(string word, bool lent = true) =>
        Own.Where(b => b.Word == word).ToArray() is { Length: > 0 } own ? own : lent && Defaults is not null ? Defaults.All(word) : [];
}
