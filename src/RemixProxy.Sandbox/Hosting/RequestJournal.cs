using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace RemixProxy.Sandbox.Hosting;

/// <summary>Remembers the newest requests, and makes their bodies readable again.</summary>
internal sealed class RequestJournal(TimeProvider time)
{
    private const int Capacity = 1000;
    private const int KeptBodyBytes = 1024 * 1024;

    private readonly Lock _lock = new();
    private readonly Queue<SandboxRequest> _requests = new(Capacity);

    public IReadOnlyList<SandboxRequest> Snapshot()
    {
        lock (_lock)
            return [.. _requests];
    }

    public async Task RecordAsync(HttpContext http)
    {
        var body = new MemoryStream();
        http.Response.RegisterForDispose(body);
        await http.Request.Body.CopyToAsync(body, http.RequestAborted);
        body.Position = 0;
        http.Request.Body = body;
        byte[] kept = body.GetBuffer().AsSpan(0, (int)Math.Min(body.Length, KeptBodyBytes)).ToArray();
        string target = http.Features.Get<IHttpRequestFeature>()?.RawTarget is { Length: > 0 } raw ? raw : http.Request.Path + http.Request.QueryString;
        Add(new(time.GetUtcNow(), http.Request.Method, target, HeadersOf(http.Request), kept));
    }

    private static Dictionary<string, string> HeadersOf(HttpRequest request) =>
        request.Headers.ToDictionary(header => header.Key, header => string.Join(", ", header.Value.AsEnumerable()), StringComparer.OrdinalIgnoreCase);

    private void Add(SandboxRequest request)
    {
        lock (_lock)
        {
            if (_requests.Count == Capacity)
                _requests.Dequeue();
            _requests.Enqueue(request);
        }
    }
}
