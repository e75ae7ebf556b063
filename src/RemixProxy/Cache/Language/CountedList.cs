using System.Collections;

namespace RemixProxy.Cache.Language;

/// <summary>A list that counts every look at one of its elements.</summary>
internal sealed class CountedList<T>(List<T> items, ReadingSteps steps) : IReadOnlyList<T>
{
    public int Count => items.Count;

    public T this[int at]
    {
        get
        {
            steps.Count++;
            return items[at];
        }

        set => items[at] = value;
    }

    public void Add(T item) => items.Add(item);

    public IEnumerator<T> GetEnumerator()
    {
        foreach (var item in items)
        {
            steps.Count++;
            yield return item;
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
