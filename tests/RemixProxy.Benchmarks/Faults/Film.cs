using System.Text.Json.Nodes;

namespace RemixProxy.Benchmarks.Faults;

/// <summary>A video at the provider: what it is now follows from its age.</summary>
internal sealed record Film(int Wish, string Prompt, DateTimeOffset Begun)
{
    /// <summary>Whether it comes to nothing, by the provider's own word.</summary>
    public bool IsFailed => Faults.Wish.EndsFailed(Wish);

    private double Share => (DateTimeOffset.UtcNow - Begun).TotalSeconds / (4 + (Wish % 12));

    /// <summary>As the Videos API shows it.</summary>
    public JsonObject Describe(string id)
    {
        var (share, answer) = (Share, new JsonObject
        {
            ["id"] = id, ["object"] = "video", ["model"] = "sora-2", ["created_at"] = Begun.ToUnixTimeSeconds(), ["size"] = "1280x720", ["seconds"] = "4",
        });
        // Some servers show the prompt again, others don't.
        if (Wish % 2 == 0) answer["prompt"] = Prompt;
        answer["status"] = share < 0.2 ? "queued" : share < 1 ? "in_progress" : IsFailed ? "failed" : "completed";
        answer["progress"] = share < 1 ? (int)(share * 100) : 100;
        if (share >= 1 && IsFailed) answer["error"] = new JsonObject { ["code"] = Faults.Wish.FailureCode, ["message"] = "The renderer gave up." };
        return answer;
    }
}
