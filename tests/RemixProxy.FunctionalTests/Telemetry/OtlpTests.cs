using System.Diagnostics;
using RemixProxy.FunctionalTests.Kit;
using RemixProxy.FunctionalTests.Redis;

namespace RemixProxy.FunctionalTests.Telemetry;

/// <summary>The spans and metrics that the host sends to a collector.</summary>
public class OtlpTests
{
    private const string Trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    private const string Secret = "velvet-octopus";

    [Theory]
    [InlineData("grpc")]
    [InlineData("http/protobuf")]
    public async Task A_submit_arrives_at_the_collector_as_one_trace_and_its_figures_with_it(string protocol)
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        await using var redis = await SharedRedis.FindAsync();
        await using var host = await HostProcess.StartAsync(new()
        {
            Environment =
            {
                ["RemixProxy__Sandbox"] = "true",
                ["RemixProxy__Redis__ConnectionString"] = redis.ConnectionString,
                ["RemixProxy__Redis__KeyPrefix"] = "otlp-" + Guid.NewGuid().ToString("N"),
                // A busy machine is no fault.
                ["RemixProxy__Redis__Timeout"] = "00:00:05",
                ["OTEL_EXPORTER_OTLP_ENDPOINT"] = (protocol == "grpc" ? receiver.GrpcEndpoint : receiver.HttpEndpoint).AbsoluteUri,
                ["OTEL_EXPORTER_OTLP_PROTOCOL"] = protocol,
                ["OTEL_RESOURCE_ATTRIBUTES"] = "deployment.environment=test",
            },
        });
        using var probe = await host.Http.GetAsync("healthz/ready");
        using var scrape = await host.Http.GetAsync("metrics");
        using var request = Calls.Request(
            "POST", "v1/videos", new { model = "runway/gen4.5", prompt = Secret }, (
                "traceparent", $"00-{Trace}-00f067aa0ba902b7-01"), ("baggage", $"user={Secret}"), ("Idempotency-Key", Secret), ("x-remix-cache", "semantic"));
        using var response = await host.Http.SendAsync(request);
        var video = await Reply.ReadAsync(response);
        // The exporter sends the rest when the host stops.
        await host.TerminateAsync();
        Assert.Equal(0, await host.ExitAsync());

        var trace = receiver.Spans.Where(s => s.TraceId == Trace).ToArray();
        var server = Assert.Single(trace, s => s.Origin.Scope == "Microsoft.AspNetCore");
        Assert.Equal("00f067aa0ba902b7", server.ParentId);
        var call = Assert.Single(trace, s => s.Name == "video_generation");
        Assert.Contains(call.ParentId, trace.Where(s => s.Origin.Scope != "RemixProxy").Select(s => s.SpanId));
        Assert.Equal(video.Header("x-request-id"), call.Attributes["remixproxy.request_id"]);
        var exchange = Assert.Single(trace, s => s.Name == "generate_content gen4.5");
        Assert.Equal((call.SpanId, ActivityKind.Client, "runway", "video"),
            (exchange.ParentId, exchange.Kind, exchange.Attributes["gen_ai.provider.name"], exchange.Attributes["gen_ai.output.type"]));
        var lookup = Assert.Single(trace, s => s.Name == "cache.lookup");
        Assert.Equal((call.SpanId, "miss"), (lookup.ParentId, lookup.Attributes["remixproxy.cache.result"]));
        Assert.Equal(lookup.SpanId, Assert.Single(trace, s => s.Name == "embeddings lexical-1").ParentId);
        Assert.Contains(trace, s => s.Name.StartsWith("redis ", StringComparison.Ordinal) && s.ParentId == lookup.SpanId);
        Assert.Contains(trace, s => s.Origin.Scope == "System.Net.Http");
        Assert.All(receiver.Spans, s => Assert.Equal(("remixproxy", "test"), (s.Origin.Resource["service.name"], s.Origin.Resource["deployment.environment"])));

        Assert.DoesNotContain(receiver.Spans, s => s.Attributes.GetValueOrDefault("url.path") is "/metrics" or "/healthz/ready");
        Assert.Contains(receiver.Metrics, m => (m.Name, m.Unit, m.Origin.Scope) == ("remixproxy.request.duration", "s", "RemixProxy"));
        Assert.Contains(receiver.Metrics, m => m.Name == "remixproxy.submissions");
        Assert.Empty(receiver.Logs);
        Assert.Empty(receiver.Faults);
        Assert.All(receiver.Messages, m => Assert.True(m.Message.Span.IndexOf(System.Text.Encoding.UTF8.GetBytes(Secret)) < 0, m.Path));
    }
}
