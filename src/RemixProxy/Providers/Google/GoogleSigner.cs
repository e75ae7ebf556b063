using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Google.Apis.Auth.OAuth2;
using Google.Apis.Http;
using RemixProxy.Adapters;

namespace RemixProxy.Providers.Google;

/// <summary>
/// Signs requests to Google Cloud: with an API key where the account has one, else with an access token for a service account, for a user of gcloud, or from
/// the metadata server of the machine. Google's library gets the tokens, keeps them, and refreshes them some minutes before they expire.
/// </summary>
/// <param name="proxy">The way out to Google's token servers. The metadata server is always asked directly.</param>
internal sealed class GoogleSigner(Func<IWebProxy> proxy) : IRequestSigner
{
    /// <summary>The scheme.</summary>
    public const string Name = "google";

    /// <summary>The secret with a credential's JSON, or the path of its file.</summary>
    public const string Credentials = "Credentials";

    private const string KeyHeader = "x-goog-api-key";
    private const string Scope = "https://www.googleapis.com/auth/cloud-platform";

    /// <summary>The most credentials that are kept. Only replaced ones can be more than the accounts.</summary>
    private const int MaxCount = 100;

    private readonly ConcurrentDictionary<(string Text, DateTime Written), ITokenAccessWithHeaders> _credentials = new();

    /// <summary>The signing, for profiles.</summary>
    public static SigningScheme Signing { get; } = new SigningScheme.BySigner(Name) { TakesKey = true };

    public string Scheme => Name;

    /// <summary>The secrets of an account at Google Cloud. Without any, the machine's metadata server is asked.</summary>
    public static IReadOnlyDictionary<string, ProviderSetting> Secrets { get; } = new Dictionary<string, ProviderSetting>(StringComparer.Ordinal)
    {
        [Credentials] = new ProviderSetting("GOOGLE_APPLICATION_CREDENTIALS") { Required = false },
    };

    public string? Check(ProviderCredential credential)
    {
        if (credential.ApiKey is not null || !credential.Secrets.TryGetValue(Credentials, out var text)) return null;
        try
        {
            Read(IsJson(text) ? text : File.ReadAllText(text));
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return $"Secrets:{Credentials} (or GOOGLE_APPLICATION_CREDENTIALS) names a file that can't be read ({e.GetType().Name}).";
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // What the library throws quotes the text.
            return $"Secrets:{Credentials} (or GOOGLE_APPLICATION_CREDENTIALS) must be the JSON of a Google Cloud credential, or the path of its file.";
        }
    }

    public async ValueTask SignAsync(HttpRequestMessage request, ProviderCredential credential, CancellationToken cancellationToken)
    {
        if (credential.ApiKey is { } key)
        {
            request.Headers.TryAddWithoutValidation(KeyHeader, key);
            return;
        }

        var token = await (await FindAsync(credential, cancellationToken)).GetAccessTokenWithHeadersForRequestAsync(cancellationToken: cancellationToken);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token.AccessToken);
        foreach (var (name, values) in token.Headers) request.Headers.TryAddWithoutValidation(name, values);
    }

    private async ValueTask<ITokenAccessWithHeaders> FindAsync(ProviderCredential credential, CancellationToken cancellationToken)
    {
        var text = credential.Secrets.GetValueOrDefault(Credentials, "");
        var isFile = text.Length > 0 && !IsJson(text);
        // A mounted secret is replaced while the process runs.
        var key = (text, isFile ? File.GetLastWriteTimeUtc(text) : default);
        if (_credentials.TryGetValue(key, out var found)) return found;
        var made = text.Length == 0 ? FromMachine() : Make(isFile ? await File.ReadAllTextAsync(text, cancellationToken) : text);
        if (_credentials.Count >= MaxCount) _credentials.Clear();
        return _credentials.GetOrAdd(key, made);
    }

    private static bool IsJson(string text) => text.AsSpan().TrimStart() is ['{', ..];

    private GoogleCredential Make(string json) => Scoped(Read(json).CreateWithHttpClientFactory(HttpClientFactory.ForProxy(proxy())));

    private static GoogleCredential Read(string json)
    {
        using var document = JsonDocument.Parse(json);
        return CredentialFactory.FromJson(json, document.RootElement.GetProperty("type").GetString()!);
    }

    private static GoogleCredential FromMachine() => Scoped(GoogleCredential.FromComputeCredential());

    private static GoogleCredential Scoped(GoogleCredential credential) => credential.CreateScoped(Scope);
}
