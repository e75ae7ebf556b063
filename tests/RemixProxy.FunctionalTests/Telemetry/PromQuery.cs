using System.Text.RegularExpressions;

namespace RemixProxy.FunctionalTests.Telemetry;

/// <summary>The names in a PromQL expression that Prometheus has found well-formed.</summary>
internal sealed partial class PromQuery
{
    private static readonly HashSet<string> Words = ["and", "or", "unless", "bool", "offset", "inf", "nan"];
    private static readonly HashSet<string> Aggregators = ["sum", "count", "min", "max", "avg", "group", "topk", "bottomk", "quantile", "stddev", "stdvar",
        "count_values"];

    private readonly string[] _tokens;

    public PromQuery(string text)
    {
        _tokens = [.. Token().Matches(text).Select(m => m.Value)];
        for (var i = 0; i < _tokens.Length; i++)
        {
            var next = At(i + 1);
            if (_tokens[i] is "by" or "on" or "without" or "ignoring" or "group_left" or "group_right")
            {
                if (next == "(") i = ReadGrouping(i);
            }
            else if (Name().IsMatch(_tokens[i]) && next is not ("(" or "by" or "without") && !Words.Contains(_tokens[i]))
            {
                i = ReadSelector(i);
            }
        }
    }

    public List<Selector> Selectors { get; } = [];

    /// <summary>The labels that an aggregation or a matching names, and the selectors that have to have them.</summary>
    public List<(string[] Labels, Selector[] Of)> Groupings { get; } = [];

    /// <summary>The labels of what it answers: those of its first aggregation; null where it has none, and they are those of the first selector.</summary>
    public string[]? Labels { get; private set; }

    private string At(int index) => index < _tokens.Length ? _tokens[index] : "";

    /// <returns>The last token of the list.</returns>
    private int ReadGrouping(int keyword)
    {
        var end = Array.IndexOf(_tokens, ")", keyword);
        string[] labels = [.. _tokens[(keyword + 2)..end].Where(t => t != ",")];
        if (_tokens[keyword] is "by" or "without")
        {
            if (_tokens[keyword] == "by" && Selectors.Count == 0) Labels ??= [.. labels.Where(l => l != "le")];
            // The list stands before what it groups.
            Groupings.Add((labels, Inside(end + 1)));
        }
        else
        {
            Groupings.Add((labels, []));
        }

        return end;
    }

    /// <summary>The selectors between a parenthesis and its partner.</summary>
    private Selector[] Inside(int open)
    {
        if (At(open) != "(") throw new NotSupportedException("An aggregation's labels are written before what it aggregates.");
        var (depth, end) = (0, open);
        do
        {
            if (_tokens[end] == "(") depth++;
            else if (_tokens[end] == ")") depth--;
            end++;
        }
        while (depth > 0);
        return [.. new PromQuery(string.Join(' ', _tokens[open..end])).Selectors];
    }

    /// <returns>The last token of the selector.</returns>
    private int ReadSelector(int name)
    {
        // An aggregation over everything has no labels.
        if (Selectors.Count == 0 && Labels is null && _tokens[..name].Any(Aggregators.Contains)) Labels = [];
        var matchers = new List<(string Label, string Operator, string Value)>();
        var end = name;
        if (At(name + 1) == "{")
        {
            end = Array.IndexOf(_tokens, "}", name);
            for (var i = name + 2; i < end; i += 4) matchers.Add((_tokens[i], _tokens[i + 1], _tokens[i + 2][1..^1]));
        }

        Selectors.Add(new(_tokens[name], [.. matchers]));
        return end;
    }

    [GeneratedRegex("""
        "(\\.|[^"\\])*"|[a-zA-Z_:][a-zA-Z0-9_:]*|[0-9][0-9a-z.]*|=~|!~|!=|==|>=|<=|\S
        """, RegexOptions.ExplicitCapture | RegexOptions.IgnorePatternWhitespace, 1000)]
    private static partial Regex Token();

    [GeneratedRegex("^[a-zA-Z_:][a-zA-Z0-9_:]*$", RegexOptions.None, 1000)]
    private static partial Regex Name();

    /// <summary>A metric and what its labels have to be.</summary>
    internal sealed record Selector(string Metric, (string Label, string Operator, string Value)[] Matchers);
}
