using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using RemixProxy.Contract;
using RemixProxy.Operations.Submit;

namespace RemixProxy.Cache;

/// <summary>What one request wants of the cache: its headers, else the operator's settings.</summary>
internal sealed record CachePolicy
{
    public const string ModeHeader = "x-remix-cache";
    public const string ThresholdHeader = "x-remix-cache-threshold";
    public const string TtlHeader = "x-remix-cache-ttl";

    public const int MaxTtlSeconds = 365 * 24 * 60 * 60;

    public required CacheMode Mode { get; init; }

    /// <summary>The least similarity of a hit; null: the embedder's.</summary>
    public double? Threshold { get; init; }

    /// <summary>How long the entry is valid.</summary>
    public required TimeSpan Ttl { get; init; }

    /// <summary>Nothing is looked up or shared; the entry is replaced.</summary>
    public bool NoCache { get; init; }

    /// <summary>Nothing is looked up, shared or stored.</summary>
    public bool NoStore { get; init; }

    /// <summary>Why the request has nothing to do with the cache; null: it has.</summary>
    public string? Bypass => Mode == CacheMode.Off ? "off" : NoStore ? "no-store" : null;

    /// <summary>Reads a request's headers.</summary>
    /// <exception cref="ApiException">400 naming the header.</exception>
    public static CachePolicy Read(HttpRequest request, CacheOptions options)
    {
        // Malformed, Cache-Control says nothing.
        _ = CacheControlHeaderValue.TryParse(request.Headers.CacheControl.ToString(), out var control);
        return new()
        {
            Mode = ReadMode(request.Headers) ?? options.Mode,
            Threshold = ReadThreshold(request.Headers) ?? options.Threshold,
            Ttl = ReadTtl(request.Headers) ?? options.Ttl,
            NoCache = control?.NoCache == true,
            NoStore = control?.NoStore == true,
        };
    }

    /// <summary>The policy for a wish: one with a seed, a file or an image means that very video, and is matched exactly only.</summary>
    public CachePolicy For(SubmitIntent intent) => Mode == CacheMode.Semantic && IsParticular(intent) ? this with { Mode = CacheMode.Exact } : this;

    private static bool IsParticular(SubmitIntent intent) =>
        intent.SourceFile is not null || intent.InputReference is not null || intent.HasImageId || intent.Fields.Any(f => IsSeed(f.Key) || IsParticular(f.Value));

    // Providers take seeds and images under names and at depths of their own, in a form's text too.
    private static bool IsParticular(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => value.EnumerateObject().Any(p => IsSeed(p.Name) || IsParticular(p.Value)),
        JsonValueKind.Array => value.EnumerateArray().Any(IsParticular),
        JsonValueKind.String => NamesMedia(value.GetString()!),
        _ => false,
    };

    private static bool IsSeed(string name) => name.Equals("seed", StringComparison.OrdinalIgnoreCase);

    private static bool NamesMedia(string text) => text.Contains("://", StringComparison.Ordinal) || text.Contains("data:", StringComparison.OrdinalIgnoreCase) || text.Contains("\"seed\"", StringComparison.OrdinalIgnoreCase);

    private static CacheMode? ReadMode(IHeaderDictionary headers) => Value(headers, ModeHeader) switch
    {
        null => null,
        "off" => CacheMode.Off,
        "exact" => CacheMode.Exact,
        "semantic" => CacheMode.Semantic,
        _ => throw Wrong(ModeHeader, "'off', 'exact' or 'semantic'"),
    };

    private static double? ReadThreshold(IHeaderDictionary headers)
    {
        if (Value(headers, ThresholdHeader) is not { } text) return null;
        return double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var threshold) && threshold is >= 0 and <= 1
            ? threshold
            : throw Wrong(ThresholdHeader, "a number from 0 to 1");
    }

    private static TimeSpan? ReadTtl(IHeaderDictionary headers)
    {
        if (Value(headers, TtlHeader) is not { } text) return null;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds is >= 1 and <= MaxTtlSeconds
            ? TimeSpan.FromSeconds(seconds)
            : throw Wrong(TtlHeader, $"a whole number of seconds from 1 to {MaxTtlSeconds}");
    }

    private static string? Value(IHeaderDictionary headers, string name) => headers.TryGetValue(name, out var values) ? values.ToString() : null;

    private static ApiException Wrong(string header, string expected) => new(ApiError.Invalid(header, $"'{header}' must be {expected}."));
}
