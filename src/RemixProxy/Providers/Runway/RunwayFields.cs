namespace RemixProxy.Providers.Runway;

/// <summary>Fields beside prompt, size and length that a model takes.</summary>
[Flags]
internal enum RunwayFields
{
    None = 0,
    Seed = 1,
    Audio = 2,
    NegativePrompt = 4,
    ContentModeration = 8,
    Keyframes = 16,
    TargetAspectRatio = 32,
    OutputFormat = 64,
    All = 127,
}
