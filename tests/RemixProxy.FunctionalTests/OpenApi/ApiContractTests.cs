using System.Net;
using System.Text;

namespace RemixProxy.FunctionalTests.OpenApi;

/// <summary>An answer that is not as the document says is noticed, whatever is wrong with it.</summary>
public class ApiContractTests
{
    private const string Deleted = """{"object":"video.deleted","id":"a:luma","deleted":true}""";
    private const string NotFound = """{"error":{"message":"No.","type":"invalid_request_error","param":null,"code":"video_not_found"},"extra_fields":{"request_type":"video_delete"}}""";

    [Theory]
    [InlineData(200, Deleted)]
    [InlineData(404, NotFound, "x-should-retry=false")]
    public async Task A_right_answer_has_no_fault(int status, string body, params string[] headers) => Assert.Empty(await FaultsAsync(status, body, headers));

    [Theory]
    [InlineData("201 is not described", 201, Deleted)]
    [InlineData("header x-more is not described", 200, Deleted, "x-more=1")]
    [InlineData("there is no header x-should-retry", 404, NotFound)]
    [InlineData("header x-should-retry $", 404, NotFound, "x-should-retry=true")]
    [InlineData("$: there is no deleted", 200, """{"object":"video.deleted","id":"a:luma"}""")]
    [InlineData("$: more is not described", 200, """{"object":"video.deleted","id":"a:luma","deleted":true,"more":1}""")]
    [InlineData("$.error.code", 404,
        """{"error":{"message":"No.","type":"invalid_request_error","param":null,"code":"model_not_found"},"extra_fields":{"request_type":"video_delete"}}""",
        "x-should-retry=false")]
    [InlineData("$.error.type", 404,
        """{"error":{"message":"No.","type":"api_error","param":null,"code":"video_not_found"},"extra_fields":{"request_type":"video_delete"}}""",
        "x-should-retry=false")]
    public async Task A_wrong_answer_has_its_fault_named(string fault, int status, string body, params string[] headers) =>
        Assert.StartsWith(fault, Assert.Single(await FaultsAsync(status, body, headers)), StringComparison.Ordinal);

    [Fact]
    public async Task A_body_of_another_type_is_a_fault() =>
        Assert.Contains("a body of text/html", Assert.Single(await FaultsAsync(200, Deleted, type: "text/html")), StringComparison.Ordinal);

    [Fact]
    public async Task An_answer_without_a_request_id_is_a_fault() =>
        Assert.Equal("there is no header x-request-id", Assert.Single(await FaultsAsync(200, Deleted, hasId: false)));

    [Theory]
    [InlineData("PUT", "v1/videos", 405, true)]
    [InlineData("GET", "v1/videos/a/b/c", 404, true)]
    [InlineData("GET", "v1/videos/a/b/c", 405, true)]
    [InlineData("GET", "v1/videos/a/b/c", 403, false)]
    public async Task What_is_no_operation_must_say_so(string method, string path, int status, bool isSaid)
    {
        const string Body = """{"error":{"message":"No.","type":"invalid_request_error","param":null,"code":"unsupported_operation"},"extra_fields":{"request_type":"video"}}""";
        string[] headers = status == 405 ? ["x-should-retry=false", "Allow=POST"] : ["x-should-retry=false"];
        var faults = await FaultsAsync(status, Body, headers, method: method, path: path);

        Assert.Equal(isSaid, faults.Count == 0);
    }

    [Fact]
    public async Task Other_paths_are_not_ours() => Assert.Empty(await FaultsAsync(202, "apples", type: "text/plain", hasId: false, path: "v1/shop"));

    private static async Task<IReadOnlyList<string>> FaultsAsync(
        int status, string body, string[]? headers = null, string type = "application/json", bool hasId = true, string method = "DELETE",
            string path = "v1/videos/a:luma")
    {
        using var request = new HttpRequestMessage(new(method), "http://localhost/" + path);
        using var response = new HttpResponseMessage(
            (HttpStatusCode)status)
        { Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body)) { Headers = { ContentType = new(type) } } };
        if (hasId) response.Headers.Add("x-request-id", "req_0123456789abcdef0123456789abcdef");
        foreach (var header in headers ?? [])
            if (!response.Headers.TryAddWithoutValidation(header.Split('=')[0], header.Split('=')[1]))
                response.Content.Headers.Add(header.Split('=')[0], header.Split('=')[1]);
        return await (await ApiContract.Current).CheckAsync(request, response);
    }
}
