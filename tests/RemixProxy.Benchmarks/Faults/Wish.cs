using System.Globalization;
using RemixProxy.Benchmarks.Load;

namespace RemixProxy.Benchmarks.Faults;

/// <summary>Something that a caller wants once, and what came of it. All of it but that follows from its number, at both ends of the wire.</summary>
internal sealed class Wish(int number)
{
    /// <summary>The reason of a video that comes to nothing.</summary>
    public const string FailureCode = "renderer_gave_up";

    /// <summary>Who calls.</summary>
    public const int Callers = 8;

    private const string Mark = ", take ";

    private readonly Lock _lock = new();
    private readonly List<Answer> _answers = [];

    public int Number => number;

    /// <summary>Its caller's number.</summary>
    public int Caller => number % Callers;

    public string Prompt { get; } = Prompts.Of(number) + Mark + number.ToString(CultureInfo.InvariantCulture);

    /// <summary>One of two accounts, or both in turn.</summary>
    public string Model => (number % 3) switch { 0 => "film", 1 => "alpha/sora-2", _ => "beta/sora-2" };

    public Manner Manner => (Manner)(number / Callers % 4);

    /// <summary>Whether the cache may answer it; no other wish means the same.</summary>
    public bool IsCached => number % 10 == 3;

    /// <summary>The id of its video, once a caller has one.</summary>
    public string? Id { get; private set; }

    /// <summary>The furthest that a caller has seen of its video.</summary>
    public (string Status, int Progress) Seen { get; private set; } = ("", 0);

    /// <summary>Whether the video was seen to have ended.</summary>
    public bool IsEnded => Seen.Status is "completed" or "failed";

    /// <summary>What callers were answered, in order.</summary>
    public IReadOnlyList<Answer> Answers
    {
        get
        {
            lock (_lock) return [.. _answers];
        }
    }

    public static int NumberOf(string prompt) => int.Parse(prompt[(prompt.LastIndexOf(Mark, StringComparison.Ordinal) + Mark.Length)..]);

    public static bool EndsFailed(int number) => number % 20 == 7;

    /// <summary>The bytes of its video; no two wishes share them.</summary>
    public static byte[] ClipOf(int number)
    {
        // From a seed the same numbers come in every process.
        var random = new Random(number);
        var bytes = new byte[random.Next(32 << 10, 256 << 10)];
        random.NextBytes(bytes);
        return bytes;
    }

    public void Add(Answer answer)
    {
        lock (_lock) _answers.Add(answer);
    }

    /// <summary>Notes the id of its video. False if it had another one.</summary>
    public bool TryIdentify(string id)
    {
        lock (_lock) return (Id ??= id) == id;
    }

    /// <summary>Notes a state that a caller was shown.</summary>
    public void See(string status, int progress)
    {
        lock (_lock)
        {
            if (!IsEnded && (progress >= Seen.Progress || status is "completed" or "failed")) Seen = (status, progress);
        }
    }
}

/// <summary>How its caller asks.</summary>
internal enum Manner
{
    /// <summary>Once, whatever is answered.</summary>
    Once,

    /// <summary>Again where an SDK does, with <c>X-Stainless-Retry-Count</c>.</summary>
    Sdk,

    /// <summary>Again where an SDK does, with an <c>Idempotency-Key</c>.</summary>
    Keyed,

    /// <summary>The same twice at once.</summary>
    KeyedTwice,
}

/// <summary>What a submit was answered.</summary>
/// <param name="Status">The status; 0 where the connection broke.</param>
/// <param name="Code">The error's.</param>
/// <param name="Replica">Who answered.</param>
/// <param name="At">When, from the start.</param>
internal sealed record Answer(int Status, string Code, int Replica, TimeSpan At)
{
    public override string ToString() => $"{Status} {Code} by {Replica} at {At.TotalSeconds:F1} s";

    /// <summary>Whether it says that nothing was created.</summary>
    public bool SaysNothingCreated => Status is 429 or 502 or 503 or 504;
}
