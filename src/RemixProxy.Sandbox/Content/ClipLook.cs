namespace RemixProxy.Sandbox.Content;

/// <summary>What a clip shows: clearly different pictures, so that a remix can be told from its source by eye.</summary>
internal enum ClipLook
{
    Dawn,
    Night,
    Snow,
    Rings,
    Stripes,
}
