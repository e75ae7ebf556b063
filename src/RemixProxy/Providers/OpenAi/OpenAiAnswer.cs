using System.Globalization;
using System.Text.Json;
using RemixProxy.Providers.Kit;

namespace RemixProxy.Providers.OpenAi;

/// <summary>
/// A 2xx answer of an OpenAI-compatible server about a job: the API's object itself, or a wrapper around it,
/// <c>{"code": 0, "message": "ok", "data": {…}}</c>.
/// </summary>
internal sealed class OpenAiAnswer
{
    private const int MaxDepth = 3;

    private static readonly string[] Wrappers = ["data", "result", "response", "task", "video", "job"];
    private static readonly string[] Ids = ["id", "task_id", "taskId", "video_id", "videoId", "job_id", "jobId", "generation_id"];
    private static readonly string[] RequestIds = ["request_id", "requestId"];
    private static readonly string[] Statuses = ["status", "state", "task_status", "taskStatus", "job_status"];
    private static readonly string[] Ends = ["done", "completed", "finished", "is_finished"];
    private static readonly string[] Prefixes = ["task_status_", "job_state_", "job_status_", "status_", "state_"];
    private static readonly string[] GoodCodes = ["0", "200", "10000", "success", "succeeded", "ok"];
    private static readonly string[] PassingCodes = ["429", "500", "502", "503", "504", "rate_limit_exceeded", "rate_limit_error", "server_error"];

    private static readonly string[] Reasons =
    [
        "fail_reason", "failReason", "failure_reason", "failureReason", "fail_msg", "failMsg", "error_message", "errorMessage", "error_msg", "errorMsg",
        "message", "msg", "reason", "detail",
    ];

    private readonly JsonElement _root;
    private readonly JsonElement _job;

    /// <param name="root">The answer.</param>
    /// <param name="isPoll">Whether it answers a poll. A submit that <c>"status": false</c> answers has not failed if it has an id.</param>
    public OpenAiAnswer(JsonElement root, bool isPoll)
    {
        (_root, _job) = (root, root);
        // A wrapper's own status is that of the request, so the object with an id or a status inside it counts.
        for (var (inner, depth) = (Inside(root), 0); !IsJob(root) && inner is { } layer && depth < MaxDepth; (inner, depth) = (Inside(layer), depth + 1))
        {
            if (IdIn(layer, Ids) is null && WordIn(layer) is null) continue;
            _job = layer;
            break;
        }

        var fault = FaultIn(_job) ?? FaultIn(root);
        (Fault, HasFault) = (fault ?? new(), fault is not null);
        Word = WordIn(_job, isPoll) ?? WordIn(root, isPoll);
    }

    /// <summary>
    /// The id of the job in the answer to a submit; null where there is none. The id of the request counts last, and never beside an error.
    /// </summary>
    public string? Id
    {
        get
        {
            if ((IdIn(_root, Ids) ?? IdIn(_job, Ids)) is { } id) return id;
            if (IsError) return null;
            return _root.Text("data") ?? IdIn(_job, RequestIds) ?? IdIn(_root, RequestIds);
        }
    }

    /// <summary>
    /// The word for the state, in small letters with <c>_</c> between its parts and without a prefix such as <c>TASK_STATUS_</c>. An end that a boolean tells
    /// is <c>completed</c> or <c>failed</c>. An answer with an error and no state is <c>failed</c>, unless the error is one of the poll that passes.
    /// </summary>
    public string? Word { get => field ?? (HasFault && !Fault.Has(PassingCodes) ? "failed" : null); }

    /// <summary>The word for the state as the server wrote it; null where it wrote none.</summary>
    public string? OwnWord => new[] { _job, _root }.SelectMany(layer => Statuses.Select(name => layer.Text(name))).FirstOrDefault(
        text => text is not null && Plain(text) == Word);

    /// <summary>The error; an empty one where there is none.</summary>
    public NativeFault Fault { get; }

    /// <summary>The code of the error as a stable word; null where it has none.</summary>
    public string? FaultCode => (_job.Member("error") is { ValueKind: JsonValueKind.Object } error ? error : _root.Member("error")).Word("code");

    /// <summary>Why the job failed, where the server says it.</summary>
    public string? Reason => Fault.Text ?? Reasons.SelectMany(name => new[] { _job.Text(name), _root.Text(name) }).FirstOrDefault(
        text => text is not null && !GoodCodes.Contains(text, StringComparer.OrdinalIgnoreCase));

    /// <summary>The progress in percent, also where it is written <c>42%</c>.</summary>
    public double? Progress => Read("progress").Text()?.TrimEnd('%', ' ') is { } text
        && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var percent)
            ? percent
            : null;

    /// <summary>The object that has the fields of the job.</summary>
    public JsonElement Job => _job;

    /// <summary>Whether the answer reports an error, in the job or by the code of its wrapper.</summary>
    public bool IsError => HasFault || IsGood(_root) == false;

    private bool HasFault { get; }

    private JsonElement Read(string name) => _job.Member(name) is { ValueKind: not JsonValueKind.Undefined } own ? own : _root.Member(name);

    private static bool IsJob(JsonElement layer) => IdIn(layer, Ids) is not null && WordIn(layer) is not null;

    private static JsonElement? Inside(JsonElement layer)
    {
        foreach (var name in Wrappers)
        {
            var inner = layer.Member(name);
            if (inner.ValueKind == JsonValueKind.Array) inner = inner.EnumerateArray().FirstOrDefault();
            if (inner.ValueKind == JsonValueKind.Object) return inner;
        }

        return null;
    }

    private static string? IdIn(JsonElement layer, string[] names) => names.Select(name => layer.Text(name)).FirstOrDefault(id => id is not null);

    private static string? WordIn(JsonElement layer, bool isPoll = true)
    {
        foreach (var name in Statuses)
        {
            switch (layer.Member(name))
            {
                case { ValueKind: JsonValueKind.True }:
                    return "completed";
                case { ValueKind: JsonValueKind.False }:
                    return isPoll ? "failed" : null;
                case { ValueKind: JsonValueKind.String } text when text.Text() is { } word:
                    return Plain(word);
            }
        }

        if (Ends.All(name => layer.Member(name).ValueKind != JsonValueKind.True)) return null;
        return FaultIn(layer) is null ? "completed" : "failed";
    }

    private static string Plain(string word)
    {
        var plain = word.Trim().Replace(' ', '_').Replace('-', '_').ToLowerInvariant();
        return Prefixes.FirstOrDefault(p => plain.StartsWith(p, StringComparison.Ordinal)) is { } prefix ? plain[prefix.Length..] : plain;
    }

    // Many servers write an empty error, or one that says "success", beside a success.
    private static NativeFault? FaultIn(JsonElement layer) => layer.Member("error") switch
    {
        { ValueKind: JsonValueKind.Object } error when error.EnumerateObject().Any(m => !IsEmpty(m.Value)) && IsGood(error) != true => Of(error),
        { ValueKind: JsonValueKind.Array } list when list.EnumerateArray().FirstOrDefault() is var first && !IsEmpty(first) => Of(first),
        { ValueKind: JsonValueKind.String } text when !IsEmpty(text) && !GoodCodes.Contains(text.Text(), StringComparer.OrdinalIgnoreCase) => Of(text),
        { ValueKind: JsonValueKind.Number } number when !IsEmpty(number) => new() { Codes = [number.GetRawText()] },
        { ValueKind: JsonValueKind.True } => new(),
        _ => null,
    };

    private static bool IsEmpty(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => string.IsNullOrWhiteSpace(value.Text()),
        JsonValueKind.Number => value.GetRawText() == "0",
        JsonValueKind.Object => !value.EnumerateObject().Any(),
        JsonValueKind.Array => value.GetArrayLength() == 0,
        JsonValueKind.True => false,
        _ => true,
    };

    /// <returns>Whether the code of a wrapper or an error means success; null where there is none.</returns>
    private static bool? IsGood(JsonElement value) => value.Text("code") is { } code ? GoodCodes.Contains(code, StringComparer.OrdinalIgnoreCase) : null;

    /// <summary>The fault that an error describes: an object with a message and a code, or a text.</summary>
    public static NativeFault Of(JsonElement error) => new()
    {
        Text = error.Text() ?? Reasons.Prepend("message").Select(name => error.Text(name)).FirstOrDefault(text => text is not null),
        Codes = [.. new[] { error.Text("code"), error.Text("type") }.OfType<string>()],
        Param = error.Text("param"),
    };
}
