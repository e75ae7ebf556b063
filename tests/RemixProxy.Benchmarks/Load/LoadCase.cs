using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace RemixProxy.Benchmarks.Load;

/// <summary>One kind of request to one door, with what its answer must say.</summary>
/// <param name="address">Of the door.</param>
/// <param name="body">The body of each request, by its number.</param>
/// <param name="marker">What only the right answer holds.</param>
internal sealed class LoadCase(Uri address, Func<long, byte[]> body, string marker) : IDisposable
{
    /// <summary>The model that is asked for.</summary>
    public const string Model = "openai/sora-2";

    private readonly HttpClient _http = new(
        new SocketsHttpHandler { UseProxy = false, UseCookies = false, AllowAutoRedirect = false })
    { BaseAddress = address };
    private readonly byte[] _marker = Encoding.UTF8.GetBytes(marker);
    private long _next;

    /// <summary>A header of each request.</summary>
    public (string Name, string Value)? Header { get; init; }

    /// <summary>Requests in one slice at most; a case that leaves something behind is bounded.</summary>
    public int MaxCount { get; init; } = int.MaxValue;

    /// <summary>The body of a create.</summary>
    public static byte[] BodyOf(string prompt) =>
        Encoding.UTF8.GetBytes($$"""{"model":"{{Model}}","prompt":"{{JsonEncodedText.Encode(prompt)}}","seconds":"4","size":"1280x720"}""");

    /// <summary>Sends requests one after the other on as many connections as are asked for, for a time.</summary>
    /// <param name="concurrency">How many.</param>
    /// <param name="time">How long.</param>
    /// <param name="count">How many requests at most; null: <see cref="MaxCount"/>.</param>
    public async Task<Figure> RunAsync(int concurrency, TimeSpan time, int? count = null)
    {
        var (all, wrong, sample, left) = (new List<long>(1 << 14), 0, (string?)null, count ?? MaxCount);
        var started = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, concurrency).Select(_ => Task.Run(OneAsync)));
        return Figure.Of(all, Stopwatch.GetElapsedTime(started), wrong, sample);

        async Task OneAsync()
        {
            var ticks = new List<long>(1 << 12);
            while (Stopwatch.GetElapsedTime(started) < time && Interlocked.Decrement(ref left) >= 0)
            {
                var content = new ByteArrayContent(
                    body(Interlocked.Increment(ref _next) - 1))
                { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
                using var request = new HttpRequestMessage(HttpMethod.Post, "v1/videos") { Content = content };
                if (Header is var (name, value)) request.Headers.Add(name, value);
                var begun = Stopwatch.GetTimestamp();
                using var response = await _http.SendAsync(request);
                var answer = await response.Content.ReadAsByteArrayAsync();
                ticks.Add(Stopwatch.GetTimestamp() - begun);
                if (answer.AsSpan().IndexOf(_marker) >= 0) continue;
                Interlocked.Increment(ref wrong);
                sample = $"{(int)response.StatusCode} {Encoding.UTF8.GetString(answer)}";
            }

            lock (all) all.AddRange(ticks);
        }
    }

    public void Dispose() => _http.Dispose();
}
