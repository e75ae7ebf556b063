using System.Text;
using Microsoft.AspNetCore.Http;
using RemixProxy.Sandbox;

namespace RemixProxy.FunctionalTests.Kit;

/// <summary>What one provider does in place of its simulator, until the test changes it.</summary>
internal sealed class Upstream
{
    private volatile Fault? _fault;

    /// <summary>
    /// Whether a provider can be asked for submits whose answers were lost. Otherwise it refuses such a look: what an outcome without one means is the same for
    /// all.
    /// </summary>
    public bool Finds { get; init; }

    /// <summary>Whether a request looks for a submit whose answer was lost.</summary>
    public static bool IsLook(string target) => target.Contains("external_task_ids=", StringComparison.Ordinal);

    /// <summary>The sandbox with this in front of it.</summary>
    public SandboxOptions Sandbox => new() { Intercept = InterceptAsync };

    /// <summary>Whether a request is one that costs money: not an upload, not a cancel, not a poll.</summary>
    public static bool IsSubmit(string method, string path) =>
        method == "POST" && !path.Contains("/upload", StringComparison.Ordinal) && !path.EndsWith("/cancel", StringComparison.Ordinal)
        && !path.EndsWith(":fetchPredictOperation", StringComparison.Ordinal) && !path.EndsWith("/token", StringComparison.Ordinal);

    /// <summary>Faults the submits of a provider.</summary>
    public void OnSubmit(string type, Func<HttpContext, RequestDelegate, Task> act) => On(type, r => IsSubmit(r.Method, r.Path), act);

    /// <summary>Faults certain requests to a provider; assets are <c>assets</c>'s.</summary>
    public void On(string type, Func<HttpRequest, bool> which, Func<HttpContext, RequestDelegate, Task> act) => _fault = new(type, which, act);

    /// <summary>The simulators answer again.</summary>
    public void Heal() => _fault = null;

    public static Func<HttpContext, RequestDelegate, Task> Answers(
        int status, string body = "{}", string type = "application/json", params (string Name, string Value)[] headers) =>
        async (http, _) =>
    {
        http.Response.StatusCode = status;
        foreach (var (name, value) in headers) http.Response.Headers[name] = value;
        if (status is 204 or 304) return;
        http.Response.ContentType = type;
        await http.Response.WriteAsync(body);
    };

    /// <summary>The connection breaks after the request was read.</summary>
    public static Task Drops(HttpContext http, RequestDelegate simulator)
    {
        http.Abort();
        return Task.CompletedTask;
    }

    /// <summary>The simulator makes the video, and its answer is lost.</summary>
    public static async Task LosesItsAnswer(HttpContext http, RequestDelegate simulator)
    {
        http.Response.Body = new MemoryStream();
        await simulator(http);
        http.Abort();
    }

    /// <summary>The answer begins and breaks off; not by an abort, which may overtake what was written.</summary>
    public static async Task BreaksOff(HttpContext http, RequestDelegate simulator)
    {
        http.Response.ContentType = "application/json";
        http.Response.ContentLength = 1000;
        await http.Response.Body.WriteAsync(Encoding.UTF8.GetBytes("""{"id":"video_1","status":"queued","""));
    }

    private Task InterceptAsync(HttpContext http, RequestDelegate simulator) =>
        !Finds && IsLook(http.Request.QueryString.Value!) ? Answers(401)(http, simulator)
        : _fault is { } fault && http.Request.Path.StartsWithSegments("/" + fault.Type) && fault.Which(http.Request)
            ? fault.Act(http, simulator)
            : simulator(http);

    private sealed record Fault(string Type, Func<HttpRequest, bool> Which, Func<HttpContext, RequestDelegate, Task> Act);
}
