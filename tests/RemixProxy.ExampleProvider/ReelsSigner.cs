using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using RemixProxy.Adapters;

namespace Reels;

/// <summary>Signs a request by the account's two secrets.</summary>
public sealed class ReelsSigner(TimeProvider time) : IRequestSigner
{
    /// <summary>What the profile calls it.</summary>
    public const string Name = "reels";

    /// <inheritdoc />
    public string Scheme => Name;

    /// <inheritdoc />
    public async ValueTask SignAsync(HttpRequestMessage request, ProviderCredential credential, CancellationToken cancellationToken)
    {
        var body = request.Content is null ? [] : await request.Content.ReadAsByteArrayAsync(cancellationToken);
        var now = time.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var signed = string.Join('\n', request.Method.Method, request.RequestUri!.PathAndQuery, now, Convert.ToHexStringLower(SHA256.HashData(body)));
        var signature = HMACSHA256.HashData(Encoding.UTF8.GetBytes(credential.Secrets["SecretKey"]), Encoding.UTF8.GetBytes(signed));
        request.Headers.Add("X-Reels-Key", credential.Secrets["AccessKey"]);
        request.Headers.Add("X-Reels-Time", now);
        request.Headers.Add("X-Reels-Signature", Convert.ToHexStringLower(signature));
    }
}
