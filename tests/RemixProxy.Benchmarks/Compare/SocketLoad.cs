using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using RemixProxy.Benchmarks.Load;

namespace RemixProxy.Benchmarks.Compare;

/// <summary>
/// A generator of load that costs little: a thread and a blocking socket for each connection. Without a rate each connection sends when its answer is there.
/// With one, requests are due at fixed moments whatever the answers do, and an answer's time counts from the moment at which its request was due.
/// </summary>
internal sealed class SocketLoad(Traffic traffic, IReadOnlyList<Uri> addresses)
{
    private const int StackSize = 128 << 10;

    private static long LastNumber;

    private readonly byte[][][] _requests = [.. addresses.Select(traffic.Render)];
    private readonly byte[] _marker = Encoding.UTF8.GetBytes(traffic.Marker);
    private readonly List<long> _ticks = [];
    private long _next;
    private long _bytes;
    private int _wrong;
    private string? _sample;

    private static ReadOnlySpan<byte> Number => "############"u8;

    /// <summary>Numbers that nobody else has.</summary>
    public static long TakeNumbers(long count) => Interlocked.Add(ref LastNumber, count) - count;

    /// <param name="time">How long requests are sent; an answer under way is waited for.</param>
    /// <param name="rate">Requests a second; null: as many as are answered.</param>
    /// <param name="count">How many requests at most.</param>
    public Task<Figure> RunAsync(TimeSpan time, double? rate = null, long count = long.MaxValue) => Task.Run(() =>
    {
        // Each thread is connected before the clock starts.
        using var ready = new CountdownEvent(traffic.Connections);
        using var go = new ManualResetEventSlim();
        var started = 0L;
        var threads = Enumerable.Range(0, traffic.Connections).Select(i => new Thread(
            () =>
            {
                using var connection = new Connection(addresses[i % addresses.Count]);
                ready.Signal();
                go.Wait();
                Send(connection, _requests[i % addresses.Count], started, time, rate, count);
            },
            StackSize)
        { IsBackground = true }).ToList();
        threads.ForEach(t => t.Start());
        ready.Wait();
        started = Stopwatch.GetTimestamp();
        go.Set();
        threads.ForEach(t => t.Join());
        var took = Stopwatch.GetElapsedTime(started);
        return Figure.Of(_ticks, took, _wrong, _sample) with { BytesPerSecond = _bytes / took.TotalSeconds };
    });

    private void Send(Connection connection, byte[][] requests, long started, TimeSpan time, double? rate, long count)
    {
        var ticks = new List<long>(1 << 12);
        // The numbers are written into these bytes.
        var own = Array.ConvertAll(requests, r => (byte[])r.Clone());
        var numbersAt = Array.ConvertAll(requests, r => r.AsSpan().IndexOf(Number));
        while (true)
        {
            var index = Interlocked.Increment(ref _next) - 1;
            if (index >= count) break;
            var due = rate is { } perSecond ? started + (long)(index / perSecond * Stopwatch.Frequency) : Stopwatch.GetTimestamp();
            if (Stopwatch.GetElapsedTime(started, due) >= time) break;
            Rest.Until(due);
            var (request, numberAt) = (own[index % own.Length], numbersAt[index % own.Length]);
            if (numberAt >= 0) TakeNumbers(1).TryFormat(request.AsSpan(numberAt, Number.Length), out _, "D12", CultureInfo.InvariantCulture);
            var isRight = connection.TryAsk(request, _marker, out var bytes);
            ticks.Add(Stopwatch.GetTimestamp() - due);
            Interlocked.Add(ref _bytes, bytes);
            if (isRight) continue;
            Interlocked.Increment(ref _wrong);
            _sample = connection.LastAnswer;
        }

        lock (_ticks) _ticks.AddRange(ticks);
    }

    /// <summary>HTTP/1.1 as far as it is spoken here: one request at a time, answers with a length or in chunks.</summary>
    private sealed class Connection : IDisposable
    {
        private readonly IPEndPoint _end;
        private readonly byte[] _buffer = new byte[256 << 10];
        private Socket _socket;
        private int _filled;

        public Connection(Uri address)
        {
            _end = new(IPAddress.Parse(address.Host), address.Port);
            _socket = Connect();
        }

        /// <summary>As text, or its beginning.</summary>
        public string LastAnswer => Encoding.UTF8.GetString(_buffer.AsSpan(0, Math.Min(_filled, 600)));

        /// <returns>Whether the answer is good and holds the marker.</returns>
        public bool TryAsk(byte[] request, byte[] marker, out long bytes)
        {
            bytes = 0;
            try
            {
                _socket.Send(request);
                var body = ReadHead();
                var head = _buffer.AsSpan(0, body);
                // "HTTP/1.1 200" and "206".
                var isGood = head.Length > 12 && head[9] == '2' && head[10] == '0' && head[11] is (byte)'0' or (byte)'6';
                bytes = LengthOf(head) is { } length ? ReadLength(body, length) : ReadChunks(body);
                return isGood && (marker.Length == 0 || _buffer.AsSpan(body, _filled - body).IndexOf(marker) >= 0 || IsReplay(body));
            }
            catch (SocketException)
            {
                _filled = 0;
                _socket.Dispose();
                _socket = Connect();
                return false;
            }
        }

        public void Dispose() => _socket.Dispose();

        private Socket Connect()
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            socket.Connect(_end);
            return socket;
        }

        private int ReadHead()
        {
            _filled = 0;
            while (true)
            {
                Receive();
                var end = _buffer.AsSpan(0, _filled).IndexOf("\r\n\r\n"u8);
                if (end >= 0) return end + 4;
            }
        }

        private bool IsReplay(int head) => _buffer.AsSpan(0, head).IndexOf("\r\nIdempotent-Replayed: true\r\n"u8) >= 0;

        private static long? LengthOf(ReadOnlySpan<byte> head)
        {
            // Kestrel and nginx write it like this.
            var name = "\r\nContent-Length: "u8;
            var at = head.IndexOf(name);
            return at >= 0 && System.Buffers.Text.Utf8Parser.TryParse(head[(at + name.Length)..], out long length, out _) ? length : null;
        }

        // What doesn't fit in the buffer is read over it: only the beginning of a clip matters.
        private long ReadLength(int body, long length)
        {
            var left = length - (_filled - body);
            while (left > 0)
            {
                if (_filled == _buffer.Length) _filled = body;
                left -= Receive((int)Math.Min(left, _buffer.Length - _filled));
            }

            return length;
        }

        private long ReadChunks(int body)
        {
            while (!_buffer.AsSpan(body, _filled - body).EndsWith("0\r\n\r\n"u8)) Receive();
            return _filled - body;
        }

        private int Receive(int most = int.MaxValue)
        {
            var got = _socket.Receive(_buffer, _filled, Math.Min(most, _buffer.Length - _filled), SocketFlags.None);
            // The other end hung up, or the answer is longer than any that is looked at here.
            if (got == 0) throw new SocketException((int)SocketError.ConnectionReset);
            _filled += got;
            return got;
        }
    }

    /// <summary>Sleeps to a tenth of a millisecond: <see cref="Thread.Sleep(int)"/> knows whole ones only.</summary>
    private static class Rest
    {
        public static void Until(long timestamp)
        {
            while (timestamp - Stopwatch.GetTimestamp() is > 0 and var left)
            {
                if (OperatingSystem.IsLinux())
                {
                    var nanoseconds = (long)(left * (1_000_000_000.0 / Stopwatch.Frequency));
                    _ = Sleep(new() { Seconds = nanoseconds / 1_000_000_000, Nanoseconds = nanoseconds % 1_000_000_000 }, 0);
                }
                else
                {
                    Thread.Sleep(1);
                }
            }
        }

        [DllImport("libc", EntryPoint = "nanosleep")]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        private static extern int Sleep(in TimeSpec time, nint rest);

        [StructLayout(LayoutKind.Sequential)]
        private struct TimeSpec
        {
            public long Seconds;
            public long Nanoseconds;
        }
    }
}
