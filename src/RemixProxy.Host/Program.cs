using RemixProxy;
using RemixProxy.Host;

var builder = WebApplication.CreateBuilder(args);
builder.AddConfigurationFiles(args);
builder.WebHost.ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
var proxy = builder.Services.AddReverseProxy().LoadFromConfig(builder.Configuration.GetSection("ReverseProxy")).AddRemixProxy(builder.Configuration);
await using var sandbox = await builder.AddSandboxAsync();
builder.AddHostDefaults();

var app = builder.Build();
app.MapReverseProxy(pipeline =>
{
    pipeline.UseRemixProxy();
    pipeline.UseSessionAffinity();
    pipeline.UseLoadBalancing();
    pipeline.UsePassiveHealthChecks();
});
app.MapHealth();
await app.RunAsync();
