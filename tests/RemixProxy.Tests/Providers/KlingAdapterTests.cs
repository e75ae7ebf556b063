using System.Text;
using RemixProxy.Adapters;
using RemixProxy.Contract;
using RemixProxy.Providers.Kling;

namespace RemixProxy.Tests.Providers;

/// <summary>How Kling is asked for a submit whose answer was lost, and what its answers say of the key.</summary>
public class KlingAdapterTests
{
    private static readonly KlingAdapter Adapter = new();

    [Theory]
    [InlineData("""{"code":0,"data":[{"id":"8841","status":"processing","external_id":"k 1"}]}""")]
    [InlineData("""{"code":0,"data":{"result":[{"id":"8841","status":"processing","external_id":"k 1"}]}}""")]
    [InlineData("""{"code":0,"data":{"id":"8841","status":"processing"}}""")]
    public void The_task_of_a_key_is_found(string body)
    {
        var answer = Assert.IsType<Answer>(Look(200, body));
        Assert.Equal(("8841", VideoStatus.InProgress), (answer.Snapshot.Id, answer.Snapshot.Status));
    }

    [Theory]
    [InlineData("""{"code":0,"data":[]}""")]
    [InlineData("""{"code":0,"data":null}""")]
    [InlineData("""{"code":0,"data":[{"id":"8841","status":"processing","external_id":"another"}]}""")]
    [InlineData("""{"code":0,"data":[{"status":"processing"}]}""")]
    [InlineData("""{"code":0,"data":[{"id":"1","status":"processing"},{"id":"2","status":"processing"}]}""")]
    [InlineData("""{"code":1203,"message":"The task does not exist"}""")]
    public void What_is_not_certainly_the_task_is_none(string body) =>
        Assert.Equal(ProviderErrorKind.NotFound, Assert.IsType<Refusal>(Look(200, body)).Error.Kind);

    [Fact]
    public void The_right_one_of_several_is_found() => Assert.Equal(
        "2", Assert.IsType<Answer>(Look(200, """{"code":0,"data":[{"id":"1","external_id":"k 2"},{"id":"2","external_id":"k 1"}]}""")).Snapshot.Id);

    [Theory]
    [InlineData("""{"code":0,"data":{"id":"8841","external_id":"k 1"}}""", "k 1")]
    [InlineData("""{"code":0,"data":{"id":"8841"}}""", "")]
    public void An_answer_to_a_submit_says_what_key_it_echoes(string body, string key)
    {
        var plan = Adapter.Submit(new()
        {
            Operation = VideoOperation.Create, Model = "kling-3.0", Prompt = "x", SubmitKey = "k 1",
            Provider = "kling", BaseUrl = new("https://vendor.example/"),
        });
        Assert.Equal(key, Assert.IsType<Answer>(((Exchange)plan.First).Next(Response(200, body))).Snapshot.SubmitKey);
    }

    private static ProviderStep Look(int status, string body)
    {
        var look = Assert.IsType<Exchange>(Adapter.Find("k 1"));
        Assert.Equal((HttpMethod.Get, "tasks?external_task_ids=k%201"), (look.Request.Method, look.Request.Target));
        return look.Next(Response(status, body));
    }

    private static NativeResponse Response(int status, string body) =>
        new(status, new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase), Encoding.UTF8.GetBytes(body));
}
