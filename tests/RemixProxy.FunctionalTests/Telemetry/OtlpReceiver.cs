using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.IO.Compression;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace RemixProxy.FunctionalTests.Telemetry;

/// <summary>A collector on loopback: takes OTLP by gRPC and by http/protobuf, gzipped or not, and keeps it.</summary>
internal sealed class OtlpReceiver : IAsyncDisposable
{
    private const string Grpc = "application/grpc";
    private const string Protobuf = "application/x-protobuf";

    private readonly WebApplication _app;
    private readonly Arrivals<OtlpSpan> _spans;
    private readonly Arrivals<OtlpMetric> _metrics;
    private readonly Arrivals<OtlpLog> _logs;
    private readonly ConcurrentQueue<(string Path, ReadOnlyMemory<byte> Message)> _messages = new();
    private readonly ConcurrentQueue<string> _faults = new();

    private OtlpReceiver(WebApplication app)
    {
        _app = app;
        (_spans, _metrics, _logs) = (new(_faults), new(_faults), new(_faults));
        app.Run(context => context.Connection.LocalPort == GrpcEndpoint.Port ? AnswerGrpcAsync(context) : AnswerHttpAsync(context));
    }

    /// <summary>For <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> with the protocol <c>grpc</c>, which is .NET's default.</summary>
    public Uri GrpcEndpoint { get; private set; } = null!;

    /// <summary>
    /// For <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> with the protocol <c>http/protobuf</c>; exporters add the signal's path to the variable's value, but not to an
    /// endpoint set in code.
    /// </summary>
    public Uri HttpEndpoint { get; private set; } = null!;

    /// <summary>What came, in order.</summary>
    public IReadOnlyList<OtlpSpan> Spans => _spans.All;

    public IReadOnlyList<OtlpMetric> Metrics => _metrics.All;

    public IReadOnlyList<OtlpLog> Logs => _logs.All;

    /// <summary>The same as it was on the wire, unpacked: for what must not be anywhere in it. Texts are UTF-8 there.</summary>
    public IReadOnlyCollection<(string Path, ReadOnlyMemory<byte> Message)> Messages => _messages;

    /// <summary>The refused requests, and why each was refused.</summary>
    public IReadOnlyCollection<string> Faults => _faults;

    public static async Task<OtlpReceiver> StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(k =>
        {
            // Without TLS a port speaks one of both.
            k.Listen(IPAddress.Loopback, 0, l => l.Protocols = HttpProtocols.Http2);
            k.Listen(IPAddress.Loopback, 0, l => l.Protocols = HttpProtocols.Http1);
        });
        var app = builder.Build();
        var receiver = new OtlpReceiver(app);
        await app.StartAsync();
        (receiver.GrpcEndpoint, receiver.HttpEndpoint) = (new(app.Urls.First()), new(app.Urls.Last()));
        return receiver;
    }

    /// <summary>The first span that fits, if it came already or comes now.</summary>
    /// <exception cref="TimeoutException">None came within 30 seconds.</exception>
    public Task<OtlpSpan> WaitForSpanAsync(Func<OtlpSpan, bool> isIt) => _spans.WaitForAsync(isIt);

    /// <inheritdoc cref="WaitForSpanAsync"/>
    public Task<OtlpMetric> WaitForMetricAsync(Func<OtlpMetric, bool> isIt) => _metrics.WaitForAsync(isIt);

    /// <inheritdoc cref="WaitForSpanAsync"/>
    public Task<OtlpLog> WaitForLogAsync(Func<OtlpLog, bool> isIt) => _logs.WaitForAsync(isIt);

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static async Task<byte[]> ReadAsync(Stream body, string? encoding, CancellationToken cancellationToken)
    {
        using var bytes = new MemoryStream();
        await using var plain = encoding switch
        {
            null or "" or "identity" => body,
            "gzip" => new GZipStream(body, CompressionMode.Decompress),
            _ => throw new InvalidDataException($"There is no encoding {encoding} here."),
        };
        await plain.CopyToAsync(bytes, cancellationToken);
        return bytes.ToArray();
    }

    private async Task AnswerHttpAsync(HttpContext context)
    {
        var request = context.Request;
        Action<byte[]>? take = request.Path.Value switch
        {
            "/v1/traces" => TakeSpans,
            "/v1/metrics" => TakeMetrics,
            "/v1/logs" => TakeLogs,
            _ => null,
        };
        if (take is null || !HttpMethods.IsPost(request.Method))
        {
            Refuse(StatusCodes.Status404NotFound, "nothing is there");
            return;
        }

        if (request.ContentType != Protobuf)
        {
            Refuse(StatusCodes.Status415UnsupportedMediaType, $"content type {request.ContentType}");
            return;
        }

        try
        {
            Take(request.Path, await ReadAsync(request.Body, request.Headers.ContentEncoding, context.RequestAborted), take);
            // An empty message: everything was accepted.
            context.Response.ContentType = Protobuf;
        }
        catch (Exception fault) when (fault is InvalidDataException or DecoderFallbackException)
        {
            Refuse(StatusCodes.Status400BadRequest, fault.Message);
        }

        void Refuse(int status, string why)
        {
            _faults.Enqueue($"{request.Method} {request.Path}: {why}");
            context.Response.StatusCode = status;
        }
    }

    /// <summary>A unary call: in both directions a byte (1: compressed), the length and the message; then the trailers.</summary>
    private async Task AnswerGrpcAsync(HttpContext context)
    {
        var request = context.Request;
        context.Response.ContentType = Grpc;
        Action<byte[]>? take = request.Path.Value switch
        {
            "/opentelemetry.proto.collector.trace.v1.TraceService/Export" => TakeSpans,
            "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export" => TakeMetrics,
            "/opentelemetry.proto.collector.logs.v1.LogsService/Export" => TakeLogs,
            _ => null,
        };
        if (take is null)
        {
            Refuse(12, "unimplemented");
            return;
        }

        try
        {
            var frame = await ReadAsync(request.Body, encoding: null, context.RequestAborted);
            if (request.ContentType is not (Grpc or Grpc + "+proto")) throw new InvalidDataException($"content type {request.ContentType}");
            if (frame.Length < 5 || frame[0] > 1 || BinaryPrimitives.ReadUInt32BigEndian(frame.AsSpan(1)) != frame.Length - 5)
                throw new InvalidDataException("not one message");
            using var message = new MemoryStream(frame, 5, frame.Length - 5);
            Take(request.Path, await ReadAsync(message, frame[0] == 1 ? request.Headers["grpc-encoding"] : default, context.RequestAborted), take);
            await context.Response.Body.WriteAsync(new byte[5], context.RequestAborted);
            context.Response.AppendTrailer("grpc-status", "0");
        }
        catch (Exception fault) when (fault is InvalidDataException or DecoderFallbackException)
        {
            Refuse(3, fault.Message);
        }

        void Refuse(int status, string why)
        {
            _faults.Enqueue($"{request.Path}: {why}");
            // Without a message the trailers are headers.
            context.Response.Headers["grpc-status"] = status.ToString(System.Globalization.CultureInfo.InvariantCulture);
            context.Response.Headers["grpc-message"] = Uri.EscapeDataString(why);
        }
    }

    private void Take(string path, byte[] message, Action<byte[]> take)
    {
        _messages.Enqueue((path, message));
        take(message);
    }

    private void TakeSpans(byte[] message) => _spans.Add([.. OtlpRequest.SpansOf(new(message))]);

    private void TakeMetrics(byte[] message) => _metrics.Add([.. OtlpRequest.MetricsOf(new(message))]);

    private void TakeLogs(byte[] message) => _logs.Add([.. OtlpRequest.LogsOf(new(message))]);
}
