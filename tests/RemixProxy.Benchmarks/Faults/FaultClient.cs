using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json.Nodes;

namespace RemixProxy.Benchmarks.Faults;

/// <summary>The callers' side of the wire, with what a balancer does: what a replica refuses to connect goes to the other.</summary>
internal sealed class FaultClient(ServerProcess[] replicas, Laws laws) : IDisposable
{
    private readonly long _started = Stopwatch.GetTimestamp();

    private static readonly int[] Expected = [200, 206, 409, 424, 429, 502, 503, 504];

    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false, UseCookies = false, AllowAutoRedirect = false })
    {
        Timeout = TimeSpan.FromSeconds(100),
    };

    /// <summary>How often each kind of call was answered what.</summary>
    public ConcurrentDictionary<(string Kind, string Answer), int> Counts { get; } = new();

    /// <summary>How long answers took, by kind, in ticks of <see cref="Stopwatch"/>.</summary>
    public ConcurrentDictionary<string, ConcurrentQueue<long>> Times { get; } = new();

    /// <summary>The key of a caller.</summary>
    public static string KeyOf(int caller) => $"caller-{caller}-key-for-the-faults";

    public void Dispose() => _http.Dispose();

    /// <summary>Submits a wish once.</summary>
    /// <returns>The answer, and whether an SDK would try again after how long.</returns>
    public async Task<(Answer Answer, TimeSpan? Again)> SubmitAsync(Wish wish, int retry)
    {
        var reply = await SendAsync("submit", wish.Caller, () =>
        {
            var request = new HttpRequestMessage(HttpMethod.Post, "v1/videos")
            {
                Content = JsonContent.Create(new JsonObject { ["model"] = wish.Model, ["prompt"] = wish.Prompt, ["seconds"] = "4", ["size"] = "1280x720" }),
            };
            if (wish.Manner is Manner.Keyed or Manner.KeyedTwice) request.Headers.Add("Idempotency-Key", $"key-of-{wish.Number}");
            if (wish.Manner != Manner.Once) request.Headers.Add("X-Stainless-Retry-Count", $"{retry}");
            if (wish.IsCached) request.Headers.Add("x-remix-cache", "semantic");
            return request;
        });
        var answer = new Answer(reply.Status, reply.Code, reply.Replica + 1, Elapsed);
        wish.Add(answer);
        if (reply.Status == 200 && See(wish, reply) is { } id)
            laws.See(Laws.Own, wish.TryIdentify(id), () => $"wish {wish.Number} has two videos: {wish.Id} and {id}");
        var again = reply.Status is 0 or 408 or 409 or 429 or >= 500 && reply.MayRetry;
        return (answer, again ? reply.RetryAfter : null);
    }

    /// <summary>Retrieves a video. The answer holds how long to wait with the next.</summary>
    public async Task<Reply> RetrieveAsync(Wish wish, ServerProcess? replica = null)
    {
        var before = wish.Seen;
        var reply = await SendAsync("poll", wish.Caller, () => new(HttpMethod.Get, $"v1/videos/{wish.Id}"), replica);
        if (reply.Status != 200 || See(wish, reply) is null) return reply;
        var (status, progress) = (Text(reply, "status"), reply.Json!["progress"]!.GetValue<int>());
        var goesBack = before.Status is "completed" or "failed" ? status != before.Status : progress < before.Progress;
        laws.See(Laws.Forward, !goesBack, () => $"{wish.Id} was {before}, is {(status, progress)} at {Elapsed.TotalSeconds:F1} s");
        wish.See(status, progress);
        return reply;
    }

    /// <summary>Downloads a completed video, or a part of it.</summary>
    public async Task<Reply> DownloadAsync(Wish wish, bool isPart)
    {
        var clip = Wish.ClipOf(wish.Number);
        var (from, to) = isPart ? (clip.Length / 3, clip.Length / 2) : (0, clip.Length - 1);
        var reply = await SendAsync("download", wish.Caller, () =>
        {
            var request = new HttpRequestMessage(HttpMethod.Get, $"v1/videos/{wish.Id}/content");
            if (isPart) request.Headers.Range = new(from, to);
            return request;
        });
        if (reply.Status is 200 or 206)
        {
            laws.See(
                Laws.Bytes, reply.Status == (isPart ? 206 : 200) && reply.Body.AsSpan().SequenceEqual(clip.AsSpan(from..(to + 1))),
                () => $"{wish.Id}: {reply.Status} with {reply.Body.Length} bytes of {clip.Length}");
        }

        laws.See(Laws.Forward, reply.Status != 409, () => $"{wish.Id} was completed, and is not ready: {reply.Code}");
        return reply;
    }

    /// <summary>The ids in a caller's list, with their prompts; null where a page could not be had.</summary>
    public async Task<Dictionary<string, string>?> ListAsync(int caller, ServerProcess replica)
    {
        var all = new Dictionary<string, string>(StringComparer.Ordinal);
        for (string? after = null; ;)
        {
            var reply = await SendAsync("list", caller, () => new(HttpMethod.Get, $"v1/videos?limit=100{(after is null ? "" : "&after=" + after)}"), replica);
            if (reply.Status != 200) return null;
            foreach (var video in reply.Json!["data"]!.AsArray()) all.Add(video!["id"]!.GetValue<string>(), video["prompt"]!.GetValue<string>());
            if (!reply.Json["has_more"]!.GetValue<bool>()) return all;
            after = Text(reply, "last_id");
        }
    }

    private TimeSpan Elapsed => Stopwatch.GetElapsedTime(_started);

    private static string Text(Reply reply, string name) => reply.Json![name]!.GetValue<string>();

    /// <returns>The id of the video; null where it is not that of the wish.</returns>
    private string? See(Wish wish, Reply reply)
    {
        var isOwn = reply.Json?["prompt"]?.GetValue<string>() == wish.Prompt && (wish.Id is null || Text(reply, "id") == wish.Id);
        laws.See(Laws.Own, isOwn, () => $"wish {wish.Number}, {wish.Id}: {reply.Text}");
        return isOwn ? Text(reply, "id") : null;
    }

    private async Task<Reply> SendAsync(string kind, int caller, Func<HttpRequestMessage> make, ServerProcess? wanted = null)
    {
        for (var (tried, replica) = (1, Random.Shared.Next(replicas.Length)); ; tried++, replica = (replica + 1) % replicas.Length)
        {
            using var request = make();
            request.RequestUri = new((wanted ?? replicas[replica]).Address, request.RequestUri!);
            request.Headers.Authorization = new("Bearer", KeyOf(caller));
            var begun = Stopwatch.GetTimestamp();
            try
            {
                using var response = await _http.SendAsync(request);
                var reply = await Reply.ReadAsync(response);
                Times.GetOrAdd(kind, _ => new()).Enqueue(Stopwatch.GetTimestamp() - begun);
                Count(kind, $"{reply.Status} {reply.Code}".TrimEnd());
                laws.See(Laws.Known, Expected.Contains(reply.Status), () => $"{kind} at {Elapsed.TotalSeconds:F1} s: {reply.Status} {reply.Text}");
                return reply with { Replica = replica };
            }
            catch (HttpRequestException e) when (e.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionRefused }
                && tried <= replicas.Length)
            {
                Count(kind, "refused to connect, sent to the other replica");
            }
            catch (Exception e) when (e is HttpRequestException or IOException)
            {
                Count(kind, "the connection broke");
                return Reply.Lost with { Replica = replica };
            }
        }
    }

    private void Count(string kind, string answer) => Counts.AddOrUpdate((kind, answer), 1, (_, count) => count + 1);

    /// <summary>An answer, read whole.</summary>
    internal sealed record Reply(int Status, byte[] Body, JsonNode? Json, bool MayRetry, TimeSpan RetryAfter, TimeSpan PollAfter)
    {
        public static Reply Lost { get; } = new(0, [], null, MayRetry: true, TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(1));

        public int Replica { get; init; }

        public string Code => Status < 400 || Json?["error"]?["code"] is not { } code ? "" : code.GetValue<string>();

        public string Text => Json?.ToJsonString() ?? $"{Body.Length} bytes";

        public static async Task<Reply> ReadAsync(HttpResponseMessage response)
        {
            var body = await response.Content.ReadAsByteArrayAsync();
            var isJson = response.Content.Headers.ContentType?.MediaType == "application/json" && body.Length > 0;
            var pollAfter = response.Headers.TryGetValues("openai-poll-after-ms", out var wait) ? int.Parse(wait.First()) : 1_000;
            return new((int)response.StatusCode, body, isJson ? JsonNode.Parse(body) : null,
                !response.Headers.TryGetValues("x-should-retry", out var should) || should.First() != "false",
                response.Headers.RetryAfter?.Delta ?? TimeSpan.FromSeconds(0.5), TimeSpan.FromMilliseconds(pollAfter));
        }
    }
}
