using RemixProxy.Sandbox.Content;
using RemixProxy.Sandbox.Fields;
using RemixProxy.Sandbox.Hosting;

namespace RemixProxy.Sandbox.Providers;

/// <summary>Looks at images and clips given by address or as bytes. Nothing is fetched: an https address of somebody else's is believed.</summary>
internal sealed class SourceReader(SandboxWorld world)
{
    /// <summary>What a field holds, in one of the forms that its rule allows.</summary>
    public NativeSource Find(MediaRule rule, string text, DateTimeOffset now)
    {
        if (rule.Forms.HasFlag(MediaForms.Base64))
            return FromBase64(text, rule.MaxBytes);
        if (rule.Forms.HasFlag(MediaForms.DataUri) && text.StartsWith("data:", StringComparison.Ordinal))
            return FromDataUri(text, rule);
        return rule.Forms.HasFlag(MediaForms.Url) ? FromUrl(text, now) : NativeSource.Refused("The address is none that is taken here.");
    }

    private NativeSource FromUrl(string url, DateTimeOffset now)
    {
        var found = world.Assets.Find(url, now);
        return found.Verdict switch
        {
            AssetVerdict.Present => new(found.Job!.Clip),
            AssetVerdict.Foreign when Uri.TryCreate(url, UriKind.Absolute, out var uri) && uri.Scheme == Uri.UriSchemeHttps => new(Clip: null),
            AssetVerdict.Foreign => NativeSource.Refused("Expected an https URL."),
            _ => NativeSource.Refused($"The URL could not be fetched: {found.Verdict}."),
        };
    }

    private NativeSource FromDataUri(string uri, MediaRule rule)
    {
        int comma = uri.IndexOf(',', StringComparison.Ordinal);
        if (comma < 0 || !uri.StartsWith($"data:{rule.Kind}", StringComparison.Ordinal) || !uri[..comma].EndsWith(";base64", StringComparison.Ordinal))
            return NativeSource.Refused($"Expected a data URI of {rule.Kind}* in base64.");
        return FromBase64(uri[(comma + 1)..], rule.MaxBytes);
    }

    private NativeSource FromBase64(string text, int maxBytes)
    {
        byte[] bytes = new byte[text.Length * 3L / 4 + 3];
        if (!Convert.TryFromBase64String(text, bytes, out int count) || count == 0)
            return NativeSource.Refused("The data is not valid base64.");
        return count > maxBytes
            ? NativeSource.Refused(Invariant($"The data has {count} bytes; at most {maxBytes} are allowed."))
            : new(world.Clips.Recognise(bytes.AsSpan(0, count)));
    }
}
