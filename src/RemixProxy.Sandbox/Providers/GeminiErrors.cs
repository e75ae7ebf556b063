using System.Text.Json.Nodes;
using RemixProxy.Sandbox.Fields;
using RemixProxy.Sandbox.Wire;

namespace RemixProxy.Sandbox.Providers;

/// <summary>The three error shapes that Google's API is seen to use; the sandbox uses all of them so that a reader of one fails.</summary>
internal static class GeminiErrors
{
    public const string InvalidName = "Invalid interaction name";

    /// <summary>String code: no such interaction.</summary>
    public static SandboxReply UnknownInteraction() =>
        SandboxReply.Json(400, new JsonObject { ["error"] = new JsonObject { ["code"] = "invalid_request", ["message"] = InvalidName } });

    /// <summary>Number and status word, with the fields at fault.</summary>
    public static SandboxReply Invalid(IReadOnlyList<FieldProblem> problems)
    {
        var violations = problems.Select(problem => new JsonObject { ["field"] = problem.Path, ["description"] = problem.Message });
        var details = new JsonObject { ["@type"] = "type.googleapis.com/google.rpc.BadRequest", ["fieldViolations"] = new JsonArray([.. violations]) };
        return SandboxReply.Json(400, Body(400, "INVALID_ARGUMENT", problems[0].ToString(), details));
    }

    /// <summary>Number and status word.</summary>
    public static SandboxReply WithStatus(int status, string message) => SandboxReply.Json(status, Body(status, WordOf(status), message));

    /// <summary>The same inside an array: what was named is not in a state to be used.</summary>
    public static SandboxReply NotReady(string message) => SandboxReply.Json(400, new JsonArray(Body(400, "FAILED_PRECONDITION", message)));

    private static JsonObject Body(int status, string word, string message, params JsonNode[] details) => new()
    {
        ["error"] = new JsonObject { ["code"] = status, ["message"] = message, ["status"] = word, ["details"] = new JsonArray(details) },
    };

    private static string WordOf(int status) => status switch
    {
        400 => "INVALID_ARGUMENT",
        401 => "UNAUTHENTICATED",
        404 or 410 => "NOT_FOUND",
        405 => "UNIMPLEMENTED",
        409 => "ALREADY_EXISTS",
        _ => "INTERNAL",
    };
}
