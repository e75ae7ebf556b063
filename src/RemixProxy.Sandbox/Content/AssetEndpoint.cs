using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using RemixProxy.Sandbox.Hosting;
using RemixProxy.Sandbox.Wire;

namespace RemixProxy.Sandbox.Content;

/// <summary>Serves finished clips as a vendor's CDN does: by signature alone.</summary>
internal sealed class AssetEndpoint(SandboxWorld world)
{
    public void Map(IEndpointRouteBuilder routes) =>
        routes.MapMethods("/assets/{type}/{account}/{file}", ["GET", "HEAD"], http => Answer(http.Request).WriteAsync(http));

    private SandboxReply Answer(HttpRequest request)
    {
        // S3 refuses two credentials at once; here it also shows that a key leaked to a CDN.
        if (request.Headers.ContainsKey("Authorization") || request.Headers.ContainsKey("x-goog-api-key"))
            return SandboxReply.Xml(StatusCodes.Status400BadRequest, "InvalidArgument", "Only one auth mechanism allowed.");
        var found = world.Assets.Find(request.Path.ToUriComponent(), request.QueryString.Value ?? "", world.Time.GetUtcNow());
        return found.Verdict switch
        {
            AssetVerdict.Present => SandboxReply.Video(found.Job!),
            AssetVerdict.Gone => SandboxReply.Xml(StatusCodes.Status410Gone, "Gone", "The asset has been removed."),
            AssetVerdict.Missing => SandboxReply.Xml(StatusCodes.Status404NotFound, "NoSuchKey", "The specified key does not exist."),
            _ => SandboxReply.Xml(StatusCodes.Status403Forbidden, "AccessDenied", "Request has expired."),
        };
    }
}
