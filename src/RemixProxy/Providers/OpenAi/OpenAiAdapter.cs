using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using RemixProxy.Adapters;
using RemixProxy.Contract;
using RemixProxy.Providers.Kit;

namespace RemixProxy.Providers.OpenAi;

/// <summary>Any server that speaks the OpenAI Videos API: self-hosted ones, gateways, resellers.</summary>
/// <remarks>
/// Fields that the API doesn't document pass unchanged, because such servers have many fields of their own and check them themselves. In their answers, keys
/// may be missing and any value may be text, a number or something else. The adapter ignores URLs that a server adds (<c>url</c>, <c>video_url</c>,
/// <c>output.url</c>): every compatible server has the content route, and nothing says who may fetch such a URL.
/// </remarks>
internal sealed class OpenAiAdapter : TaskAdapter
{
    /// <summary>How much of a refusal's text may name a form or a missing field, in characters.</summary>
    private const int LongestText = 500;

    /// <summary>How much the adapter reads of a refusal that is no JSON, in bytes: more than is ever shown, so that no secret is halved here.</summary>
    private const int MostText = 16 << 10;

    private const int MostNames = 64;
    private const int MostProblems = 16;
    private const int DeepestProblem = 3;

    // Where servers put a list of problems, and the names that its items have for the field.
    private static readonly string[] ProblemLists = ["detail", "details", "errors", "error", "validation_errors", "issues", "message", "data"];
    private static readonly string[] ProblemFields = ["loc", "path", "field", "param"];

    private static readonly VideoModel Sora = new("sora-2", VideoOperation.Submit)
    {
        Sizes =
        [
            new("9:16", "720p", new(720, 1280)), new("16:9", "720p", new(1280, 720)), new("9:16", "1080p", new(1024, 1792)),
            new("16:9", "1080p", new(1792, 1024)),
        ],
        Seconds = Durations.Of(4, 8, 12),
        ExtendSeconds = Durations.Of(4, 8, 12, 16, 20),
        Inputs = ModelInputs.OfFirstFrame,
        Sound = ModelSound.Always,
    };

    // Self-hosted servers have models, sizes and lengths of their own. What the caller asked for is sent as it is; what the caller left out is not sent.
    private static readonly VideoModel Undeclared = new("", VideoOperation.Submit);

    public override ProviderProfile Profile { get; } = new()
    {
        Type = "openai",
        AliasRank = int.MaxValue,
        DisplayName = "OpenAI-compatible server",
        Version = "v1",
        KeyVariables = ["OPENAI_API_KEY"],
        CreateModel = Sora.Id,
        Models = [Sora, Sora with { Id = "sora-2-pro" }],
        PassesUndeclared = true,
        IsOpenAiCompatible = true,
        TakesConfiguredModels = true,
        Operations = VideoOperation.Submit | VideoOperation.Retrieve | VideoOperation.Delete | VideoOperation.Content,
        Remix = RemixKind.Native,
        Sources = SourceForms.Id | SourceForms.File,
        ExtendSources = SourceForms.Id | SourceForms.File,
        Images = SourceForms.Id | SourceForms.Url | SourceForms.File,
        Variants = ["video", "thumbnail", "spritesheet"],
        PollInterval = TimeSpan.FromSeconds(5),
        // Gateways encode routing data in their ids, often as base64 or with their own separators.
        IdCharacters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.~:=+/@,|"),
        // With this length a unified id stays valid, also when the native id is encoded and any provider's name follows.
        MaxIdLength = 350,
        // The API has four words; compatible servers use the others for the same states.
        Statuses =
        [
            .. Words(VideoStatus.Queued, null, "queued", "pending", "queue", "queueing", "queuing", "in_queue", "waiting", "submitted", "created", "scheduled",
                "accepted", "not_started", "not_start"),
            .. Words(VideoStatus.InProgress, null, "in_progress", "processing", "running", "generating", "started", "starting", "rendering", "working",
                "active", "in_process", "inprogress", "progress", "post_processing"),
            .. Words(VideoStatus.Completed, null, "completed", "complete", "succeeded", "succeed", "success", "successful", "done", "ready",
                "finished", "finish", "ok", "generated"),
            .. Words(VideoStatus.Failed, null, "failed", "fail", "failure", "error", "errored", "exception", "rejected", "crashed", "incomplete",
                "unsuccessful", "dead"),
            .. Words(VideoStatus.Failed, "aborted", "aborted", "abort", "terminated", "stopped", "killed", "interrupted"),
            .. Words(VideoStatus.Failed, "cancelled", "cancelled", "canceled", "cancel", "revoked"),
            .. Words(VideoStatus.Failed, "expired", "expired", "timeout", "timed_out", "time_out"),
            .. Words(VideoStatus.Failed, "moderation_blocked", "blocked", "moderated", "content_filtered"),
        ],
    };

    protected override ErrorRules Errors { get; } = new()
    {
        Special = FaultOf,
        Rules =
        [
            new(ProviderErrorKind.Moderation) { Statuses = [400, 403, 422], When = IsModeration },
            new(ProviderErrorKind.ModelNotFound) { Statuses = [400, 403, 404, 410], Codes = ["model_not_found"] },
            // "The model `x` does not exist…", "The API deployment 'x' for this resource does not exist…", "Model not found: x".
            new(ProviderErrorKind.ModelNotFound)
            {
                Statuses = [404, 410], Says = ["model*does not exist", "model*not found", "deployment*does not exist", "deployment*not found"],
            },
            new(ProviderErrorKind.Unsupported) { Statuses = [404], When = IsOfRouter },
            new(ProviderErrorKind.InsufficientQuota) { Statuses = [400, 402, 403, 429], Codes = ["insufficient_quota"] },
            new(ProviderErrorKind.SubmissionUnknown) { Statuses = [424], Codes = ["submission_unknown"] },
            new(ProviderErrorKind.SubmissionInProgress) { Statuses = [409], Codes = ["submission_in_progress"] },
        ],
    };

    // The adapter does not read the body of the answer, because some servers answer 204.
    public override ProviderStep? Delete(string nativeId, VideoStatus status) =>
        new Exchange(new(HttpMethod.Delete, Target(nativeId)), _ => new Answer(new() { Id = nativeId, Status = status }));

    /// <summary>Cancels a job. OpenAI had no such call; several gateways have this one, and so has RemixProxy.</summary>
    public override ProviderStep? Cancel(string nativeId) => Stop(HttpMethod.Post, Target(nativeId) + "/cancel", nativeId);

    public override NativeRequest Content(string nativeId, NativeOutput output, string variant) =>
        new(HttpMethod.Get, variant == "video" ? output.Url : $"{output.Url}?variant={variant}");

    protected override VideoModel ModelOf(string id) => Profile.FindModel(id) ?? Undeclared with { Id = id };

    protected override string Target(string nativeId) => "videos/" + NativeRequest.Segment(nativeId);

    protected override ProviderStep Create(Wish wish)
    {
        wish.Size = wish.Request.Size?.ToString();
        if (wish.Model.Sizes.Count > 0) wish.FitSize(heedsFields: false);
        wish.Seconds = TextOf(wish.Model.Seconds is null ? wish.Request.Seconds : wish.FitSeconds());
        var by = wish.Request.InputReference is null ? wish.Request.Configured : wish.Request.Configured?.WithImage ?? wish.Request.Configured;
        var body = new OpenAiBody(wish.Request with { Configured = by }, wish.Fields.Rest());
        body.Set("model", wish.Request.Model);
        body.Set("prompt", wish.Request.Prompt, asWritten: true);
        SetSeconds(wish, body, wish.Seconds, asWritten: wish.Request.Seconds is { } asked && Durations.Text(asked) == wish.Seconds);
        body.Set("size", wish.Size, asWritten: wish.Request.Size?.ToString() == wish.Size);
        JsonObject? image = wish.Request.InputReference switch
        {
            UrlSource { Url: var url } => new() { ["image_url"] = url },
            NativeIdSource { Id: var id } => new() { ["file_id"] = id },
            _ => null,
        };
        if (image is not null) body.Set("input_reference", image, asWritten: true);
        return Send(wish, by?.Path ?? "videos", body);
    }

    // The API takes no model, size or length here; they are those of the source.
    protected override ProviderStep Edit(Wish wish)
    {
        wish.FollowSourceSize();
        wish.FollowSourceSeconds();
        RefuseImage(wish);
        var id = SourceOf(wish);
        var body = new OpenAiBody(wish.Request, wish.Fields.Rest());
        body.Set("prompt", wish.Request.Prompt, asWritten: true);
        foreach (var name in new[] { "model", "seconds", "size", "video" }) body.Set(name, null);
        return Send(wish, id is null ? "videos/edits" : Target(id) + "/remix", body);
    }

    protected override ProviderStep Extend(Wish wish)
    {
        var added = wish.Model.Seconds is null ? wish.Request.Seconds : wish.FitSeconds();
        wish.FollowSourceSize();
        RefuseImage(wish);
        // The server decides how much it adds, so the total is unknown.
        wish.Seconds = "";
        if (added is { } known) wish.Append(known);
        var body = new OpenAiBody(wish.Request, wish.Fields.Rest());
        body.Set("video", SourceOf(wish) is { } id ? new JsonObject { ["id"] = id } : null);
        body.Set("prompt", wish.Request.Prompt, asWritten: true);
        SetSeconds(wish, body, TextOf(added), asWritten: added == wish.Request.Seconds);
        foreach (var name in new[] { "model", "size" }) body.Set(name, null);
        return Send(wish, "videos/extensions", body);
    }

    protected override VideoSnapshot Read(JsonElement root, string? nativeId)
    {
        var answer = new OpenAiAnswer(root, isPoll: nativeId is not null);
        var (id, word, fault) = (nativeId ?? answer.Id, answer.Word, answer.Fault);
        // The server's code is left out if the status word already says it, and if it is video_generation_failed, which says no more than the status.
        var known = Profile.FindStatus(word);
        var code = known.Code is not null ? null
            : IsModeration(fault) ? "moderation_blocked"
            : answer.FaultCode is var own and not "video_generation_failed" ? own : null;
        // Even a plain error in a 2xx answer leaves doubt, because no id says that nothing was created. The caller learns the reason.
        if (id is null && answer.IsError) return VideoSnapshot.Failed("provider_error", answer.Reason);
        root = answer.Job;
        var isUnderWay = known.Status is VideoStatus.Queued or VideoStatus.InProgress;
        var state = State(word, isUnderWay || id is null ? [] : [new(Target(id) + "/content")], code, isUnderWay ? null : answer.Reason);
        return state with
        {
            Id = id,
            // A word in small letters could hide a key from whoever cleans it.
            UnknownWord = state.UnknownWord is null ? null : answer.OwnWord,
            Progress = answer.Progress,
            Model = root.Text("model"),
            Prompt = root.Text("prompt"),
            Size = VideoSize.TryParse(root.Text("size"), out var size) ? size.ToString() : null,
            Seconds = root.Number("seconds") is > 0 and var seconds ? TextOf(seconds) : null,
            RemixedFromId = root.Text("remixed_from_video_id"),
            CreatedAt = root.UnixTime("created_at"),
            CompletedAt = root.UnixTime("completed_at"),
            ExpiresAt = root.UnixTime("expires_at"),
        };
    }

    private static IEnumerable<StatusWord> Words(VideoStatus status, string? code, params string[] words) => words.Select(w => new StatusWord(w, status, code));

    // The key lets a RemixProxy behind this one tell a repeat from a new wish.
    private Exchange Send(Wish wish, string target, OpenAiBody body)
    {
        var request = new NativeRequest(HttpMethod.Post, target) { Headers = [new("Idempotency-Key", wish.Request.SubmitKey)] };
        if (body.HasFile || wish.Request.BodyFormat == BodyFormat.Multipart) return Ask(request with { Body = body.ToForm() }, null);
        var json = body.ToJson();
        var exchange = Ask(request with { Body = json.ToBody() }, null);
        if (wish.Request.BodyFormat == BodyFormat.Json) return exchange;
        string[] names = [.. json.Select(m => m.Key).Take(MostNames)];
        return exchange with { Instead = refusal => WantsForm(refusal, names) ? request with { Body = body.ToForm() } : null };
    }

    // A server that takes forms only says so, or misses fields that it doesn't find in JSON: in a list of problems, or in a sentence.
    private static bool WantsForm(NativeResponse refusal, string[] names)
    {
        if (refusal.Status == 415) return true;
        var (fault, problems) = (FaultOf(refusal), ProblemsIn(refusal.ReadAny()));
        if (Cut(fault.Text).Says("multipart", "form-data", "form data", "formdata", "boundary", "urlencoded")) return true;
        if (problems.Length == 0) return names.Any(name => IsMissing(fault, name));
        return problems.Any(p => FieldOf(p) is [.., var field]
            ? (p.Text("type").Says("missing") || MessageOf(p).Says("missing", "required")) && names.Append("body").Contains(field)
            : names.Any(name => IsMissing(new() { Text = MessageOf(p) }, name)));
    }

    private static bool IsMissing(NativeFault fault, string name)
    {
        if (Cut(fault.Text) is not { } text) return false;
        if (fault.Param == name) return fault.Has("missing_required_parameter", "missing", "required") || text.Says("missing", "required");
        if (name.Length > text.Length) return false;
        var field = Regex.Escape(name);
        var before = $@"\b(missing|required\s+(parameter|field|property|argument)s?)\b\W+(\w+\W+){{0,3}}?{field}\b";
        var behind = $@"\b{field}\W+((is|field)\s+)?(required|missing)\b";
        return Regex.IsMatch(text, $"{before}|{behind}", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, Regex.InfiniteMatchTimeout);
    }

    private static string? Cut(string? text) => text is { Length: > LongestText } ? TextBounds.Beginning(text, LongestText) : text;

    private static string? TextOf(decimal? seconds) => seconds is { } length ? Durations.Text(length) : null;

    /// <summary>The source's id; null for a file.</summary>
    private static string? SourceOf(Wish wish) => wish.Request.Source switch
    {
        NativeIdSource source => source.Id,
        FileSource => null,
        _ => throw new VideoRequestException("invalid_value", "video", "'video' must be a video of this provider or an uploaded file."),
    };

    // OpenAI's own models take the length as text. Other servers get what the caller wrote.
    private void SetSeconds(Wish wish, OpenAiBody body, string? seconds, bool asWritten)
    {
        var isOwn = wish.Request.Configured is null && Profile.FindModel(wish.Request.Model) is not null;
        if (isOwn) body.SetText("seconds", seconds, asWritten);
        else body.Set("seconds", seconds, asWritten);
    }

    private static void RefuseImage(Wish wish)
    {
        if (wish.Fields.Json("input_reference") is not null) throw VideoRequestException.ImageBesideSource(wish.Request.Provider);
    }

    // An error comes as the API's envelope, as the inner object alone, or as plain text. Problems with single fields stand anywhere in it.
    private static NativeFault FaultOf(NativeResponse response)
    {
        var root = response.ReadAny();
        if (root.ValueKind == JsonValueKind.Undefined) return new() { Text = PlainText(response.Body) };
        var fault = (root.Member("error"), root.Member("detail")) switch
        {
            ({ ValueKind: JsonValueKind.Object } envelope, _) => OpenAiAnswer.Of(envelope),
            (_, { ValueKind: JsonValueKind.Object or JsonValueKind.String } detail) => OpenAiAnswer.Of(detail),
            ({ ValueKind: JsonValueKind.String } text, _) when root.Text("message") is null => OpenAiAnswer.Of(text),
            _ => OpenAiAnswer.Of(root),
        };
        if (ProblemsIn(root) is not [var first, ..] problems) return fault;
        // What one problem alone says is the message.
        var param = fault.Param ?? FieldOf(first).LastOrDefault();
        if (fault.Text is null && problems.Length == 1) return fault with { Text = MessageOf(first), Param = param };
        return fault with { Problems = [.. problems.Select(p => new NativeProblem(FieldOf(p), MessageOf(p)))], Param = param };
    }

    /// <summary>
    /// The problems with single fields, as FastAPI lists them in <c>detail</c>, <c>{"type": "missing", "loc": ["body", "prompt"], "msg": …}</c>, and other
    /// servers elsewhere, under other names, or as mere sentences.
    /// </summary>
    private static JsonElement[] ProblemsIn(JsonElement value, int depth = 0) => value.ValueKind switch
    {
        JsonValueKind.Array => [.. value.EnumerateArray().Take(MostProblems).Where(item => FieldOf(item).Length > 0 || MessageOf(item) is not null)],
        JsonValueKind.Object when depth <= DeepestProblem =>
            ProblemLists.Select(name => ProblemsIn(value.Member(name), depth + 1)).FirstOrDefault(list => list.Length > 0) ?? [],
        _ => [],
    };

    /// <summary>The path of the field that a problem names; empty where it names none.</summary>
    private static string[] FieldOf(JsonElement problem)
    {
        var field = ProblemFields.Select(name => problem.Member(name)).FirstOrDefault(f => f.ValueKind is JsonValueKind.Array or JsonValueKind.String);
        var path = field.ValueKind == JsonValueKind.Array ? [.. field.Items().Select(p => p.Text()).OfType<string>()] : field.Text()?.Split('.') ?? [];
        return path is ["body", _, ..] ? path[1..] : path;
    }

    private static string? MessageOf(JsonElement problem) =>
        problem.ValueKind == JsonValueKind.String ? problem.Text() : problem.Text("msg") ?? problem.Text("message");

    // An HTML page is no message for a caller.
    private static string? PlainText(ReadOnlyMemory<byte> body)
    {
        var text = Encoding.UTF8.GetString(body.Span[..Math.Min(body.Length, MostText)]).Trim();
        return text is "" || text.StartsWith('<') ? null : text;
    }

    private static bool IsModeration(NativeFault fault) => fault.Has("moderation_blocked", "content_policy_violation", "content_filter");

    // These are the answers of OpenAI and its gateways, NestJS, Go, Starlette and Spring to a missing route. A server that looked for a video says more.
    private static bool IsOfRouter(NativeFault fault) =>
        fault.Has("unknown_url") || fault.Text is "404 page not found" or "Not Found"
        || fault.Text?.StartsWith("Invalid URL (", StringComparison.Ordinal) == true
        || fault.Text?.StartsWith("Cannot POST /", StringComparison.Ordinal) == true;
}
