using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace RemixProxy.FunctionalTests.Kit;

/// <summary>Speaks TLS, with a certificate that it signed itself, for a server that doesn't.</summary>
/// <param name="names">The names that the certificate is for.</param>
internal sealed class TlsFront(params string[] names) : LoopbackServer
{
    private readonly X509Certificate2 _certificate = Sign(names);

    /// <summary>The server behind, as <c>address:port</c>.</summary>
    public string Server { get; set; } = "";

    /// <summary>The certificate, for a file of trusted ones.</summary>
    public string Pem => _certificate.ExportCertificatePem();

    /// <summary>Trusts no other certificate.</summary>
    public void TrustIn(SocketsHttpHandler handler) => handler.SslOptions.CertificateChainPolicy = new()
    {
        TrustMode = X509ChainTrustMode.CustomRootTrust,
        RevocationMode = X509RevocationMode.NoCheck,
        CustomTrustStore = { _certificate },
    };

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _certificate.Dispose();
    }

    protected override async Task ServeAsync(NetworkStream client)
    {
        await using var tls = new SslStream(client);
        await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = _certificate }, Stopping);
        await using var server = await ConnectAsync(Server);
        await TunnelAsync(tls, server);
    }

    private static X509Certificate2 Sign(string[] names)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=RemixProxy tests", key, HashAlgorithmName.SHA256);
        var alternatives = new SubjectAlternativeNameBuilder();
        foreach (var name in names) alternatives.AddDnsName(name);
        request.CertificateExtensions.Add(alternatives.Build());
        return request.CreateSelfSigned(TimeProvider.System.GetUtcNow().AddDays(-1), TimeProvider.System.GetUtcNow().AddDays(1));
    }
}
