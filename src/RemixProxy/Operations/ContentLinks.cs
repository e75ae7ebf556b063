using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using RemixProxy.Callers;
using RemixProxy.Contract;
using RemixProxy.Jobs;
using RemixProxy.Providers;

namespace RemixProxy.Operations;

/// <summary>
/// Signs this proxy's content URLs, so that whoever has one needs no key for up to an hour: a page's video element, or a provider that takes only URLs. A link
/// reads one output of one video as the client that owns it, and does nothing else.
/// </summary>
internal sealed class ContentLinks(ILinkKey stored)
{
    private const string Expiry = "exp";
    private const string Signature = "sig";
    private const long LifeSeconds = 60 * 60;

    // Polls within five minutes give the same link, so that a page that sets it anew doesn't load the video anew.
    private const long StepSeconds = 5 * 60;

    private static readonly ApiError Ended = new(
        401, "invalid_api_key", "The link has expired or was changed: retrieve the video again for another, or send a key of this proxy.");

    /// <summary>The part of a content URL's query that stands for the owner's key; null where a key is needed all the same, or none.</summary>
    public string? Sign(ProviderSet providers, VideoJob job, int index, DateTimeOffset now)
    {
        // What nobody's key may read, no link may.
        if (providers.Clients.FindName(job.Caller) is null || KeyOf(providers) is not { } key) return null;
        var expiry = ((now.ToUnixTimeSeconds() + LifeSeconds) / StepSeconds * StepSeconds).ToString(CultureInfo.InvariantCulture);
        return $"{Expiry}={expiry}&{Signature}={SignatureOf(key, job.Id, index, job.Caller, expiry)}";
    }

    /// <returns>The client whose link a request for content is, or why the link is not good; null where it is no link.</returns>
    public Result<Client>? Read(HttpRequest request, ProviderSet providers, DateTimeOffset now)
    {
        var query = request.Query;
        var (expiries, signatures) = (query[Expiry], query[Signature]);
        if (expiries.Count + signatures.Count == 0) return null;
        if (KeyOf(providers) is not { } key) return ApiError.StoreUnavailable;
        if (expiries is not [{ } expiry] || signatures is not [{ } signature]
            || !long.TryParse(expiry, NumberStyles.None, CultureInfo.InvariantCulture, out var until) || now.ToUnixTimeSeconds() >= until
            || query["variant"].ToString() is not ("" or ContentOperation.DefaultVariant)
            || !ContentOperation.TryReadIndex(request, out var index)
            || !VideoId.TryParse(request.RouteValues["video_id"] as string ?? "", out var id))
            return Ended;
        var given = Encoding.UTF8.GetBytes(signature);
        Client? owner = null;
        // The link doesn't say whose it is. To try all clients asks no store, so that a stranger's guess costs nothing and shows nothing.
        foreach (var client in providers.Clients.Clients)
        {
            var right = Encoding.UTF8.GetBytes(SignatureOf(key, id.Value, index, client.Name, expiry));
            if (CryptographicOperations.FixedTimeEquals(right, given)) owner = client;
        }

        return owner is null ? Ended : owner;
    }

    private byte[]? KeyOf(ProviderSet providers) => providers.Options.ContentUrls.Key is { } key ? Encoding.UTF8.GetBytes(key) : stored.Current;

    private static string SignatureOf(byte[] key, VideoId id, int index, string caller, string expiry) =>
        Base64Url.EncodeToString(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(Invariant($"content\n{id}\n{index}\n{caller}\n{expiry}"))));
}
