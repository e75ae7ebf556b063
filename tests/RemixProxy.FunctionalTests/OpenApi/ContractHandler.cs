using RemixProxy.Host;
namespace RemixProxy.FunctionalTests.OpenApi;

/// <summary>
/// Lets no answer of the proxy through to a test that the document doesn't describe. What traces the tests themselves leaves no header on the requests.
/// </summary>
internal sealed class ContractHandler() : DelegatingHandler(new SocketsHttpHandler { ActivityHeadersPropagator = null })
{
    /// <summary>A client whose answers are checked.</summary>
    public static HttpClient NewClient(Uri? address = null) => new(new ContractHandler()) { BaseAddress = address };

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var response = await base.SendAsync(request, cancellationToken);
        try
        {
            var faults = await (await ApiContract.Current).CheckAsync(request, response);
            if (faults.Count > 0)
                Assert.Fail($"{request.Method} {request.RequestUri!.PathAndQuery} {(
                    int)response.StatusCode} is not as {ApiDocumentEndpoint.Path} says:\n{string.Join('\n', faults)}");
            return response;
        }
        catch
        {
            response.Dispose();
            throw;
        }
    }
}
