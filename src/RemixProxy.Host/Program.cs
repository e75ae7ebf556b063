using RemixProxy;
using RemixProxy.Host;
using RemixProxy.Host.Telemetry;
using RemixProxy.Pipeline;
using RemixProxy.Providers;

try
{
    var builder = WebApplication.CreateBuilder(args);
    builder.AddConfigurationFiles(args);
    builder.WebHost.ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
    builder.Services.AddReverseProxy().LoadFromConfig(builder.Configuration.GetSection("ReverseProxy")).AddRemixProxy(builder.Configuration)
        .AddRemixProxyBaseUrls().LoadFromMemory(RemixProxyConfigProvider.Elsewhere, []);
    await using var sandbox = await builder.AddSandboxAsync();
    builder.AddHostDefaults();
    builder.AddTelemetry();

    await using var app = builder.Build();
    // Errors of the configuration are found here, before anything starts that would wrap or log them.
    StartupCheck.RequireNormalForm();
    app.Services.GetRequiredService<ProviderRegistry>();
    app.MapReverseProxy(pipeline =>
    {
        pipeline.UseRemixProxy();
        pipeline.UseSessionAffinity();
        pipeline.UseLoadBalancing();
        pipeline.UsePassiveHealthChecks();
    });
    app.MapHealth();
    app.MapMetrics().DisableHttpMetrics();
    app.MapApiDocument();
    await app.RunAsync();
    return 0;
}
catch (Exception e) when (StartError.Read(e) is { } message)
{
    await Console.Error.WriteLineAsync(message);
    return 1;
}
