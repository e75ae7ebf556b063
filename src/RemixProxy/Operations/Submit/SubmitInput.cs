using System.Security.Cryptography;
using System.Text;
using RemixProxy.Cache;
using RemixProxy.Contract;

namespace RemixProxy.Operations.Submit;

/// <summary>A submit as read from the request: what the caller wants, and what decides whether it is new.</summary>
/// <param name="Intent">The checked wish.</param>
/// <param name="Body">The body that it was read from.</param>
/// <param name="KeyHash">The SHA-256 of the caller's <c>Idempotency-Key</c>, in hex. A key may name a person or an order, so the store never sees it.</param>
/// <param name="IsRetry">Whether the SDK marks the request as a retry.</param>
/// <param name="Policy">The cache policy.</param>
internal sealed record SubmitInput(SubmitIntent Intent, RequestBody Body, string? KeyHash, bool IsRetry, CachePolicy Policy)
{
    /// <summary>Reads headers and body and checks every field. Looks nothing up.</summary>
    /// <exception cref="ApiException">400 that names the field, 413, 415 or 503.</exception>
    public static async Task<SubmitInput> ReadAsync(VideoCall call, BodyBudget.Lease lease, TimeProvider time)
    {
        var request = call.Http.Request;
        var options = call.Providers.Options;
        var key = SubmitHeaders.ReadKey(request);
        var policy = CacheHeaders.Read(request, options.Cache);
        var body = await RequestBody.ReadAsync(request, options.Limits, lease, time, call.CallerGone);
        var intent = SubmitIntent.Read(call.Operation, body, call.PathId);
        var hash = key is null ? null : Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(key)));
        policy = intent.PolicyOf(policy);
        return new(intent, body, hash, SubmitHeaders.IsRetry(request), options.Jobs.KeepPrompts ? policy : policy.WithoutPrompts());
    }
}
