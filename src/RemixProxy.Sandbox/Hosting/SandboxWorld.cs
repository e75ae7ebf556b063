using RemixProxy.Sandbox.Content;
using RemixProxy.Sandbox.Jobs;

namespace RemixProxy.Sandbox.Hosting;

/// <summary>What all simulators share.</summary>
internal sealed class SandboxWorld
{
    public SandboxWorld(SandboxOptions options)
    {
        Time = options.Time;
        Accounts = new(Clips, options.MaxJobs);
        Assets = new(Accounts);
    }

    public TimeProvider Time { get; }

    public ClipLibrary Clips { get; } = new();

    public AccountRegistry Accounts { get; }

    public AssetUrls Assets { get; }

    /// <summary>Scheme, host and port of the APIs; known once the server listens.</summary>
    public string ApiOrigin { get; set; } = "";
}
