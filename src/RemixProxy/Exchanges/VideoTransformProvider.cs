using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using RemixProxy.Providers;
using Yarp.ReverseProxy.Transforms;
using Yarp.ReverseProxy.Transforms.Builder;

namespace RemixProxy.Exchanges;

/// <summary>Applies the native exchange to the messages of our routes. Only headers that the plugin names pass in either direction.</summary>
internal sealed class VideoTransformProvider : ITransformProvider
{
    public void ValidateRoute(TransformRouteValidationContext context)
    {
    }

    public void ValidateCluster(TransformClusterValidationContext context)
    {
    }

    public void Apply(TransformBuilderContext context)
    {
        if (context.Route.Metadata?.ContainsKey(ProxyNames.Operation) != true) return;
        context.CopyRequestHeaders = false;
        context.CopyResponseHeaders = false;
        context.CopyResponseTrailers = false;
        context.UseDefaultForwarders = false;
        context.AddRequestTransform(Request);
        context.AddResponseTransform(ResponseAsync);
    }

    private static ValueTask Request(RequestTransformContext context)
    {
        context.HttpContext.Features.GetRequiredFeature<OutboundExchange>().Prepare(context.ProxyRequest, context.DestinationPrefix);
        return ValueTask.CompletedTask;
    }

    private static async ValueTask ResponseAsync(ResponseTransformContext context)
    {
        if (context.ProxyResponse is not { } response) return;
        var exchange = context.HttpContext.Features.GetRequiredFeature<OutboundExchange>();
        // YARP has copied the source's, which may say anything.
        context.HttpContext.Features.GetRequiredFeature<IHttpResponseFeature>().ReasonPhrase = null;
        if (exchange.Streams && ContentHeaders.TryCopy(response, exchange.CallerHeaders, context.HttpContext.Response))
        {
            exchange.HandOver();
            context.SuppressResponseBody = HttpMethods.IsHead(context.HttpContext.Request.Method);
            return;
        }

        context.SuppressResponseBody = true;
        if (exchange.Streams) await exchange.ReadRefusalAsync(response, context.CancellationToken);
        else await exchange.ReadAsync(response, context.CancellationToken);
    }
}
