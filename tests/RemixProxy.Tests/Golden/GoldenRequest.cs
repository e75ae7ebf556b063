using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using RemixProxy.Adapters;
using RemixProxy.Contract;
using RemixProxy.Tests.Adapters;

namespace RemixProxy.Tests.Golden;

/// <summary>
/// What a case asks for. Of a create, remix, edit or extend the members of a <see cref="SubmitRequest"/>: a source or an image is <c>id</c>, <c>url</c> or a
/// file with <c>name</c>, <c>content_type</c> and <c>length</c>. Of a retrieve, delete or cancel <c>id</c>; of a delete <c>status</c> as last seen (else
/// completed); of a retrieve <c>stateless</c> where nothing is remembered of the video. Of any, the <c>account</c>: <c>key</c> or <c>no bucket</c>.
/// </summary>
internal sealed class GoldenRequest
{
    private static readonly string[] Inputs =
    [
        "operation", "model", "prompt", "size", "seconds", "input_reference", "last_frame", "reference_images", "reference_videos", "reference_audio", "audio",
        "source", "source_size", "source_seconds", "fields", "written", "form", "names", "id", "status", "stateless", "account",
    ];

    private readonly JsonObject _unified;

    public GoldenRequest(GoldenPage page, GoldenCase one)
    {
        _unified = one.Unified!.Json as JsonObject ?? throw page.Fault(one.Unified.Line, "'unified' is an object");
        if (_unified.FirstOrDefault(m => !Inputs.Contains(m.Key)) is { Key: { } unknown }) throw page.Fault(one.Unified.Line, $"'{unknown}' is no input");
        Operation = Enum.Parse<VideoOperation>(page.Title == "refusals" ? Text("operation") ?? "create" : page.Title, ignoreCase: true);
        if (!Operation.IsSubmit() && Text("id") is null) throw page.Fault(one.Unified.Line, "'id' is missing");
    }

    /// <summary>The page's name, or on the page of refusals the operation that the case names.</summary>
    public VideoOperation Operation { get; }

    public string Id => Text("id")!;

    public VideoStatus Status => Enum.Parse<VideoStatus>((Text("status") ?? "completed").Replace("_", "", StringComparison.Ordinal), ignoreCase: true);

    /// <summary>The prompt that is known before an answer.</summary>
    public string? Prompt => Operation.IsSubmit() ? Text("prompt") ?? "" : _unified["stateless"] is null ? "as remembered" : null;

    /// <summary>The account: with project, region and bucket, or with a key alone.</summary>
    public ProviderAccount Account => Text("account") switch
    {
        null => TestedAdapters.Account,
        "key" => new(TestedAdapters.Account.BaseUrl) { HasKey = true, Region = "global", StorageUrl = TestedAdapters.Account.StorageUrl },
        "no bucket" => TestedAdapters.Account with { OutputUri = null },
        var other => throw new InvalidOperationException($"There is no account '{other}'."),
    };

    public SubmitRequest ToSubmit(ProviderProfile profile) => new()
    {
        Operation = Operation,
        Model = Text("model") ?? Operation switch
        {
            VideoOperation.Create => profile.CreateModel,
            VideoOperation.Extend => profile.ExtendModel ?? profile.CreateModel,
            _ => profile.RemixModel ?? profile.CreateModel,
        },
        Prompt = Prompt!,
        Size = Text("size") is { } size && VideoSize.TryParse(size, out var parsed) ? parsed : null,
        Seconds = Text("seconds") is { } seconds ? decimal.Parse(seconds, CultureInfo.InvariantCulture) : null,
        InputReference = ReadSource(_unified["input_reference"]),
        LastFrame = ReadSource(_unified["last_frame"]),
        ReferenceImages = ReadSources("reference_images"),
        ReferenceVideos = ReadSources("reference_videos"),
        ReferenceAudio = ReadSources("reference_audio"),
        Audio = _unified["audio"]?.GetValue<bool>(),
        Source = ReadSource(_unified["source"]),
        SourceSize = Text("source_size"),
        SourceSeconds = Text("source_seconds"),
        Written = ReadWritten(),
        Fields = _unified["fields"] is JsonObject fields ? fields.ToDictionary(f => f.Key, f => JsonSerializer.SerializeToElement(f.Value)) : new(),
        SubmitKey = "0197f0a0-0000-7000-8000-000000000001",
        BaseUrl = RemixProxy.Providers.Provider.WithVersion(
            new((profile.BaseUrl ?? "https://server.example").Replace("{region}", "region").Replace("{project}", "project")), profile.Version),
        Provider = profile.Type,
    };

    private MediaSource[] ReadSources(string name) => _unified[name] is JsonArray items ? [.. items.Select(i => ReadSource(i)!)] : [];

    // Adapters never open files: a case says how long one is.
    private static MediaSource? ReadSource(JsonNode? node) => node switch
    {
        null => null,
        _ when node["id"] is { } id => new NativeIdSource(id.GetValue<string>()),
        _ when node["url"] is { } url => new UrlSource(url.GetValue<string>(), node["content_type"]?.GetValue<string>()),
        _ => new FileSource(MediaFile.From(node["name"]!.GetValue<string>(), node["content_type"]!.GetValue<string>(), default) with
        {
            Length = node["length"]!.GetValue<long>(),
        }),
    };

    private WrittenBody ReadWritten() => new()
    {
        Fields = _unified["written"] is JsonObject fields
            ? [.. fields.Select(f => KeyValuePair.Create(f.Key, JsonSerializer.SerializeToElement(f.Value)))]
            : [],
        Names = _unified["names"] is JsonObject names ? names.ToDictionary(n => n.Key, n => n.Value!.GetValue<string>(), StringComparer.Ordinal) : new(),
        Form = _unified["form"] is JsonArray parts ? [.. parts.Select(p => ReadPart(p!.AsObject().Single()))] : null,
    };

    private static MultipartPart ReadPart(KeyValuePair<string, JsonNode?> part) =>
        part.Value is JsonObject file ? new(part.Key, null, ((FileSource)ReadSource(file)!).File) : new(part.Key, part.Value!.ToString());

    private string? Text(string name) => _unified[name]?.ToString();
}
