using System.Globalization;
using System.Text.Json.Nodes;
using RemixProxy.Adapters;
using RemixProxy.Contract;

namespace RemixProxy.Operations.Submit;

/// <summary>
/// Turns the parts of a form into fields. <c>video[id]</c> is a member of an object; <c>tags[]</c> and <c>tags[0]</c> are elements of an array.
/// </summary>
internal static class FormFields
{
    private const int MaxNesting = 8;
    private const int MaxElements = 256;

    /// <summary>Makes the fields of a form, in the order of their first parts.</summary>
    /// <exception cref="ApiException">400 that names a field that is given twice, or whose name can't be read.</exception>
    public static IReadOnlyList<GivenField> Of(IReadOnlyList<MultipartPart> parts)
    {
        var root = new Node();
        foreach (var part in parts) Put(root, part);
        if (root.Members is not { } fields) return [];
        if (fields.FirstOrDefault(f => f.Value.HidesFile).Key is { } hiding)
        {
            var shown = FieldNames.Shown(hiding);
            throw new ApiException(ApiError.Invalid(shown, $"'{shown}' can't hold a file under a name of its own; send the file as '{shown}'."));
        }

        return [.. fields.Select(m => new GivenField(m.Key, m.Value.ToJson(), m.Value.ToValues()))];
    }

    /// <summary>The name of the field that a part belongs to: <c>images</c> for <c>images[0]</c>.</summary>
    public static string FieldOf(string part) => PathOf(part)[0];

    private static string[] PathOf(string name) =>
        name.EndsWith(']') && name.IndexOf('[', StringComparison.Ordinal) is > 0 and var at
            ? [name[..at], .. name[(at + 1)..^1].Split("][", StringSplitOptions.None)]
            : [name];

    private static void Put(Node root, MultipartPart part)
    {
        var path = PathOf(part.Name);
        var shown = FieldNames.Shown(path[0]);
        if (path.Length > MaxNesting) throw new ApiException(ApiError.Invalid(shown, $"'{shown}' is nested too deeply."));
        var node = root;
        for (var i = 0; i < path.Length; i++)
        {
            var next = i == 0 ? node.Member(path[0]) : node.Child(path[i], path.ElementAtOrDefault(i + 1));
            node = next ?? throw Twice(path[0]);
        }

        if (!node.TrySet(part)) throw Twice(path[0]);
    }

    private static ApiException Twice(string field) => new(ApiError.Invalid(
        FieldNames.Shown(field), $"'{FieldNames.Shown(field)}' is given twice, or in two ways that exclude each other."));

    /// <summary>A value under construction: a part, an object, or an array.</summary>
    private sealed class Node
    {
        private MultipartPart? _part;
        private SortedDictionary<int, Node>? _elements;

        public Dictionary<string, Node>? Members { get; private set; }

        /// <summary>Whether a file stands below, other than as this value or an element of it.</summary>
        public bool HidesFile => (Members?.Values ?? Enumerable.Empty<Node>()).Concat(_elements?.Values.SelectMany(e => e.Below) ?? []).Any(n => n.HasFile);

        private IEnumerable<Node> Below => (Members?.Values ?? Enumerable.Empty<Node>()).Concat(_elements?.Values ?? Enumerable.Empty<Node>());

        private bool HasFile => _part?.File is not null || Below.Any(n => n.HasFile);

        public Node? Member(string name)
        {
            if (_part is not null || _elements is not null) return null;
            Members ??= new(StringComparer.Ordinal);
            if (Members.TryGetValue(name, out var known)) return known;
            return Members[name] = new();
        }

        /// <param name="key">A member's name, an element's number, or nothing for the next element.</param>
        /// <param name="next">The key below it. <c>a[][x]</c> and <c>a[][y]</c> are one element, and a second <c>a[][x]</c> begins another.</param>
        public Node? Child(string key, string? next)
        {
            if (key.Length > 0 && !key.All(char.IsAsciiDigit)) return Member(key);
            if (_part is not null || Members is not null) return null;
            _elements ??= [];
            var last = _elements.Count == 0 ? null : _elements[_elements.Keys.Last()].Members;
            var index = key.Length > 0
                ? int.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : MaxElements
                : _elements.Keys.LastOrDefault(-1) + (next is not null && last?.ContainsKey(next) == false ? 0 : 1);
            if (index >= MaxElements) return null;
            if (_elements.TryGetValue(index, out var known)) return known;
            return _elements[index] = new();
        }

        public bool TrySet(MultipartPart part)
        {
            if (_part is not null || _elements is not null || Members is not null) return false;
            _part = part;
            return true;
        }

        public JsonNode? ToJson() => (_part, Members, _elements) switch
        {
            ({ } part, _, _) => part.Text,
            (_, { } members, _) => new JsonObject(members.Select(m => KeyValuePair.Create(m.Key, m.Value.ToJson()))),
            (_, _, { } elements) when elements.Values.Select(e => e.ToJson()).OfType<JsonNode>().ToArray() is { Length: > 0 } items => new JsonArray(items),
            _ => null,
        };

        public IReadOnlyList<GivenValue> ToValues() => _elements is null
            ? [new(ToJson(), _part?.File)]
            : [.. _elements.Values.Select(e => new GivenValue(e.ToJson(), e._part?.File))];
    }
}
