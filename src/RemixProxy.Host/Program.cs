using RemixProxy;
using RemixProxy.Host;
using RemixProxy.Host.Commands;
using RemixProxy.Host.Telemetry;
using RemixProxy.Pipeline;
using RemixProxy.Providers;

var line = CommandLine.Read(args);
try
{
    if (line.Error is { } wrong)
    {
        await Console.Error.WriteLineAsync(wrong);
        return ModelsCommand.NotAsked;
    }

    var builder = WebApplication.CreateBuilder(line.Settings);
    builder.AddConfigurationFiles(line.Settings);
    builder.WebHost.ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
    builder.Services.AddReverseProxy().LoadFromConfig(builder.Configuration.GetSection("ReverseProxy")).AddRemixProxy(builder.Configuration)
        .AddRemixProxyBaseUrls().LoadFromMemory(RemixProxyConfigProvider.Elsewhere, []);
    await using var sandbox = await builder.AddSandboxAsync();
    builder.AddHostDefaults();
    builder.AddTelemetry();
    if (line.IsModels) builder.LogToErrors();

    await using var app = builder.Build();
    // Errors of the configuration are found here, before anything starts that would wrap or log them.
    StartupCheck.RequireNormalForm();
    app.Services.GetRequiredService<ProviderRegistry>();
    if (line.IsModels) return await app.RunModelsAsync(line.Checks);
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
    return line.IsModels ? ModelsCommand.NotAsked : 1;
}
