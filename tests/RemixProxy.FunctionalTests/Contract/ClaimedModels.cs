using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using RemixProxy.Adapters;
using RemixProxy.Contract;
using RemixProxy.FunctionalTests.Kit;
using RemixProxy.Providers;

namespace RemixProxy.FunctionalTests.Contract;

/// <summary>A running proxy with all simulators, what <c>GET /v1/models</c> says of their models, and a finished video at each provider to work on.</summary>
public sealed partial class ClaimedModels : IAsyncLifetime
{
    private readonly Dictionary<string, JsonObject> _sources = new(StringComparer.Ordinal);
    private ProviderSet _providers = null!;
    private byte[] _clip = [];
    private int _sent;
    private int _prompts;

    internal ProxyApp App { get; private set; } = null!;

    /// <summary>What each model is said to do, by <c>provider/model</c>.</summary>
    internal IReadOnlyDictionary<string, JsonObject> Claims { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        App = await ProxyApp.StartAsync(new()
        {
            Sandbox = new()
            {
                Intercept = (http, next) =>
                {
                    Interlocked.Increment(ref _sent);
                    return next(http);
                },
            },
        });
        _providers = App.Services.GetRequiredService<ProviderRegistry>().Current;
        var listed = (await App.GetAsync("v1/models"))["data"]!.AsArray().ToDictionary(m => m!["id"]!.GetValue<string>(), m => m!["capabilities"]!.AsObject());
        Claims = listed.Where(m => !_providers.Aliases.ContainsKey(m.Key)).ToDictionary(StringComparer.Ordinal);
        foreach (var provider in FinishedVideos.Providers)
            _sources[provider] = await App.CreateFinishedAsync(FinishedVideos.ModelOf(provider));
        _clip = await App.BytesAsync($"v1/videos/{_sources["openai"]["id"]}/content");
    }

    public ValueTask DisposeAsync() => App.DisposeAsync();

    /// <summary>The provider of a model, and what its adapter declares of the model: the numbers that no answer tells.</summary>
    internal (Provider Provider, VideoModel Model) Declared(string id)
    {
        var provider = _providers.Find(ProviderOf(id))!;
        return (provider, provider.FindModel(id[(provider.Name.Length + 1)..])!);
    }

    /// <summary>The video of a model's provider that edits and extensions work on.</summary>
    internal JsonObject SourceOf(string id) => _sources[ProviderOf(id)];

    /// <summary>Submits and asserts that it made one job at the provider.</summary>
    internal async Task<JsonObject> TakenAsync(string id, VideoOperation operation, JsonObject? fields = null, bool isUpload = false)
    {
        var before = App.Sandbox.SubmitsOf(ProviderOf(id));
        var reply = await SubmitAsync(id, operation, fields, isUpload);
        Assert.True(reply.Status == 200, $"{operation} {fields?.ToJsonString()}: {reply.Status} {reply.Text}");
        Assert.Equal(before + 1, App.Sandbox.SubmitsOf(ProviderOf(id)));
        return reply.Json;
    }

    /// <summary>Submits and asserts that it was refused before anything was sent.</summary>
    /// <returns>The message.</returns>
    internal async Task<string> RefusedAsync(
        string id, VideoOperation operation, JsonObject? fields, string code, string? param, bool isUpload = false)
    {
        var (reply, sent) = await TriedAsync(id, operation, fields, isUpload);
        var isAsExpected = !sent && (reply.Status, reply.Code, reply.Param) == (400, code, param);
        Assert.True(isAsExpected, $"{operation} {fields?.ToJsonString()}, sent {sent}: {reply.Status} {reply.Text}");
        return reply.Json["error"]!["message"]!.GetValue<string>();
    }

    /// <summary>Submits and says whether anything was sent.</summary>
    internal async Task<(Reply Reply, bool Sent)> TriedAsync(string id, VideoOperation operation, JsonObject? fields, bool isUpload = false)
    {
        var before = Volatile.Read(ref _sent);
        var reply = await SubmitAsync(id, operation, fields, isUpload);
        return (reply, Volatile.Read(ref _sent) != before);
    }

    /// <summary>The body of the newest submit at a simulator, without what differs in all of them.</summary>
    internal string LastSubmit() => Unique().Replace(App.Sandbox.Requests.Last(r => Upstream.IsSubmit(r.Method, r.PathAndQuery)).BodyText, "");

    internal static string ProviderOf(string id) => id[..id.IndexOf('/')];

    /// <summary>An image as the provider takes it.</summary>
    internal static JsonNode ImageOf(string id) => MediaOf(id, "image/png", "https://example.com/a.png");

    /// <summary>A medium as the provider takes it: some fetch nothing, others take nothing else, and OpenAI's API has an object.</summary>
    internal static JsonNode MediaOf(string id, string type, string url)
    {
        var provider = TestedProviders.Find(ProviderOf(id));
        if (provider.Type == "openai" && type == "image/png") return new JsonObject { ["image_url"] = url };
        return provider.TakesUrls ? url : $"data:{type};base64,iVBORw0KGgo=";
    }

    /// <summary>Submits with a prompt that no other submit has, so that none is a repeat of another.</summary>
    private async Task<Reply> SubmitAsync(string id, VideoOperation operation, JsonObject? fields, bool isUpload)
    {
        var body = new JsonObject { ["model"] = id, ["prompt"] = Invariant($"A paper boat, take {++_prompts}") };
        foreach (var (name, value) in fields ?? []) body[name] = value?.DeepClone();
        if (operation == VideoOperation.Extend) body["seconds"] ??= "4";
        if (operation == VideoOperation.Create && Declared(id).Model.NeedsImage) body["input_reference"] ??= ImageOf(id);
        var source = SourceOf(id)["id"]!.GetValue<string>();
        var path = operation switch
        {
            VideoOperation.Create => "v1/videos",
            VideoOperation.Remix => $"v1/videos/{source}/remix",
            VideoOperation.Edit => "v1/videos/edits",
            _ => "v1/videos/extensions",
        };
        if (!isUpload)
        {
            if (operation is VideoOperation.Edit or VideoOperation.Extend) body["video"] = new JsonObject { ["id"] = source };
            return await App.CallAsync("POST", path, body);
        }

        using var form = new MultipartFormDataContent();
        foreach (var (name, value) in body) form.Add(new StringContent(value!.ToString()), name);
        form.Add(new ByteArrayContent(_clip) { Headers = { ContentType = new("video/mp4") } }, "video", "clip.mp4");
        return await App.SendAsync(HttpMethod.Post, path, form);
    }

    [GeneratedRegex("""take \d+|"external_task_id":"[^"]*""")]
    private static partial Regex Unique();
}
