using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using RemixProxy.Cache;
using RemixProxy.Contract;

namespace RemixProxy.Operations.Submit;

/// <summary>The request headers that set the cache policy of a submit.</summary>
internal static class CacheHeaders
{
    public const string Mode = "x-remix-cache";
    public const string Threshold = "x-remix-cache-threshold";
    public const string Ttl = "x-remix-cache-ttl";

    public const int MaxTtlSeconds = 365 * 24 * 60 * 60;

    /// <summary>Reads the policy of a request; the operator's settings apply where it names none.</summary>
    /// <exception cref="ApiException">400 that names the header.</exception>
    public static CachePolicy Read(HttpRequest request, CacheOptions options)
    {
        // A malformed Cache-Control is ignored.
        _ = CacheControlHeaderValue.TryParse(request.Headers.CacheControl.ToString(), out var control);
        return new CachePolicy
        {
            Mode = ReadMode(request.Headers) ?? options.Mode,
            Threshold = ReadThreshold(request.Headers) ?? options.Threshold,
            Ttl = ReadTtl(request.Headers) ?? options.Ttl,
            NoCache = control?.NoCache == true,
            NoStore = control?.NoStore == true,
        };
    }

    private static CacheMode? ReadMode(IHeaderDictionary headers) => Value(headers, Mode) switch
    {
        null => null,
        "off" => CacheMode.Off,
        "exact" => CacheMode.Exact,
        "semantic" => CacheMode.Semantic,
        _ => throw Wrong(Mode, "'off', 'exact' or 'semantic'"),
    };

    private static double? ReadThreshold(IHeaderDictionary headers)
    {
        if (Value(headers, Threshold) is not { } text) return null;
        return double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var threshold) && threshold is >= 0 and <= 1
            ? threshold
            : throw Wrong(Threshold, "a number from 0 to 1");
    }

    private static TimeSpan? ReadTtl(IHeaderDictionary headers)
    {
        if (Value(headers, Ttl) is not { } text) return null;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds is >= 1 and <= MaxTtlSeconds
            ? TimeSpan.FromSeconds(seconds)
            : throw Wrong(Ttl, $"a whole number of seconds from 1 to {MaxTtlSeconds}");
    }

    private static string? Value(IHeaderDictionary headers, string name) => headers.TryGetValue(name, out var values) ? values.ToString() : null;

    private static ApiException Wrong(string header, string expected) => new(ApiError.Invalid(header, $"'{header}' must be {expected}."));
}
