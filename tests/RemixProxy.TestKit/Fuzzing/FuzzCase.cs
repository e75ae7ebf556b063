using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace RemixProxy.TestKit.Fuzzing;

/// <summary>
/// One random case. All that it draws follows from its seed, and each of its changes from the seed and the change's number, so that a change can be left out
/// while the others stay as they are.
/// </summary>
/// <param name="seed">The seed.</param>
/// <param name="without">The numbers of the changes that are left out.</param>
internal sealed class FuzzCase(long seed, IReadOnlySet<int> without)
{
    private const int LongestNote = 6_000;

    private readonly StringBuilder _notes = new();

    public long Seed { get; } = seed;

    /// <summary>Draws what the case begins with.</summary>
    public Random Random { get; } = RandomOf(seed, -1);

    /// <summary>How many changes there were, with those that were left out.</summary>
    public int Changes { get; private set; }

    /// <summary>What a failure shows of the case.</summary>
    public string Notes => _notes.ToString();

    /// <summary>One of several.</summary>
    public T OneOf<T>(IReadOnlyList<T> items) => items[Random.Next(items.Count)];

    /// <summary>A value after up to <paramref name="most"/> changes; in one of ten cases it stays as it is.</summary>
    public T Change<T>(T value, Func<Random, T, T> change, int most = 3)
    {
        var count = Random.Next(10) == 0 ? 0 : Random.Next(1, most + 1);
        for (var i = 0; i < count; i++)
        {
            var number = Changes++;
            if (!without.Contains(number)) value = change(RandomOf(Seed, number), value);
        }

        return value;
    }

    /// <summary>Notes an input. What is long is cut, because the seed makes it again.</summary>
    public void Note(string name, string text)
    {
        _notes.Append(name).Append(": ");
        foreach (var c in text.Length <= LongestNote ? text : text[..LongestNote])
        {
            // Half a character, and what would move the cursor, is shown by its number.
            if (char.IsControl(c) || char.IsSurrogate(c)) _notes.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
            else _notes.Append(c);
        }

        if (text.Length > LongestNote) _notes.Append(CultureInfo.InvariantCulture, $"… ({text.Length} characters)");
        _notes.AppendLine();
    }

    /// <summary>Notes an input of bytes: as text, and where they are no UTF-8 as base64 too.</summary>
    public void Note(string name, ReadOnlySpan<byte> bytes)
    {
        Note(name, Encoding.UTF8.GetString(bytes));
        if (!Utf8.IsValid(bytes)) Note("  in base64", Convert.ToBase64String(bytes));
    }

    // Neighbouring seeds would begin alike. The constants are SplitMix64's.
    private static Random RandomOf(long seed, int number)
    {
        var mixed = unchecked(((ulong)seed * 0x9E3779B97F4A7C15) + ((ulong)(number + 2) * 0xD1B54A32D192ED03));
        mixed = unchecked((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9);
        mixed = unchecked((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB);
        return new((int)(mixed ^ (mixed >> 31)));
    }
}
