namespace RemixProxy.Sandbox.Content;

/// <summary>What a GET of an asset address finds.</summary>
internal enum AssetVerdict
{
    /// <summary>Not an address of this sandbox.</summary>
    Foreign,
    Present,

    /// <summary>The signature is wrong or has expired.</summary>
    Forbidden,

    /// <summary>The job was deleted.</summary>
    Missing,

    /// <summary>The bytes were dropped.</summary>
    Gone,
}
