using System.Diagnostics;

namespace RemixProxy.FunctionalTests.Telemetry;

/// <summary>Reads OTLP's export requests: opentelemetry-proto, <c>opentelemetry/proto</c>.</summary>
internal static class OtlpRequest
{
    public static IEnumerable<OtlpSpan> SpansOf(ProtobufMessage request) =>
        ItemsOf(request).Select(s => new OtlpSpan(s.Origin, s.Item.Hex(1), s.Item.Hex(2), s.Item.Hex(4), s.Item.Text(5))
        {
            // OTLP counts from 1 in the same order; 0 is "unspecified", to be taken for internal.
            Kind = (ActivityKind)Math.Max((int)s.Item.Number(6) - 1, 0),
            Duration = TimeSpan.FromTicks((long)(s.Item.Number(8) - s.Item.Number(7)) / TimeSpan.NanosecondsPerTick),
            Attributes = AttributesOf(s.Item, 9),
            Events = [.. s.Item.Messages(11).Select(e => (e.Text(2), AttributesOf(e, 3)))],
            Links = [.. s.Item.Messages(13).Select(l => (l.Hex(1), l.Hex(2)))],
            Status = (ActivityStatusCode)s.Item.Message(15).Number(3),
            StatusDescription = s.Item.Message(15).Text(2),
        });

    public static IEnumerable<OtlpMetric> MetricsOf(ProtobufMessage request) =>
        ItemsOf(request).Select(m => new OtlpMetric(m.Origin, m.Item.Text(1), m.Item.Text(3), m.Item.Text(2)));

    public static IEnumerable<OtlpLog> LogsOf(ProtobufMessage request) =>
        ItemsOf(request).Select(l => new OtlpLog(l.Origin, l.Item.Text(3), ValueOf(l.Item.Message(5)), AttributesOf(l.Item, 6), l.Item.Hex(9), l.Item.Hex(10)));

    /// <summary>The three requests are alike: resources, scopes in each, and spans, metrics or log records in each.</summary>
    private static IEnumerable<(OtlpOrigin Origin, ProtobufMessage Item)> ItemsOf(ProtobufMessage request) =>
        from ofResource in request.Messages(1)
        let resource = AttributesOf(ofResource.Message(1), 1)
        from ofScope in ofResource.Messages(2)
        let scope = ofScope.Message(1)
        let origin = new OtlpOrigin(scope.Text(1), scope.Text(2), resource)
        from item in ofScope.Messages(2)
        select (origin, item);

    private static Dictionary<string, object?> AttributesOf(ProtobufMessage message, int number) =>
        message.Messages(number).GroupBy(a => a.Text(1), StringComparer.Ordinal).ToDictionary(
            a => a.Key, a => ValueOf(a.Last().Message(2)), StringComparer.Ordinal);

    private static object? ValueOf(ProtobufMessage value) => value switch
    {
        _ when value.Has(1) => value.Text(1),
        _ when value.Has(2) => value.Number(2) != 0,
        _ when value.Has(3) => (long)value.Number(3),
        _ when value.Has(4) => BitConverter.UInt64BitsToDouble(value.Number(4)),
        _ when value.Has(5) => value.Message(5).Messages(1).Select(ValueOf).ToArray(),
        _ when value.Has(6) => AttributesOf(value.Message(6), 1),
        _ when value.Has(7) => value.Bytes(7).ToArray(),
        _ => null,
    };
}
