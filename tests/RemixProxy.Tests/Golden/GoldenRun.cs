using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using RemixProxy.Adapters;
using RemixProxy.Contract;
using RemixProxy.Exchanges;
using RemixProxy.Jobs;

namespace RemixProxy.Tests.Golden;

/// <summary>
/// What an adapter does for a case that is answered from its page. A <c>video</c> is compared whole: what the request implies (<see cref="Implied"/>), with
/// each member that the block names set to its value, null included. An output is fetched by a GET of its URL, with the key unless it is public; where that
/// is not so, its <c>content</c> says how.
/// </summary>
internal sealed class GoldenRun(IVideoAdapter adapter, GoldenPage page, GoldenCase one)
{
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 9, 0, 30, TimeSpan.Zero);

    private readonly GoldenRequest _request = new(page, one);
    private readonly IVideoAdapter _adapter = adapter.For(new GoldenRequest(page, one).Account);
    private readonly List<GoldenBlock> _sent = [];
    private int _forwarded;
    private GoldenBlock? _end;

    /// <summary>Asks the _adapter.</summary>
    /// <exception cref="InvalidDataException">The page has no answer where it needs one, or one that nobody asks for.</exception>
    public async Task AskAsync()
    {
        _end = await EndAsync();
        if (one.Answers.ElementAtOrDefault(_sent.Count) is { } unused && (_sent.Count > 0 || one.Own.Contains(unused)))
            throw page.Fault(unused.Line, $"'{one.Heading}' does not ask for this answer");
    }

    /// <summary>Fails where the page says other than the adapter does.</summary>
    public void Verify()
    {
        for (var i = 0; i < Math.Max(_sent.Count, one.Natives.Count); i++) Compare(one.Natives.ElementAtOrDefault(i), _sent.ElementAtOrDefault(i));
        Compare(one.End, _end);
    }

    /// <summary>The page with what the adapter does.</summary>
    public string Update() => page.With(one, _sent, _end!);

    private async Task<GoldenBlock> EndAsync()
    {
        try
        {
            if (!_request.Operation.IsSubmit())
            {
                var first = _request.Operation switch
                {
                    VideoOperation.Retrieve => _adapter.Retrieve(_request.Id),
                    VideoOperation.Cancel => _adapter.Cancel(_request.Id),
                    _ => _adapter.Delete(_request.Id, _request.Status),
                };
                if (first is null) return GoldenBlock.Of("unsupported", [], true);
                return Describe(await StepRunner.RunAsync(first, SendAsync), new Video { Id = "", Prompt = _request.Prompt }, Implied(""), []);
            }

            var request = _request.ToSubmit(_adapter.Profile);
            var plan = _adapter.Submit(request);
            var known = new Video
            {
                Id = "", Prompt = request.Prompt, Model = plan.Model, Size = plan.Size ?? request.SourceSize ?? "",
                Seconds = plan.Seconds ?? request.SourceSeconds ?? "",
            };
            return Describe(await StepRunner.RunAsync(plan.First, SendAsync), known, Implied(request.Model), plan.Adjustments);
        }
        catch (VideoRequestException e)
        {
            return GoldenBlock.Of("request_error", [], WithoutNulls(("code", e.Code), ("param", e.Param), ("message", e.Message)));
        }
    }

    private ValueTask<ExchangeResult> SendAsync(Exchange exchange)
    {
        _forwarded += exchange.Forward ? 1 : 0;
        _sent.Add(Describe(exchange));
        if (one.Answers.ElementAtOrDefault(_sent.Count - 1) is not { } answer)
            throw page.Fault(one.Line, $"'{one.Heading}' has no answer to {string.Join('\n', _sent[^1].Write())}");
        var headers = answer.Head.Skip(1).Select(h => h.Split(": ", 2)).ToDictionary(h => h[0], h => h[1], StringComparer.OrdinalIgnoreCase);
        var response = new NativeResponse(int.Parse(answer.Head[0]), headers, Encoding.UTF8.GetBytes(answer.Body));
        return new(new ExchangeResult.Answered(response)
        {
            Refusal = response.IsSuccess ? null : new(response.Status, _adapter.ReadError(response), exchange.Forward),
        });
    }

    /// <summary>
    /// What the request alone implies: a queued video of this moment, its id as the last answer names it in <c>id</c> (else <c>none</c>), the model asked for
    /// or the default, the prompt (of a retrieve: as remembered); size and length unknown, no outputs and no adjustments.
    /// </summary>
    private Video Implied(string model)
    {
        var id = one.Answers is [.., { Json: JsonObject answer }] && answer["id"] is JsonValue value && value.TryGetValue<string>(out var text) ? text : "none";
        return new() { Id = new VideoId(id, _adapter.Profile.Type).ToString(), Model = model, Prompt = _request.Prompt, CreatedAt = Now.ToUnixTimeSeconds() };
    }

    private GoldenBlock Describe(Outcome outcome, Video known, Video implied, IReadOnlyList<Adjustment> adjustments)
    {
        switch (outcome)
        {
            case Outcome.Refused { Error: var error }:
                return GoldenBlock.Of("refused", [], WithoutNulls(
                    ("kind", error.Kind.ToString()), ("message", error.Message), ("param", error.Param),
                    ("retry_after", error.RetryAfter?.ToString("c", CultureInfo.InvariantCulture))));
            case Outcome.Unreadable { Forwarded: var forwarded }:
                return GoldenBlock.Of("unreadable", [], new JsonObject { ["forwarded"] = forwarded });
        }

        var snapshot = Assert.IsType<Outcome.Told>(outcome).Snapshot;
        Assert.Equal(1, _forwarded);
        var job = VideoJob.First(new VideoId(snapshot.Id ?? "none", _adapter.Profile.Type), "", known, snapshot, _adapter.Profile, TimeSpan.FromHours(1), Now);
        var (video, without) = (ToJson(job.Video), ToJson(implied));
        var said = new JsonObject(
            video.Where(m => !JsonNode.DeepEquals(m.Value, without[m.Key])).Select(m => KeyValuePair.Create(m.Key, m.Value?.DeepClone())));
        if (job.Video.Status == VideoStatus.Completed) said["outputs"] = new JsonArray([.. snapshot.Outputs.Select(o => Describe(job, o))]);
        if (adjustments.Count > 0)
        {
            said["adjustments"] = new JsonArray([.. adjustments.Select(a =>
                (JsonNode)new JsonObject { ["param"] = a.Param, ["requested"] = a.Requested, ["used"] = a.Used, ["reason"] = a.Reason })]);
        }

        return GoldenBlock.Of("video", [], said);
    }

    private JsonObject Describe(VideoJob job, NativeOutput output)
    {
        var described = new JsonObject { ["url"] = output.Url, ["public"] = output.Public, ["content_type"] = output.ContentType };
        var usual = new NativeRequest(HttpMethod.Get, output.Url) { Authenticated = !output.Public };
        if (Describe(_adapter.Content(job.Id.Native, output, "video")).Facts is var content && content != Describe(usual).Facts) described["content"] = content;
        return described;
    }

    private static GoldenBlock Describe(Exchange exchange) => Describe(
        exchange.Request, exchange.Forward ? "" : " · preliminary",
        exchange.Delay > TimeSpan.Zero ? " · after " + exchange.Delay.ToString("c", CultureInfo.InvariantCulture) : "");

    private static GoldenBlock Describe(NativeRequest request, string preliminary = "", string delay = "")
    {
        List<string> head = [$"{request.Method.Method} {request.Target}{preliminary}{(request.Authenticated ? "" : " · without key")}{delay}"];
        head.AddRange(request.Headers.Select(h => $"{h.Key}: {h.Value}"));
        switch (request.Body)
        {
            case null:
                return GoldenBlock.Of("native", head, null);
            case JsonBody json:
                head.AddRange(json.Media.Select(m => "@media: " + GoldenBlock.Compact(Describe(m.File))));
                return GoldenBlock.Of("native", head, JsonNode.Parse(WithMedia(json)));
            case MultipartBody form:
                head[0] += " · multipart";
                return GoldenBlock.Of("native", head, new JsonArray([.. form.Parts.Select(
                    p => (JsonNode)new JsonObject { [p.Name] = p.File is { } file ? Describe(file) : p.Text })]));
            case FileBody file:
                head[0] += " · file";
                return GoldenBlock.Of("native", head, Describe(file.File));
            default:
                throw new InvalidOperationException($"Unknown body {request.Body.GetType()}.");
        }
    }

    private static string WithMedia(JsonBody json)
    {
        var (text, from) = (new StringBuilder(), 0);
        foreach (var (offset, _) in json.Media)
        {
            text.Append(Encoding.UTF8.GetString(json.Utf8.Span[from..offset])).Append("@media");
            from = offset;
        }

        return text.Append(Encoding.UTF8.GetString(json.Utf8.Span[from..])).ToString();
    }

    private static JsonObject Describe(MediaFile file) => new() { ["name"] = file.Name, ["content_type"] = file.ContentType, ["length"] = file.Length };

    private static JsonObject ToJson(Video video) => JsonSerializer.SerializeToNode(video, VideoJsonContext.Default.Video)!.AsObject();

    private static JsonObject WithoutNulls(params (string Name, JsonNode? Value)[] members) =>
        new(members.Where(m => m.Value is not null).Select(m => KeyValuePair.Create(m.Name, m.Value)));

    private void Compare(GoldenBlock? expected, GoldenBlock? actual)
    {
        if (expected?.Facts == actual?.Facts) return;
        var fault = page.Fault(expected is { Line: >= 0 and var line } ? line : one.Line, $"'{one.Heading}' is otherwise; GOLDEN_UPDATE=1 writes what is so");
        Assert.Fail($"{fault.Message}\nOn the page:\n{Show(expected)}\nBut it is:\n{Show(actual)}");
    }

    private static string Show(GoldenBlock? block) => block is null ? "nothing" : string.Join('\n', block.Write());
}
