using RemixProxy.Sandbox.Content;
using RemixProxy.Sandbox.Hosting;

namespace RemixProxy.Sandbox.Providers;

/// <summary>Looks at source clips given by address or as bytes. Nothing is fetched: an https address of somebody else's is believed.</summary>
internal sealed class SourceReader(SandboxWorld world)
{
    public NativeSource FromUrl(string url, DateTimeOffset now)
    {
        var found = world.Assets.Find(url, now);
        return found.Verdict switch
        {
            AssetVerdict.Present => new(found.Job!.Clip, null),
            AssetVerdict.Foreign when Uri.TryCreate(url, UriKind.Absolute, out var uri) && uri.Scheme == Uri.UriSchemeHttps => new(null, null),
            AssetVerdict.Foreign => NativeSource.Refused("Expected an https URL."),
            _ => NativeSource.Refused($"The URL could not be fetched: {found.Verdict}."),
        };
    }

    /// <summary>A data URI with base64; <paramref name="maxBytes"/> bounds the decoded bytes.</summary>
    public NativeSource FromDataUri(string uri, string mediaPrefix, int maxBytes)
    {
        int comma = uri.IndexOf(',', StringComparison.Ordinal);
        if (comma < 0 || !uri.StartsWith($"data:{mediaPrefix}", StringComparison.Ordinal) || !uri[..comma].EndsWith(";base64", StringComparison.Ordinal))
            return NativeSource.Refused($"Expected a data URI of {mediaPrefix}* in base64.");
        return FromBase64(uri[(comma + 1)..], maxBytes);
    }

    public NativeSource FromBase64(string text, int maxBytes)
    {
        byte[] bytes = new byte[text.Length * 3L / 4 + 3];
        if (!Convert.TryFromBase64String(text, bytes, out int count) || count == 0)
            return NativeSource.Refused("The data is not valid base64.");
        return count > maxBytes
            ? NativeSource.Refused(Invariant($"The data has {count} bytes; at most {maxBytes} are allowed."))
            : new(world.Clips.Recognise(bytes.AsSpan(0, count)), null);
    }
}
