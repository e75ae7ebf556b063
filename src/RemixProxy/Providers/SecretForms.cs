using System.Buffers;
using System.Text;
using System.Text.Json;
using RemixProxy.Adapters;

namespace RemixProxy.Providers;

/// <summary>The texts that stand for an account's secrets. They are made once, because every answer of the provider is searched for them.</summary>
internal sealed class SecretForms
{
    /// <summary>The shortest secret that is replaced in texts, in characters. A shorter one would tear ordinary words apart.</summary>
    public const int LeastSecret = 4;

    /// <summary>The shortest secret that names are searched for, in characters. A shorter one may be a part of an id, and the video was paid for.</summary>
    private const int LeastInName = 16;

    /// <summary>A shorter piece of base64 may be an ordinary word.</summary>
    private const int ShortestForm = 8;

    private readonly SearchValues<string> _inNames;

    public SecretForms(ProviderCredential credential)
    {
        string[] whole = [.. credential.Secrets.Values.Append(credential.ApiKey).OfType<string>()];
        // Of a key in parts (id:secret) a provider may quote one.
        string[] secrets = [.. whole, .. whole.Where(s => s.Contains(':')).SelectMany(s => s.Split(':')).Where(part => part.Length >= LeastInName)];
        HasShort = secrets.Any(s => s.Length is > 0 and < LeastSecret);
        InTexts = [.. secrets.Where(s => s.Length >= LeastSecret).SelectMany(Of).Distinct(StringComparer.Ordinal).OrderByDescending(f => f.Length)];
        _inNames = SearchValues.Create([.. secrets.Where(s => s.Length >= LeastInName).SelectMany(Of)], StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Whether the account has a secret that is too short to be replaced.</summary>
    public bool HasShort { get; }

    /// <summary>The forms that are replaced in texts, the longest first.</summary>
    public IReadOnlyList<string> InTexts { get; }

    /// <summary>Whether a text holds a form of a long secret. No name may.</summary>
    public bool AreIn(string text) => text.AsSpan().ContainsAny(_inNames);

    /// <summary>A secret as it is, percent-encoded once or twice, as in JSON, in hexadecimal digits, and as in base64 of a longer text.</summary>
    private static IEnumerable<string> Of(string secret)
    {
        yield return secret;
        yield return Uri.EscapeDataString(secret);
        yield return Uri.EscapeDataString(Uri.EscapeDataString(secret));
        yield return JsonEncodedText.Encode(secret).Value;
        var bytes = Encoding.UTF8.GetBytes(secret);
        yield return Convert.ToHexString(bytes);
        for (var before = 0; before < 3; before++)
        {
            // Characters that the bytes before and behind share are left out.
            var base64 = Convert.ToBase64String([.. new byte[before], .. bytes, .. new byte[3]]);
            var first = ((8 * before) + 5) / 6;
            var form = base64[first..(8 * (before + bytes.Length) / 6)];
            if (form.Length < ShortestForm) continue;
            yield return form;
            yield return form.Replace('+', '-').Replace('/', '_');
        }
    }
}
