using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace RemixProxy.FunctionalTests.Telemetry;

/// <summary>The receiver that other tests rely on takes what the real exporter sends, and only that.</summary>
public class OtlpReceiverTests
{
    private const string Source = "RemixProxy.Boats";
    private const string LinkedTrace = "0123456789abcdef0123456789abcdef";
    private const string LinkedSpan = "fedcba9876543210";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(OtlpExportProtocol.Grpc, OtlpExportCompression.None)]
    [InlineData(OtlpExportProtocol.Grpc, OtlpExportCompression.GZip)]
    [InlineData(OtlpExportProtocol.HttpProtobuf, OtlpExportCompression.None)]
    [InlineData(OtlpExportProtocol.HttpProtobuf, OtlpExportCompression.GZip)]
    public async Task Spans_of_the_real_exporter_are_decoded(OtlpExportProtocol protocol, OtlpExportCompression compression)
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        using var source = new ActivitySource(Source + protocol + compression, "1.2");
        using var provider = Sdk.CreateTracerProviderBuilder().ConfigureResource(r => r.AddService("harbour")).AddSource(source.Name)
            .AddOtlpExporter(o => Point(o, receiver, protocol, compression, "v1/traces")).Build();
        var comes = receiver.WaitForSpanAsync(s => s.Name == "sail");
        string trace, parent, child;
        using (var outer = source.StartActivity("moor", ActivityKind.Server)!)
        {
            using var inner = source.StartActivity(
                "sail", ActivityKind.Client, default(ActivityContext),
                links: [new(new(ActivityTraceId.CreateFromString(LinkedTrace), ActivitySpanId.CreateFromString(LinkedSpan), default))])!;
            inner.SetTag("text", "größer").SetTag("yes", true).SetTag("no", false).SetTag("whole", -7L).SetTag("fraction", 0.5).SetTag(
                "list", new[] { "a", "b" });
            inner.AddEvent(new("wind", tags: new() { ["force"] = 9 })).SetStatus(ActivityStatusCode.Error, "capsized");
            inner.SetEndTime(inner.StartTimeUtc.AddSeconds(1.5));
            (trace, parent, child) = (outer.TraceId.ToHexString(), outer.SpanId.ToHexString(), inner.SpanId.ToHexString());
        }

        Assert.True(provider.ForceFlush());
        var span = await comes;
        Assert.Equal((trace, parent, child), (span.TraceId, span.ParentId, span.SpanId));
        Assert.Equal((ActivityKind.Client, ActivityStatusCode.Error, "capsized", TimeSpan.FromSeconds(1.5)),
            (span.Kind, span.Status, span.StatusDescription, span.Duration));
        Assert.Equal(("größer", true, false, -7L, 0.5),
            (span.Attributes["text"], span.Attributes["yes"], span.Attributes["no"], span.Attributes["whole"], span.Attributes["fraction"]));
        Assert.Equal(new object?[] { "a", "b" }, span.Attributes["list"]);
        Assert.Equal((LinkedTrace, LinkedSpan), Assert.Single(span.Links));
        var happened = Assert.Single(span.Events);
        Assert.Equal(("wind", 9L), (happened.Name, happened.Attributes["force"]));
        Assert.Equal((source.Name, "1.2", "harbour"), (span.Origin.Scope, span.Origin.ScopeVersion, span.Origin.Resource["service.name"]));

        Assert.Equal(["sail", "moor"], receiver.Spans.Select(s => s.Name));
        Assert.Equal(("", ActivityKind.Server, ActivityStatusCode.Unset), (receiver.Spans[1].ParentId, receiver.Spans[1].Kind, receiver.Spans[1].Status));
        Assert.Contains(receiver.Messages, m => m.Message.Span.IndexOf("größer"u8) >= 0);
        Assert.Empty(receiver.Faults);
    }

    [Theory]
    [InlineData(OtlpExportProtocol.Grpc)]
    [InlineData(OtlpExportProtocol.HttpProtobuf)]
    public async Task Metrics_of_the_real_exporter_are_decoded(OtlpExportProtocol protocol)
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        using var meter = new Meter(Source + protocol, "1.2");
        using var provider = Sdk.CreateMeterProviderBuilder().ConfigureResource(r => r.AddService("harbour")).AddMeter(meter.Name)
            .AddOtlpExporter(o => Point(o, receiver, protocol, OtlpExportCompression.None, "v1/metrics")).Build();
        meter.CreateHistogram<double>("boats.length", "m", "How long boats are.").Record(3.5);
        Assert.True(provider.ForceFlush());
        var metric = await receiver.WaitForMetricAsync(m => m.Name == "boats.length");
        Assert.Equal(("m", "How long boats are."), (metric.Unit, metric.Description));
        Assert.Equal((meter.Name, "1.2", "harbour"), (metric.Origin.Scope, metric.Origin.ScopeVersion, metric.Origin.Resource["service.name"]));
    }

    [Theory]
    [InlineData(OtlpExportProtocol.Grpc)]
    [InlineData(OtlpExportProtocol.HttpProtobuf)]
    public async Task Logs_of_the_real_exporter_are_decoded(OtlpExportProtocol protocol)
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        // At once: what is exported first while the factory is disposed of is lost by http/protobuf, which then asks a disposed container for its client.
        using var loggers = LoggerFactory.Create(b => b.AddOpenTelemetry(o => o.AddOtlpExporter((export, process) =>
        {
            process.ExportProcessorType = ExportProcessorType.Simple;
            Point(export, receiver, protocol, OtlpExportCompression.None, "v1/logs");
        })));
        loggers.CreateLogger(Source).Log<KeyValuePair<string, object?>[]>(
            LogLevel.Warning, default, [new("colour", "red"), new("{OriginalFormat}", "A boat")], null, (_, _) => "");

        var log = await receiver.WaitForLogAsync(l => l.Origin.Scope == Source);
        Assert.Equal("Warning", log.Severity);
        Assert.Equal(("A boat", "red"), (log.Body, log.Attributes["colour"]));
    }

    [Fact]
    public async Task What_is_no_OTLP_is_refused_and_said()
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        using var http = new HttpClient { BaseAddress = receiver.HttpEndpoint };
        Assert.Equal(HttpStatusCode.NotFound, await PostAsync("/v1/boats", "", "application/x-protobuf"));
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, await PostAsync("/v1/traces", "{}", "application/json"));
        Assert.Equal(HttpStatusCode.BadRequest, await PostAsync("/v1/traces", "\n\u0005boat", "application/x-protobuf"));
        Assert.Equal(HttpStatusCode.OK, await PostAsync("/v1/traces", "", "application/x-protobuf"));
        Assert.Equal(3, receiver.Faults.Count);
        Assert.Empty(receiver.Spans);

        async Task<HttpStatusCode> PostAsync(string path, string body, string type)
        {
            using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body)) { Headers = { ContentType = new MediaTypeHeaderValue(type) } };
            using var answer = await http.PostAsync(new Uri(path, UriKind.Relative), content, Ct);
            return answer.StatusCode;
        }
    }

    [Fact]
    public async Task A_gRPC_call_of_something_else_is_refused_in_the_way_of_gRPC()
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        using var http = new HttpClient
        {
            BaseAddress = receiver.GrpcEndpoint, DefaultRequestVersion = HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact
        };
        Assert.Equal("12", await CallAsync("boats.v1.BoatService/Export", [0, 0, 0, 0, 0]));
        Assert.Equal("3", await CallAsync("opentelemetry.proto.collector.trace.v1.TraceService/Export", [0, 0, 0, 0, 1]));
        Assert.Equal("3", await CallAsync("opentelemetry.proto.collector.trace.v1.TraceService/Export", [0, 0, 0, 0, 1, 0]));
        Assert.Equal(3, receiver.Faults.Count);

        async Task<string> CallAsync(string method, byte[] frame)
        {
            using var content = new ByteArrayContent(frame) { Headers = { ContentType = new MediaTypeHeaderValue("application/grpc") } };
            using var answer = await http.PostAsync(new Uri(method, UriKind.Relative), content, Ct);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            return answer.Headers.GetValues("grpc-status").Single();
        }
    }

    private static void Point(OtlpExporterOptions options, OtlpReceiver receiver, OtlpExportProtocol protocol, OtlpExportCompression compression, string path)
    {
        options.Protocol = protocol;
        options.Compression = compression;
        options.Endpoint = protocol == OtlpExportProtocol.Grpc ? receiver.GrpcEndpoint : new(receiver.HttpEndpoint, path);
    }
}
