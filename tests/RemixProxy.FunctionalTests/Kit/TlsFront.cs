using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace RemixProxy.FunctionalTests.Kit;

/// <summary>Speaks TLS on loopback, with a certificate that it signed itself, for a server that doesn't.</summary>
internal sealed class TlsFront : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<Task, bool> _serving = new();
    private readonly X509Certificate2 _certificate;
    private readonly Task _run;

    /// <param name="names">The names that the certificate is for.</param>
    public TlsFront(params string[] names)
    {
        _certificate = Sign(names);
        _listener.Start();
        _run = RunAsync();
    }

    public string Authority => _listener.LocalEndpoint.ToString()!;

    /// <summary>The server behind, as <c>address:port</c>.</summary>
    public string Server { get; set; } = "";

    /// <summary>The certificate, for a file of trusted ones.</summary>
    public string Pem => _certificate.ExportCertificatePem();

    /// <summary>Trusts no other certificate.</summary>
    public void TrustIn(SocketsHttpHandler handler) => handler.SslOptions.CertificateChainPolicy = new()
    {
        TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck, CustomTrustStore = { _certificate },
    };

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        foreach (var task in _serving.Keys.Append(_run)) await task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
        _certificate.Dispose();
    }

    private static X509Certificate2 Sign(string[] names)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=RemixProxy tests", key, HashAlgorithmName.SHA256);
        var alternatives = new SubjectAlternativeNameBuilder();
        foreach (var name in names) alternatives.AddDnsName(name);
        request.CertificateExtensions.Add(alternatives.Build());
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }

    private async Task RunAsync()
    {
        while (true)
        {
            var client = await _listener.AcceptTcpClientAsync(_stop.Token);
            _serving.TryAdd(ServeAsync(client), true);
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            await using var tls = new SslStream(client.GetStream());
            await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = _certificate }, _stop.Token);
            using var behind = new TcpClient();
            await behind.ConnectAsync(IPEndPoint.Parse(Server), _stop.Token);
            await using var plain = behind.GetStream();
            await Task.WhenAny(tls.CopyToAsync(plain, _stop.Token), plain.CopyToAsync(tls, _stop.Token));
        }
    }
}
