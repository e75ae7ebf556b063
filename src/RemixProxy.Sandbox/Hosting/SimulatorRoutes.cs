using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using RemixProxy.Sandbox.Providers;
using RemixProxy.Sandbox.Wire;

namespace RemixProxy.Sandbox.Hosting;

/// <summary>Where a simulator hangs its operations: below <c>/{type}/{account}</c>.</summary>
internal sealed class SimulatorRoutes(IEndpointRouteBuilder routes, TaskSimulator simulator, SandboxWorld world)
{
    // An image or a clip may stand in a form's text field as a data URL.
    private static readonly FormOptions Generous = new() { ValueLengthLimit = 64 * 1024 * 1024, MultipartBodyLengthLimit = 256L * 1024 * 1024 };

    /// <summary>An operation of the API: it needs the credential.</summary>
    public void Add(string method, string path, Func<SandboxCall, SandboxReply> operation) =>
        Map(method, $"/{simulator.Type}/{{account}}{path}", call => simulator.CheckHeaders(call.Request) ?? operation(call));

    /// <summary>An operation whose address is its own credential.</summary>
    public void AddSigned(string method, string absolutePath, Func<SandboxCall, SandboxReply> operation) => Map(method, absolutePath, operation);

    private void Map(string method, string path, Func<SandboxCall, SandboxReply> operation)
    {
        string[] methods = method == "GET" ? ["GET", "HEAD"] : [method];
        routes.MapMethods(path, methods, async http => await (await AnswerAsync(http, operation)).WriteAsync(http));
    }

    private async Task<SandboxReply> AnswerAsync(HttpContext http, Func<SandboxCall, SandboxReply> operation)
    {
        var account = world.Accounts.Of(simulator.Type, (string)http.Request.RouteValues["account"]!);
        if (http.Request.ContentType?.StartsWith("multipart/form-data", StringComparison.OrdinalIgnoreCase) is not true)
            return operation(new(http.Request, account, world.Time.GetUtcNow(), await ReadAsync(http), form: null));
        try
        {
            var form = await http.Request.ReadFormAsync(Generous, http.RequestAborted);
            return operation(new(http.Request, account, world.Time.GetUtcNow(), [], form));
        }
        catch (Exception broken) when (broken is InvalidDataException or IOException)
        {
            return simulator.Error(StatusCodes.Status400BadRequest, "The form could not be read.");
        }
    }

    private static async Task<byte[]> ReadAsync(HttpContext http)
    {
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body, http.RequestAborted);
        return body.ToArray();
    }
}
