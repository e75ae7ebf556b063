using RemixProxy.Adapters;
using RemixProxy.Contract;

namespace RemixProxy.FunctionalTests.Submits;

/// <summary>The smallest possible adapter: an answer's status is all that it reads, and every job is <c>one</c>.</summary>
internal sealed class TinyAdapter : IVideoAdapter
{
    public ProviderProfile Profile { get; } = new()
    {
        Type = "tiny",
        DisplayName = "Tiny",
        Version = "v1",
        KeyVariables = [],
        CreateModel = "small",
        Models = [],
        Operations = VideoOperation.Create | VideoOperation.Retrieve | VideoOperation.Delete | VideoOperation.Content,
        Remix = RemixKind.None,
        PollInterval = TimeSpan.FromSeconds(1),
    };

    public SubmitPlan Submit(SubmitRequest request) =>
        new(new Exchange(new(HttpMethod.Post, "jobs"), _ => LookUp("one") with { Forward = false }), request.Model);

    public ProviderStep Retrieve(string nativeId) => LookUp(nativeId);

    public ProviderStep? Delete(string nativeId, VideoStatus status) => null;

    public ProviderStep? Cancel(string nativeId) => null;

    public NativeRequest Content(string nativeId, NativeOutput output, string variant) => new(HttpMethod.Get, output.Url);

    public ProviderError ReadError(NativeResponse response) => new(ProviderErrorKind.ByStatus, null);

    private static Exchange LookUp(string id) =>
        new(new(HttpMethod.Get, "jobs/" + NativeRequest.Segment(id)), _ => new Answer(new() { Id = id, Status = VideoStatus.InProgress }));
}
