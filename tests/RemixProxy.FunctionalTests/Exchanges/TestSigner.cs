using System.Security.Cryptography;
using System.Text;
using RemixProxy.Adapters;

namespace RemixProxy.FunctionalTests.Exchanges;

/// <summary>Signs method, address and body by two secrets, as a cloud would; or does what a test says.</summary>
internal sealed class TestSigner : IRequestSigner
{
    public const string Name = "test";

    /// <summary>What it does before it signs.</summary>
    public Func<HttpRequestMessage, CancellationToken, Task> First { get; set; } = (_, _) => Task.CompletedTask;

    public string Scheme => Name;

    public static string Signature(string method, string address, string body, string secret) =>
        Convert.ToHexString(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes($"{method} {address}\n{body}")));

    public async ValueTask SignAsync(HttpRequestMessage request, ProviderCredential credential, CancellationToken cancellationToken)
    {
        await First(request, cancellationToken);
        var body = request.Content is null ? "" : await request.Content.ReadAsStringAsync(cancellationToken);
        var signature = Signature(request.Method.Method, request.RequestUri!.AbsoluteUri, body, credential.Secrets["SecretKey"]);
        request.Headers.TryAddWithoutValidation("x-signature", $"{credential.Secrets["AccessKey"]}/{credential.Region}/{signature}");
    }
}
