namespace RemixProxy.Sandbox.Fields;

/// <summary>The ways in which a field names an image or a clip.</summary>
[Flags]
internal enum MediaForms
{
    None = 0,

    /// <summary>An https URL, also one of the sandbox's own assets.</summary>
    Url = 1,

    /// <summary>A data URI with base64.</summary>
    DataUri = 2,

    /// <summary>Base64 alone.</summary>
    Base64 = 4,

    /// <summary>The id of a finished job of the same account.</summary>
    Job = 8,

    /// <summary>The vendor's own address of an upload; the simulator looks it up.</summary>
    Upload = 16,
}
