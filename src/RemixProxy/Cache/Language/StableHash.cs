namespace RemixProxy.Cache.Language;

/// <summary>A hash that is the same in every process and on every machine: FNV-1a over UTF-16 code units, finished by the mixer of SplitMix64.</summary>
internal static class StableHash
{
    public const ulong Start = 14695981039346656037;

    private const ulong Prime = 1099511628211;

    public static ulong Of(ReadOnlySpan<char> text, ulong hash = Start) => Mix(Add(hash, text));

    /// <summary>Continues a hash with a text, without the final mixing.</summary>
    public static ulong Add(ulong hash, ReadOnlySpan<char> text)
    {
        foreach (var c in text) hash = (hash ^ c) * Prime;
        return hash;
    }

    public static ulong Mix(ulong hash)
    {
        hash += 0x9E3779B97F4A7C15;
        hash = (hash ^ (hash >> 30)) * 0xBF58476D1CE4E5B9;
        hash = (hash ^ (hash >> 27)) * 0x94D049BB133111EB;
        return hash ^ (hash >> 31);
    }
}
