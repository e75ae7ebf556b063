using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using RemixProxy.Sandbox.Providers;
using RemixProxy.Sandbox.Wire;

namespace RemixProxy.Sandbox.Hosting;

/// <summary>Where a simulator hangs its operations: below <c>/{type}/{account}</c>.</summary>
internal sealed class SimulatorRoutes(IEndpointRouteBuilder routes, ProviderSimulator simulator, SandboxWorld world)
{
    /// <summary>An operation of the API: it needs the credential.</summary>
    public void Add(string method, string path, Func<SandboxCall, SandboxReply> operation) =>
        Map(method, $"/{simulator.Type}/{{account}}{path}", call => simulator.CheckCredential(call.Request) ?? operation(call));

    /// <summary>An operation whose address is its own credential.</summary>
    public void AddSigned(string method, string absolutePath, Func<SandboxCall, SandboxReply> operation) => Map(method, absolutePath, operation);

    private void Map(string method, string path, Func<SandboxCall, SandboxReply> operation)
    {
        string[] methods = method == "GET" ? ["GET", "HEAD"] : [method];
        routes.MapMethods(path, methods, async http =>
        {
            var account = world.Accounts.Of(simulator.Type, (string)http.Request.RouteValues["account"]!);
            var form = http.Request.HasFormContentType ? await http.Request.ReadFormAsync(http.RequestAborted) : null;
            var call = new SandboxCall(http.Request, account, world.Time.GetUtcNow(), await ReadAsync(http), form);
            await operation(call).WriteAsync(http);
        });
    }

    private static async Task<byte[]> ReadAsync(HttpContext http)
    {
        if (http.Request.HasFormContentType)
            return [];
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body, http.RequestAborted);
        return body.ToArray();
    }
}
