using System.Collections.Frozen;

namespace RemixProxy.Contract;

/// <summary>The names of operations.</summary>
internal static class VideoOperationExtensions
{
    private static readonly FrozenDictionary<VideoOperation, string> Names = Enum.GetValues<VideoOperation>().ToFrozenDictionary(
        o => o, o => o.ToString().ToLowerInvariant());

    /// <summary>The operation's name for callers and operators, in <c>/v1/models</c>, routes, labels and spans.</summary>
    public static string Name(this VideoOperation operation) => Names[operation];

    /// <summary>The operation's name in <c>request_type</c>.</summary>
    public static string RequestType(this VideoOperation operation) => operation switch
    {
        VideoOperation.Create => "video_generation",
        VideoOperation.Remix => "video_remix",
        VideoOperation.Edit => "video_edit",
        VideoOperation.Extend => "video_extension",
        VideoOperation.Retrieve => "video_retrieve",
        VideoOperation.List => "video_list",
        VideoOperation.Delete => "video_delete",
        VideoOperation.Cancel => "video_cancel",
        VideoOperation.Content => "video_download",
        VideoOperation.Models => "list_models",
        _ => "video",
    };

    /// <summary>Whether the operation costs money.</summary>
    public static bool IsSubmit(this VideoOperation operation) => operation != VideoOperation.None && VideoOperation.Submit.HasFlag(operation);
}
