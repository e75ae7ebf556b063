using Microsoft.Extensions.DependencyInjection;
using RemixProxy.Contract;
using RemixProxy.FunctionalTests.Kit;
using RemixProxy.Jobs;
using RemixProxy.Operations;
using RemixProxy.Providers;

namespace RemixProxy.FunctionalTests.Jobs;

/// <summary>Exchanges that run for nobody: what a watcher or a vault does while no request is at hand.</summary>
public class NoRequestTests
{
    private static readonly TimeSpan Done = TimeSpan.FromSeconds(10);

    [Theory]
    [InlineData("gemini")]
    [InlineData("luma")]
    [InlineData("runway")]
    [InlineData("openai")]
    public async Task Job_is_polled_and_its_clip_read(string name)
    {
        await using var app = await ProxyApp.StartAsync();
        var provider = app.Services.GetRequiredService<ProviderRegistry>().Current.Find(name)!;
        var model = $"{name}/{provider.CreateModel}";
        var id = (await app.CreateAsync(model, "A paper boat on a canal")).Id;
        app.Time.Advance(Done);
        var call = new CallContext { Operation = VideoOperation.Retrieve, Caller = "" };
        var store = app.Services.GetRequiredService<IJobStore>();
        Assert.True(VideoId.TryParse(id, out var parsed));
        var job = await store.FindAsync(parsed.Value, TestContext.Current.CancellationToken);

        var asked = await app.Services.GetRequiredService<JobPolls>().PresentAsync(call, provider, job!);
        Assert.True(asked.TryGet(out var present, out var error), error?.Message);
        using var lease = app.Services.GetRequiredService<BodyBudget>().Rent();
        var read = await app.Services.GetRequiredService<ContentSource>().ReadAsync(
            call, provider, present, present.Outputs[0], limit: 16 << 20, lease, TestContext.Current.CancellationToken);
        Assert.True(read.TryGet(out var clip, out error), error?.Message);

        Assert.Equal(VideoStatus.Completed, present.Video.Status);
        Assert.Equal(present, await store.FindAsync(parsed.Value, TestContext.Current.CancellationToken));
        Assert.Equal(await app.Http.GetByteArrayAsync($"v1/videos/{id}/content"), clip.ToArray());
        Assert.True(call.Upstream.Time >= TimeSpan.Zero);
    }
}
