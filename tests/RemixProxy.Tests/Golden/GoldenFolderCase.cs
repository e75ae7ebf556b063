using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using RemixProxy.Adapters;
using RemixProxy.Contract;
using RemixProxy.Jobs;
using RemixProxy.TestKit;

namespace RemixProxy.Tests.Golden;

/// <summary>
/// One folder <c>Golden/{provider}/{case}/</c>. Inputs: <c>unified-request.json</c> and <c>native-response.json</c> (one, or an array where the operation takes
/// several exchanges).
/// Expected: <c>native-request.json</c> (likewise) and <c>video.json</c>: what callers see, or the refusal. With GOLDEN_UPDATE=1 the expected files are written
/// instead of compared; read the diff.
/// </summary>
internal sealed class GoldenFolderCase(IVideoAdapter provider, string folder)
{
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 9, 0, 30, TimeSpan.Zero);
    private static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping
    };

    private readonly JsonArray _requests = [];

    public void Verify()
    {
        var unified = JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "unified-request.json")))!.AsObject();
        var responses = Path.Combine(folder, "native-response.json") is var file && File.Exists(file) ? JsonNode.Parse(File.ReadAllText(file)) : null;
        var queue = new Queue<JsonNode>(responses is JsonArray many ? many.Select(r => r!) : responses is null ? [] : [responses]);
        var outcome = Run(unified, queue);
        Assert.Empty(queue);
        Expect("native-request.json", _requests.Count == 1 ? _requests[0]!.DeepClone() : _requests);
        Expect("video.json", outcome);
    }

    private JsonObject Run(JsonObject unified, Queue<JsonNode> responses)
    {
        var operation = Enum.Parse<VideoOperation>(unified["operation"]!.GetValue<string>(), ignoreCase: true);
        try
        {
            if ((operation & VideoOperation.Submit) != VideoOperation.None)
            {
                var request = ReadRequest(unified, operation);
                var plan = provider.Submit(request);
                var known = new Video
                {
                    Id = "", Prompt = request.Prompt, Model = plan.Model, Size = plan.Size ?? request.SourceSize ?? "",
                    Seconds = plan.Seconds ?? request.SourceSeconds ?? "",
                };
                return Finish(plan.First, responses, known, plan.Adjustments);
            }

            var id = unified["id"]!.GetValue<string>();
            var step = operation == VideoOperation.Retrieve
                ? provider.Retrieve(id)
                : provider.Delete(id, Enum.Parse<VideoStatus>(unified["status"]?.GetValue<string>() ?? "Completed", ignoreCase: true));
            return step is null
                ? new JsonObject { ["unsupported"] = true }
                : Finish(step, responses, new Video { Id = "", Prompt = unified["stateless"] is null ? "as remembered" : null }, []);
        }
        catch (VideoRequestException e)
        {
            return new JsonObject { ["request_error"] = new JsonObject { ["code"] = e.Code, ["param"] = e.Param, ["message"] = e.Message } };
        }
    }

    private JsonObject Finish(ProviderStep step, Queue<JsonNode> responses, Video known, IReadOnlyList<Adjustment> adjustments)
    {
        var forwarded = 0;
        while (step is Exchange exchange)
        {
            forwarded += exchange.Forward ? 1 : 0;
            _requests.Add(Describe(exchange));
            var response = ReadResponse(responses.Dequeue());
            if (!response.IsSuccess) return Refused(provider.ReadError(response));
            try
            {
                step = exchange.Next(response);
            }
            catch (JsonException)
            {
                return new JsonObject { ["unreadable"] = true };
            }
        }

        if (step is Refusal refusal) return Refused(refusal.Error);
        Assert.Equal(1, forwarded);
        var snapshot = ((Answer)step).Snapshot;
        var job = VideoJob.First(new VideoId(snapshot.Id ?? "none", provider.Profile.Type), "", known, snapshot, provider.Profile, TimeSpan.FromHours(1), Now);
        var outputs = job.Video.Status == VideoStatus.Completed ? snapshot.Outputs : [];
        var result = JsonSerializer.SerializeToNode(job.Video, VideoJsonContext.Default.Video)!.AsObject();
        result["outputs"] = new JsonArray(
            [.. outputs.Select(o => (JsonNode)new JsonObject { ["url"] = o.Url, ["public"] = o.Public, ["content_type"] = o.ContentType })]);
        result["content_requests"] = new JsonArray([.. outputs.Select(o => Describe(provider.Content(job.Id.Native, o, "video")))]);
        if (adjustments.Count > 0)
        {
            result["adjustments"] = new JsonArray([.. adjustments.Select(a =>
                (JsonNode)new JsonObject { ["param"] = a.Param, ["requested"] = a.Requested, ["used"] = a.Used, ["reason"] = a.Reason })]);
        }

        return result;
    }

    private static JsonObject Refused(ProviderError error) => new()
    {
        ["refused"] = new JsonObject
        {
            ["kind"] = error.Kind.ToString(), ["message"] = error.Message, ["param"] = error.Param, ["retry_after"] = error.RetryAfter?.ToString(
                "c", CultureInfo.InvariantCulture),
        },
    };

    private SubmitRequest ReadRequest(JsonObject unified, VideoOperation operation)
    {
        var profile = provider.Profile;
        return new()
        {
            Operation = operation,
            Model = Text("model") ?? operation switch
            {
                VideoOperation.Create => profile.CreateModel,
                VideoOperation.Extend => profile.ExtendModel ?? profile.CreateModel,
                _ => profile.RemixModel ?? profile.CreateModel,
            },
            Prompt = Text("prompt") ?? "",
            Size = Text("size") is { } size && VideoSize.TryParse(size, out var parsed) ? parsed : null,
            Seconds = Text("seconds") is { } seconds ? decimal.Parse(seconds, CultureInfo.InvariantCulture) : null,
            InputReference = ReadSource(unified["input_reference"]),
            Source = ReadSource(unified["source"]),
            SourceSize = Text("source_size"),
            SourceSeconds = Text("source_seconds"),
            Fields = unified["fields"] is JsonObject fields ? fields.ToDictionary(f => f.Key, f => JsonSerializer.SerializeToElement(f.Value)) : new(),
            SubmitKey = "0197f0a0-0000-7000-8000-000000000001",
            BaseUrl = new((profile.BaseUrl ?? "https://server.example") + "/" + profile.Version + "/"),
            Provider = profile.Type,
        };

        string? Text(string name) => unified[name]?.ToString();
    }

    private static MediaSource? ReadSource(JsonNode? node) => node switch
    {
        null => null,
        _ when node["id"] is { } id => new NativeIdSource(id.GetValue<string>()),
        _ when node["url"] is { } url => new UrlSource(url.GetValue<string>(), node["content_type"]?.GetValue<string>()),
        _ => new FileSource(Claimed(
            MediaFile.From(node["file"]!.GetValue<string>(), node["content_type"]!.GetValue<string>(),
            Encoding.UTF8.GetBytes(node["text"]!.GetValue<string>())), node["length"])),
    };

    // A case about a large file claims its length instead of holding it: adapters never open files.
    private static MediaFile Claimed(MediaFile file, JsonNode? length) => length is null ? file : file with { Length = length.GetValue<long>() };

    private static NativeResponse ReadResponse(JsonNode node)
    {
        var headers = node["headers"] is JsonObject h
            ? h.ToDictionary(p => p.Key, p => p.Value!.GetValue<string>(), StringComparer.OrdinalIgnoreCase)
            : new(StringComparer.OrdinalIgnoreCase);
        var body = node["text"] is { } text ? text.GetValue<string>() : node["body"]?.ToJsonString() ?? "";
        return new(node["status"]!.GetValue<int>(), headers, Encoding.UTF8.GetBytes(body));
    }

    private static JsonObject Describe(Exchange exchange)
    {
        var described = Describe(exchange.Request);
        if (!exchange.Forward) described["preliminary"] = true;
        if (exchange.Delay > TimeSpan.Zero) described["delay"] = exchange.Delay.ToString("c", CultureInfo.InvariantCulture);
        return described;
    }

    private static JsonObject Describe(NativeRequest request)
    {
        var described = new JsonObject { ["method"] = request.Method.Method, ["target"] = request.Target, ["authenticated"] = request.Authenticated };
        if (request.Headers.Count > 0) described["headers"] = new JsonObject(request.Headers.Select(h => KeyValuePair.Create(h.Key, (JsonNode?)h.Value)));
        described["body"] = request.Body switch
        {
            null => null,
            JsonBody { Utf8.Length: var _ } json => JsonNode.Parse(json.Utf8.Span),
            MultipartBody form => new JsonObject
            {
                ["multipart"] = new JsonArray([.. form.Parts.Select(p =>
                    (JsonNode)(p.File is { } file ? new JsonObject { ["name"] = p.Name, ["file"] = Describe(file) }
                    : new JsonObject { ["name"] = p.Name, ["text"] = p.Text }))]),
            },
            FileBody file => new JsonObject { ["file"] = Describe(file.File) },
            _ => throw new InvalidOperationException(),
        };
        if (request.Body is JsonBody { Media: { } media } with)
            described["media"] = new JsonObject { ["property"] = with.MediaProperty, ["file"] = Describe(media) };
        if (request.Body is JsonBody { MediaPrefix: { Length: > 0 } prefix }) described["media"]!["prefix"] = prefix;
        return described;
    }

    private static JsonObject Describe(MediaFile file) => new() { ["name"] = file.Name, ["content_type"] = file.ContentType, ["length"] = file.Length };

    private void Expect(string name, JsonNode actual)
    {
        var path = Path.Combine(folder, name);
        var text = actual.ToJsonString(Indented) + "\n";
        if (Repository.IsUpdating)
        {
            File.WriteAllText(path, text);
            return;
        }

        Assert.True(File.Exists(path), $"{path} is missing: run the tests once with GOLDEN_UPDATE=1 and read what it wrote.");
        Assert.Equal(JsonNode.Parse(File.ReadAllText(path))!.ToJsonString(Indented), actual.ToJsonString(Indented));
    }
}
