using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using RemixProxy.Benchmarks.Load;

namespace RemixProxy.Benchmarks.Faults;

/// <summary>
/// An OpenAI-compatible provider in a process of its own. One call in five fails: submit, poll and download alike are refused, broken, cut off, left hanging or
/// slow. It counts which wish reached it how often, and what became of it.
/// </summary>
internal sealed class FaultyProvider
{
    /// <summary>The command that starts it.</summary>
    public const string Door = "faults-provider";

    /// <summary>Longer than it ever takes to answer; what it leaves hanging is cut then.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    private const double FaultShare = 0.2;

    private readonly ConcurrentQueue<Arrival> _arrivals = new();
    private readonly ConcurrentDictionary<string, Film> _films = new(StringComparer.Ordinal);
    private volatile bool _isCalm;
    private long _calls;
    private long _faults;

    /// <summary>Serves until nobody listens any more.</summary>
    public static async Task<int> ServeAsync()
    {
        var provider = new FaultyProvider();
        var (app, address) = await Doors.StartAsync(builder => builder.Services.AddRoutingCore(), app =>
        {
            app.UseRouting();
            app.MapPost("/{account}/v1/videos", provider.CreateAsync);
            app.MapGet("/{account}/v1/videos/{id}", provider.RetrieveAsync);
            app.MapGet("/{account}/v1/videos/{id}/content", provider.DownloadAsync);
            app.MapPost("/calm", () => { provider._isCalm = true; });
            app.MapGet("/tally", provider.TellAsync);
        });
        await using (app)
        {
            Console.WriteLine(address);
            await app.WaitForShutdownAsync();
            return 0;
        }
    }

    private static Task DelayAsync(HttpContext http, double least, double most) =>
        Task.Delay(TimeSpan.FromSeconds(least + (Random.Shared.NextDouble() * (most - least))), http.RequestAborted);

    private static Task WriteAsync(HttpContext http, int status, JsonNode answer)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "application/json";
        return http.Response.WriteAsync(answer.ToJsonString());
    }

    private static Task RefuseAsync(HttpContext http, int status)
    {
        if (status == StatusCodes.Status429TooManyRequests) http.Response.Headers.RetryAfter = "1";
        return WriteAsync(http, status, new JsonObject { ["error"] = new JsonObject { ["message"] = "Not now.", ["code"] = "busy" } });
    }

    private async Task CreateAsync(HttpContext http)
    {
        var body = await JsonNode.ParseAsync(http.Request.Body);
        var wish = Wish.NumberOf(body!["prompt"]!.GetValue<string>());
        var fault = NextFault();
        // Whether a submit that ended badly made a video after all, nobody but the provider knows.
        var isMade = fault is Fault.None or Fault.Slow || (fault != Fault.Refused && Random.Shared.Next(2) == 0);
        var film = new Film(wish, body["prompt"]!.GetValue<string>(), DateTimeOffset.UtcNow);
        var id = $"video_{Guid.NewGuid():N}";
        if (isMade) _films[id] = film;
        _arrivals.Enqueue(new(wish, fault != Fault.Refused, isMade ? id : null));
        if (fault != Fault.Refused) await DelayAsync(http, 1, 5);
        if (!await FailAsync(http, fault)) await WriteAsync(http, StatusCodes.Status200OK, film.Describe(id));
    }

    private async Task RetrieveAsync(HttpContext http, string id)
    {
        if (await FailAsync(http, NextFault())) return;
        if (_films.TryGetValue(id, out var film)) await WriteAsync(http, StatusCodes.Status200OK, film.Describe(id));
        else await RefuseAsync(http, StatusCodes.Status404NotFound);
    }

    private async Task DownloadAsync(HttpContext http, string id)
    {
        var fault = NextFault();
        // Half of the cut ones are cut in the midst of the bytes.
        var isCutLate = fault == Fault.Cut && Random.Shared.Next(2) == 0;
        if (!isCutLate && await FailAsync(http, fault)) return;
        if (!_films.TryGetValue(id, out var film) || film.IsFailed)
        {
            await RefuseAsync(http, StatusCodes.Status404NotFound);
            return;
        }

        var bytes = Wish.ClipOf(film.Wish);
        if (!isCutLate)
        {
            await Results.Bytes(bytes, "video/mp4", enableRangeProcessing: true).ExecuteAsync(http);
            return;
        }

        http.Response.ContentType = "video/mp4";
        http.Response.ContentLength = bytes.Length;
        await http.Response.Body.WriteAsync(bytes.AsMemory(0, bytes.Length / 2));
        await http.Response.Body.FlushAsync();
        http.Abort();
    }

    /// <returns>Whether the fault was the answer.</returns>
    private static async Task<bool> FailAsync(HttpContext http, Fault fault)
    {
        switch (fault)
        {
            case Fault.Refused:
                await RefuseAsync(http, StatusCodes.Status429TooManyRequests);
                return true;
            case Fault.Broken:
                await RefuseAsync(http, StatusCodes.Status500InternalServerError);
                return true;
            case Fault.Cut:
                http.Abort();
                return true;
            case Fault.Hanging:
                await Task.Delay(TimeSpan.FromMinutes(1), http.RequestAborted);
                return true;
            case Fault.Slow:
                await DelayAsync(http, 1, 3);
                return false;
            default:
                return false;
        }
    }

    private Fault NextFault()
    {
        Interlocked.Increment(ref _calls);
        if (_isCalm || Random.Shared.NextDouble() >= FaultShare) return Fault.None;
        Interlocked.Increment(ref _faults);
        return (Fault)Random.Shared.Next((int)Fault.Refused, (int)Fault.Slow + 1);
    }

    private Task TellAsync(HttpContext http) =>
        http.Response.WriteAsync(JsonSerializer.Serialize(new Tally(Interlocked.Read(ref _calls), Interlocked.Read(ref _faults), [.. _arrivals])));

    /// <summary>How a call goes wrong, or doesn't.</summary>
    private enum Fault
    {
        None,
        Refused,
        Broken,
        Cut,
        Hanging,
        Slow,
    }
}
