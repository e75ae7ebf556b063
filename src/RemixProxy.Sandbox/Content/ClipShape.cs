namespace RemixProxy.Sandbox.Content;

/// <summary>The shapes that clips exist in.</summary>
internal enum ClipShape
{
    Landscape,
    Portrait,
    Square,
}
