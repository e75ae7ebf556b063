using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using RemixProxy.Sandbox.Jobs;

namespace RemixProxy.Sandbox.Content;

/// <summary>Makes and checks the signed addresses of finished clips.</summary>
internal sealed class AssetUrls(AccountRegistry accounts)
{
    private readonly byte[] _key = RandomNumberGenerator.GetBytes(32);
    private long _issued;

    /// <summary>Scheme, host and port of the asset host; known once the server listens.</summary>
    public string Origin { get; set; } = "";

    /// <summary>A new address each time, as the vendors give one with each poll.</summary>
    public string Sign(SandboxAccount account, SandboxJob job, string parameter, DateTimeOffset expires)
    {
        string path = $"/assets/{account.Type}/{Uri.EscapeDataString(account.Name)}/{job.Id}.mp4";
        string claim = Invariant($"{expires.ToUnixTimeSeconds()}.{Interlocked.Increment(ref _issued)}");
        return $"{Origin}{path}?{parameter}={claim}.{SignatureOf(path, claim)}";
    }

    /// <summary>Whether an address is one of ours, and what a GET of it would find now.</summary>
    public AssetLookup Find(string? url, DateTimeOffset now)
    {
        if (url is null || !Uri.TryCreate(url, UriKind.Absolute, out var uri) || !url.StartsWith($"{Origin}/assets/", StringComparison.Ordinal))
            return new(AssetVerdict.Foreign, null);
        return Find(uri.AbsolutePath, uri.Query, now);
    }

    public AssetLookup Find(string path, string query, DateTimeOffset now)
    {
        string[] parts = query[(query.IndexOf('=', StringComparison.Ordinal) + 1)..].Split('.');
        if (parts.Length != 3 || !long.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out long expires))
            return new(AssetVerdict.Forbidden, null);
        byte[] expected = Encoding.ASCII.GetBytes(SignatureOf(path, $"{parts[0]}.{parts[1]}"));
        if (!CryptographicOperations.FixedTimeEquals(expected, Encoding.ASCII.GetBytes(parts[2])) || now.ToUnixTimeSeconds() >= expires)
            return new(AssetVerdict.Forbidden, null);
        string[] segments = path.Split('/');
        var account = accounts.Of(segments[2], Uri.UnescapeDataString(segments[3]));
        if (!account.Jobs.TryGet(Path.GetFileNameWithoutExtension(segments[4]), out var job))
            return new(AssetVerdict.Missing, null);
        return new(job.IsContentGone ? AssetVerdict.Gone : AssetVerdict.Present, job);
    }

    private string SignatureOf(string path, string claim) => Convert.ToHexStringLower(HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes($"{path}\n{claim}")));
}
