using System.Security.Cryptography;
using System.Text;
using RemixProxy.Cache;
using RemixProxy.Contract;

namespace RemixProxy.Operations.Submit;

/// <summary>A submit as it was read: what the caller wishes, and what decides whether it is new.</summary>
/// <param name="Intent">The wish.</param>
/// <param name="Body">The body that it was read from.</param>
/// <param name="KeyHash">The caller's <c>Idempotency-Key</c>, hashed: keys may name people or orders, and the store never sees them.</param>
/// <param name="IsRetry">Whether the SDK says that it sends the request again.</param>
/// <param name="Policy">What it wants of the cache.</param>
internal sealed record SubmitInput(SubmitIntent Intent, RequestBody Body, string? KeyHash, bool IsRetry, CachePolicy Policy)
{
    /// <summary>Reads headers and body, and checks every field, before anything is looked up.</summary>
    /// <exception cref="ApiException">400, 413, 415 or 503, naming the field.</exception>
    public static async Task<SubmitInput> ReadAsync(VideoCall call, BodyBudget.Lease lease)
    {
        var request = call.Http.Request;
        var options = call.Providers.Options;
        var key = SubmitHeaders.ReadKey(request);
        var policy = CacheHeaders.Read(request, options.Cache);
        var body = await RequestBody.ReadAsync(request, options.Limits, lease, call.CallerGone);
        var intent = SubmitIntent.Read(call.Operation, body, call.PathId);
        var hash = key is null ? null : Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(key)));
        return new(intent, body, hash, SubmitHeaders.IsRetry(request), intent.PolicyOf(policy));
    }
}
