using RemixProxy.Adapters;

namespace RemixProxy.Exchanges;

/// <summary>Counts the clips that the answers of an operation hold as base64, which are read past, and knows which of them is wanted.</summary>
/// <param name="wanted">The clip to open; null: none.</param>
/// <param name="patience">How long the provider may be silent in the middle of an opened clip.</param>
/// <param name="time">The clock.</param>
internal sealed class AnswerClips(ClipMark? wanted, TimeSpan patience, TimeProvider time)
{
    private int _count;

    /// <summary>Whether a clip is looked for.</summary>
    public bool IsSearch => wanted is not null;

    /// <summary>The wanted clip, once it is found. Its receiver disposes it.</summary>
    public ClipStream? Found { get; private set; }

    /// <summary>The number of the next clip.</summary>
    public int Next() => _count++;

    /// <summary>Whether a clip is the one to open.</summary>
    public bool IsWanted(int number) => wanted?.Number == number;

    /// <summary>Opens the wanted clip.</summary>
    /// <param name="response">The response that has it.</param>
    /// <param name="source">The rest of the response's body.</param>
    /// <param name="text">What was read of the clip's text, and behind it.</param>
    public void Open(HttpResponseMessage response, Stream source, ReadOnlySpan<byte> text) =>
        Found = new(response, source, text, wanted!.Value.Length, patience, time);
}
