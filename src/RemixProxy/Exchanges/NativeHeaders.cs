using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Net.Http.Headers;

namespace RemixProxy.Exchanges;

/// <summary>The headers of a response and its content as they came. Adapters look for one or two at most, so none is copied before.</summary>
internal sealed class NativeHeaders(HttpResponseMessage response) : IReadOnlyDictionary<string, string>
{
    public IEnumerable<string> Keys => this.Select(h => h.Key);

    public IEnumerable<string> Values => this.Select(h => h.Value);

    public int Count => Keys.Count();

    public string this[string key] => TryGetValue(key, out var value) ? value : throw new KeyNotFoundException(key);

    public bool ContainsKey(string key) => TryGetValue(key, out _);

    // What stands in both counts as the content's.
    public bool TryGetValue(string key, [MaybeNullWhen(false)] out string value)
    {
        var isThere = response.Content.Headers.NonValidated.TryGetValues(key, out var values) || response.Headers.NonValidated.TryGetValues(key, out values);
        value = isThere ? values.ToString() : null;
        return isThere;
    }

    public IEnumerator<KeyValuePair<string, string>> GetEnumerator()
    {
        var all = response.Headers.NonValidated.Concat<KeyValuePair<string, HeaderStringValues>>(response.Content.Headers.NonValidated);
        return all.GroupBy(h => h.Key, StringComparer.OrdinalIgnoreCase).Select(h => KeyValuePair.Create(h.Key, h.Last().Value.ToString())).GetEnumerator();
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
