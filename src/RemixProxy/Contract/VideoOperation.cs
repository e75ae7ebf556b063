namespace RemixProxy.Contract;

/// <summary>The operations of the Videos API.</summary>
[Flags]
public enum VideoOperation
{
    /// <summary>No operation.</summary>
    None = 0,

    /// <summary>A new video from a prompt, and perhaps an image.</summary>
    Create = 1,

    /// <summary>A new video from an existing one, by id, and a new prompt.</summary>
    Remix = 2,

    /// <summary>A new video from an uploaded one and a prompt.</summary>
    Edit = 4,

    /// <summary>A longer video from an existing one.</summary>
    Extend = 8,

    /// <summary>The state of a video.</summary>
    Retrieve = 16,

    /// <summary>Deletes a video, and stops it where it is under way.</summary>
    Delete = 32,

    /// <summary>The bytes.</summary>
    Content = 64,

    /// <summary>The caller's videos.</summary>
    List = 128,

    /// <summary>The models.</summary>
    Models = 256,

    /// <summary>Characters, a part of the OpenAI contract that no provider has.</summary>
    Character = 512,

    /// <summary>Stops a video that is under way.</summary>
    Cancel = 1024,

    /// <summary>The operations that cost money.</summary>
    Submit = Create | Remix | Edit | Extend,
}
