using System.Text.Json;
using RemixProxy.Adapters;
using RemixProxy.Contract;
using RemixProxy.Providers.Kit;

namespace RemixProxy.FunctionalTests.Exchanges;

/// <summary>A provider from outside on the public kit, whose accounts sign by <see cref="TestSigner"/>; a submit looks something up first.</summary>
internal sealed class SignedAdapter : TaskAdapter
{
    public override ProviderProfile Profile { get; } = new()
    {
        Type = "signed",
        DisplayName = "Signed",
        Version = "v1",
        KeyVariables = [],
        Signing = new SigningScheme.BySigner(TestSigner.Name),
        Secrets = new Dictionary<string, ProviderSetting>(StringComparer.Ordinal) { ["AccessKey"] = new(), ["SecretKey"] = new() },
        Region = new() { Default = "north-1" },
        CreateModel = "small",
        Models = [new("small", VideoOperation.Create)],
        Operations = VideoOperation.Create | VideoOperation.Retrieve | VideoOperation.Delete | VideoOperation.Content,
        Remix = RemixKind.None,
        PollInterval = TimeSpan.FromSeconds(1),
        Statuses = [new("done", VideoStatus.Completed)],
    };

    protected override ErrorRules Errors { get; } = new();

    protected override string Target(string nativeId) => "jobs/" + NativeRequest.Segment(nativeId);

    protected override ProviderStep Create(Wish wish) =>
        Before(HttpMethod.Get, "quota", Post("jobs", new NativeObject { { "prompt", wish.Request.Prompt } }.ToBody()));

    protected override VideoSnapshot Read(JsonElement root, string? nativeId) =>
        State(root.Text("status"), [.. root.Items("urls").Select(u => new NativeOutput(u.Text()!))]) with { Id = "one" };
}
