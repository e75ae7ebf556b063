using System.Text;
using BenchmarkDotNet.Attributes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using RemixProxy.Benchmarks.Load;
using RemixProxy.Operations;
using RemixProxy.Operations.Submit;

namespace RemixProxy.Benchmarks.Micro;

/// <summary>Reading the body of a create.</summary>
[MemoryDiagnoser]
public class BodyBenchmarks
{
    private const string Boundary = "----boundary7MA4YWxkTrZu0gW";

    private readonly LimitsOptions _limits = new();
    private WebApplication _app = null!;
    private BodyBudget _budget = null!;
    private byte[] _json = [];
    private byte[] _form = [];

    /// <summary>Makes both.</summary>
    [GlobalSetup]
    public void SetUp()
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore();
        builder.Configuration.AddInMemoryCollection([new("RemixProxy:Providers:openai:BaseUrl", "http://127.0.0.1:9/")]);
        builder.Services.AddRoutingCore().AddReverseProxy().AddRemixProxy(builder.Configuration);
        _app = builder.Build();
        _budget = _app.Services.GetRequiredService<BodyBudget>();
        _json = LoadCase.BodyOf(Prompts.Of(1));
        (string Name, string Value)[] fields = [("model", LoadCase.Model), ("prompt", Prompts.Of(1)), ("seconds", "4"), ("size", "1280x720")];
        var parts = fields.Select(f => $"--{Boundary}\r\nContent-Disposition: form-data; name=\"{f.Name}\"\r\n\r\n{f.Value}\r\n");
        _form = Encoding.UTF8.GetBytes($"{string.Concat(parts)}--{Boundary}--\r\n");
    }

    /// <summary>Ends what held the budget.</summary>
    [GlobalCleanup]
    public async Task TearDown() => await _app.DisposeAsync();

    /// <summary>JSON.</summary>
    [Benchmark]
    public Task<int> Json() => ReadAsync(_json, "application/json");

    /// <summary>The same fields as a form.</summary>
    [Benchmark]
    public Task<int> Form() => ReadAsync(_form, "multipart/form-data; boundary=" + Boundary);

    private async Task<int> ReadAsync(byte[] body, string type)
    {
        var request = new DefaultHttpContext().Request;
        (request.Body, request.ContentType, request.ContentLength) = (new MemoryStream(body), type, body.Length);
        using var lease = _budget.Rent();
        return (await RequestBody.ReadAsync(request, _limits, lease, TimeProvider.System, CancellationToken.None)).Fields.Count;
    }
}
