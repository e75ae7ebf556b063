using System.Globalization;
using System.Text;

namespace RemixProxy.Benchmarks.Compare;

/// <summary>Requests that are sent over and over, the same bytes to every side but for the host's name.</summary>
/// <param name="Requests">Sent in turn. <see cref="Number"/> in a body is replaced by a number that comes but once.</param>
/// <param name="Marker">What each right answer holds; empty: any good status is right. An answer that is replayed is right, too: at the end of its time wrk
/// hangs up on the answers under way, and who asks again after that gets the same answer.</param>
/// <param name="Connections">How many there are at once.</param>
internal sealed record Traffic(IReadOnlyList<Ask> Requests, string Marker, int Connections = Traffic.UsualConnections)
{
    public const int UsualConnections = 32;

    /// <summary>Stands for a number of as many digits.</summary>
    public const string Number = "############";

    /// <summary>All requests as they go over the wire.</summary>
    public byte[][] Render(Uri address) => [.. Requests.Select(r => Encoding.UTF8.GetBytes(
        $"{r.Method} {r.Path} HTTP/1.1\r\nHost: {address.Authority}\r\n{(r.Body is null
            ? ""
            : string.Create(CultureInfo.InvariantCulture, $"Content-Type: application/json\r\nContent-Length: {Encoding.UTF8.GetByteCount(r.Body)}\r\n"))}{(
        r.Header is null ? "" : r.Header + "\r\n")}\r\n{r.Body}"))];
}

/// <summary>One request.</summary>
/// <param name="Method">Its verb.</param>
/// <param name="Path">From the slash on.</param>
/// <param name="Body">JSON.</param>
/// <param name="Header">A further header's line.</param>
internal sealed record Ask(string Method, string Path, string? Body = null, string? Header = null);
