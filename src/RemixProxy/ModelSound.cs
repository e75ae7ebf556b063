namespace RemixProxy;

/// <summary>Whether a model makes sound.</summary>
public enum ModelSound
{
    /// <summary>Its videos are silent.</summary>
    Never,

    /// <summary>Its videos always have sound.</summary>
    Always,

    /// <summary>The request switches the sound on or off.</summary>
    Switch,
}
