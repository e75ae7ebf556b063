using System.Text.Json;
using RemixProxy.Adapters;
using RemixProxy.Contract;
using RemixProxy.Providers.Kit;

namespace RemixProxy.Tests.Providers;

/// <summary>A made-up provider whose accounts need two secrets, a region and a project.</summary>
internal sealed class VaultAdapter : TaskAdapter
{
    public override ProviderProfile Profile { get; } = new()
    {
        Type = "vault",
        DisplayName = "Vault",
        BaseUrl = "https://{region}.vault.example/projects/{project}",
        Version = "v1",
        KeyVariables = ["VAULT_KEY"],
        Signing = new SigningScheme.BySigner("vault"),
        Secrets = new Dictionary<string, ProviderSetting>(StringComparer.Ordinal)
        {
            ["AccessKey"] = new("VAULT_ACCESS_KEY", "VAULT_ID"),
            ["SecretKey"] = new("VAULT_SECRET_KEY"),
            ["Session"] = new("VAULT_SESSION") { Required = false },
        },
        Region = new("VAULT_REGION") { Default = "north-1" },
        Project = new("VAULT_PROJECT"),
        Storage = new("https://storage.vault.example", "vault"),
        IsOpenAiCompatible = true,
        CreateModel = "small",
        Models = [new("small", VideoOperation.Create)],
        TakesConfiguredModels = true,
        Operations = VideoOperation.Create | VideoOperation.Retrieve | VideoOperation.Delete | VideoOperation.Content,
        Remix = RemixKind.None,
        PollInterval = TimeSpan.FromSeconds(1),
    };

    protected override ErrorRules Errors { get; } = new();

    protected override string Target(string nativeId) => "jobs/" + NativeRequest.Segment(nativeId);

    protected override ProviderStep Create(Wish wish) => Post("jobs", new NativeObject { { "prompt", wish.Request.Prompt } }.ToBody());

    protected override VideoSnapshot Read(JsonElement root, string? nativeId) => State(root.Text("status"), []);
}
