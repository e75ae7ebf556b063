using RemixProxy.Adapters;
using RemixProxy.Contract;
using RemixProxy.Providers.Kit;

namespace RemixProxy.FunctionalTests.Content;

/// <summary>A vendor whose videos consist of two clips: a poll takes two exchanges, and the answer to each has one of them.</summary>
internal sealed class TwoClipsAdapter : IVideoAdapter
{
    public ProviderProfile Profile { get; } = new()
    {
        Type = "two",
        DisplayName = "Two",
        Version = "v1",
        KeyVariables = [],
        CreateModel = "small",
        Models = [],
        Operations = VideoOperation.Create | VideoOperation.Retrieve | VideoOperation.Content,
        Remix = RemixKind.None,
        PollInterval = TimeSpan.FromSeconds(1),
    };

    public SubmitPlan Submit(SubmitRequest request) => throw new NotSupportedException();

    public ProviderStep Retrieve(string nativeId) => new Exchange(new(HttpMethod.Post, "first"), first =>
        new Exchange(new(HttpMethod.Get, "second"), second => new Answer(new()
        {
            Status = VideoStatus.Completed,
            Outputs = [.. new[] { first, second }.Select(a => new NativeOutput(a.ReadObject().GetProperty("url").GetString()!))],
        }))
        { Forward = false });

    public ProviderStep? Delete(string nativeId, VideoStatus status) => null;

    public ProviderStep? Cancel(string nativeId) => null;

    public NativeRequest Content(string nativeId, NativeOutput output, string variant) => new(HttpMethod.Get, output.Url);

    public ProviderError ReadError(NativeResponse response) => new(ProviderErrorKind.ByStatus, null);
}
