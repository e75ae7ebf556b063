using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using RemixProxy.Sandbox.Content;
using RemixProxy.Sandbox.Fields;
using RemixProxy.Sandbox.Hosting;
using RemixProxy.Sandbox.Jobs;
using RemixProxy.Sandbox.Wire;

namespace RemixProxy.Sandbox.Providers;

/// <summary>
/// A vendor's API in which a submit is answered with an id, and a poll with a word and then a clip. A simulator adds what its vendor's pages say: routes,
/// closed lists of fields, words and the shape of errors.
/// </summary>
internal abstract class TaskSimulator(SandboxWorld world)
{
    private readonly SourceReader _sources = new(world);

    /// <summary>The adapter type that speaks to it, and its first path segment.</summary>
    public abstract string Type { get; }

    protected SandboxWorld World => world;

    /// <summary>The header that carries the key.</summary>
    protected virtual string KeyHeader => "Authorization";

    /// <summary>The word before the key; empty where the key stands alone.</summary>
    protected virtual string KeyScheme => KeyHeader == "Authorization" ? "Bearer" : "";

    /// <summary>Whether a submit may be a form.</summary>
    protected virtual bool TakesForms => false;

    /// <summary>Whether a field may be null in place of absent.</summary>
    protected virtual bool TakesNulls => true;

    /// <summary>Whether a field that is not listed is ignored without a word.</summary>
    protected virtual bool IgnoresUnknownFields => false;

    protected abstract StatusWords Words { get; }

    /// <summary>How long a job can be asked for; <see langword="null"/>: always.</summary>
    protected virtual TimeSpan? JobLife => null;

    /// <summary>How long the signed address of an output can be fetched.</summary>
    protected virtual TimeSpan AssetLife => TimeSpan.FromHours(24);

    /// <summary>Whether a poll gives a fresh address; else all are good for so long from the job's end.</summary>
    protected virtual bool RefreshesUrls => true;

    /// <summary>The query parameter that holds the signature.</summary>
    protected virtual string AssetParameter => "sig";

    public abstract void Map(SimulatorRoutes routes);

    /// <summary>The vendor's answer to a missing or wrong credential, or to a missing header; <see langword="null"/> if all is well.</summary>
    public virtual SandboxReply? CheckHeaders(HttpRequest request) => HasGoodKey(request) ? null : Error(401, "Invalid API key.");

    /// <summary>The vendor's general error shape.</summary>
    public abstract SandboxReply Error(int status, string message);

    /// <summary>The vendor's answer to a body with wrong fields.</summary>
    protected virtual SandboxReply Invalid(IReadOnlyList<FieldProblem> problems) => Error(400, string.Join("; ", problems));

    /// <summary>The vendor's answer to a prompt that it blocks at once.</summary>
    protected virtual SandboxReply Refused() => Error(400, "The prompt was rejected by moderation.");

    /// <summary>What the vendor says of an id that is none of its own.</summary>
    protected virtual string UnknownJob(string id) => $"Task {id} not found.";

    /// <summary>The vendor's answer to such an id.</summary>
    protected virtual SandboxReply NotFound(string id) => Error(404, UnknownJob(id));

    protected virtual string NewId() => Guid.NewGuid().ToString();

    /// <summary>A job as a poll shows it.</summary>
    protected abstract JsonObject Describe(SandboxCall call, SandboxJob job);

    /// <summary>The answer to a good submit.</summary>
    protected virtual SandboxReply Accepted(SandboxCall call, SandboxJob job) => Polled(call, job);

    /// <summary>The answer to a poll.</summary>
    protected virtual SandboxReply Polled(SandboxCall call, SandboxJob job) => SandboxReply.Json(200, Describe(call, job));

    /// <summary>What a field names. Addresses of uploads are the simulator's own to look up.</summary>
    protected virtual NativeSource Look(SandboxCall call, MediaRule rule, string text) =>
        rule.Forms.HasFlag(MediaForms.Job) ? FromJob(call, text) : _sources.Find(rule, text, call.Now);

    /// <summary>Checks a submit's body, then makes the job.</summary>
    protected SandboxReply Submit(SandboxCall call, FieldRule rule, Func<Submission, JobOrder> order) =>
        Checked(call, rule, submit => Make(call, order(submit)));

    /// <summary>Makes the job of a checked body.</summary>
    protected SandboxReply Make(SandboxCall call, JobOrder order) =>
        Prompt.IsRefused(order.Prompt) ? Refused() : Accepted(call, call.Account.Submit(NewId(), order, call.Now - order.Waited));

    /// <summary>Checks a body, then goes on with it.</summary>
    protected SandboxReply Checked(SandboxCall call, FieldRule rule, Func<Submission, SandboxReply> operation)
    {
        if (!call.IsJson && (call.Form is null || !TakesForms))
            return Error(400, $"Expected a content type of application/json{(TakesForms ? " or multipart/form-data" : "")}.");
        if (call.ReadBody() is not { } body)
            return Invalid([new("", FieldFault.Type, "The body is not a JSON object.")]);
        var check = new FieldCheck((media, text) => Look(call, media, text), call.Form?.Files) { TakesNulls = TakesNulls };
        rule.Check(body, check);
        FieldProblem[] problems = [.. check.Problems.Where(problem => !IgnoresUnknownFields || problem.Fault != FieldFault.Unknown)];
        return problems.Length > 0 ? Invalid(problems) : operation(new(body, check.Sources));
    }

    protected SandboxReply Poll(SandboxCall call) => Found(call, job => Polled(call, job));

    /// <summary>Does something with the job that the path names.</summary>
    protected SandboxReply Found(SandboxCall call, Func<SandboxJob, SandboxReply> operation) =>
        TryFind(call, call.Id, out var job) ? operation(job) : NotFound(call.Id);

    protected static void Remove(SandboxCall call, SandboxJob job) => call.Account.Jobs.Remove(job.Id);

    /// <summary>The address of a job's clip.</summary>
    protected string UrlOf(SandboxCall call, SandboxJob job) =>
        world.Assets.Sign(call.Account, job, AssetParameter, (RefreshesUrls ? call.Now : job.Completed) + AssetLife);

    /// <summary>Any key is good but none, and the literal <c>bad-key</c>.</summary>
    protected bool HasGoodKey(HttpRequest request)
    {
        string text = ((string?)request.Headers[KeyHeader] ?? "").Trim();
        if (KeyScheme.Length > 0)
            text = text.StartsWith(KeyScheme + " ", StringComparison.OrdinalIgnoreCase) ? text[KeyScheme.Length..].Trim() : "";
        return text.Length > 0 && text != "bad-key";
    }

    private bool TryFind(SandboxCall call, string id, out SandboxJob job)
    {
        bool isFound = call.Account.Jobs.TryGet(id, out var found) && (JobLife is not { } life || call.Now < found.Created + life);
        job = found!;
        return isFound;
    }

    private NativeSource FromJob(SandboxCall call, string id)
    {
        if (!TryFind(call, id, out var job))
            return NativeSource.Refused(UnknownJob(id), FieldFault.NoSuchSource);
        if (job.StateAt(call.Now) != JobState.Completed)
            return NativeSource.Refused($"{id} is not completed or has no video.", FieldFault.SourceNotReady);
        return new(job.Clip) { Job = job };
    }
}
