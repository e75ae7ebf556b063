using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Options;
using RemixProxy.Adapters;
using RemixProxy.Pipeline;
using RemixProxy.Providers;
using RemixProxy.Providers.Google;
using RemixProxy.Sandbox;

namespace RemixProxy.Host;

/// <summary>Makes the plugin a server of its own.</summary>
internal static class HostSetup
{
    private const string DefaultAddress = "http://localhost:8080";

    /// <summary>
    /// Reads <c>config/*.json</c>, except <c>*.schema.json</c>, in the content root and beside the binary. The environment and the command line win over both.
    /// The content root's files win over those beside the binary, which are the defaults.
    /// </summary>
    public static void AddConfigurationFiles(this WebApplicationBuilder builder, string[] args)
    {
        string[] roots = [AppContext.BaseDirectory, builder.Environment.ContentRootPath];
        foreach (var folder in roots.Select(root => Path.GetFullPath(Path.Combine(root, "config"))).Distinct(StringComparer.Ordinal).Where(Directory.Exists))
        {
#pragma warning disable CA2000 // The configuration holds the provider for as long as it watches the files.
            var files = new PhysicalFileProvider(folder);
#pragma warning restore CA2000
            var names = Directory.EnumerateFiles(folder, "*.json").Select(Path.GetFileName).OfType<string>().Where(
                f => !f.EndsWith(".schema.json", StringComparison.Ordinal));
            // The shipped defaults are read first, so that any other file beside them wins.
            foreach (var file in names.OrderBy(f => f != "remixproxy.json").ThenBy(f => f, StringComparer.Ordinal))
                builder.Configuration.AddJsonFile(files, file, optional: true, reloadOnChange: true);
        }

        builder.Configuration.AddEnvironmentVariables();
        builder.Configuration.AddCommandLine(args);
    }

    /// <summary>Starts the simulated providers where configuration or the environment says so, and points every provider at them.</summary>
    public static async Task<SandboxServer?> AddSandboxAsync(this WebApplicationBuilder builder)
    {
        // A text that is neither true nor false is reported when the options are read.
        var isSandbox = bool.TryParse(builder.Configuration["RemixProxy:Sandbox"], out var configured) ? configured : builder.Environment.IsDevelopment();
        if (!isSandbox) return null;
        var sandbox = await SandboxServer.StartAsync();
        builder.Services.AddSingleton<IPostConfigureOptions<RemixProxyOptions>>(s => new UseSandbox(sandbox, s.GetServices<IVideoAdapter>()));
        return sandbox;
    }

    public static void AddHostDefaults(this WebApplicationBuilder builder)
    {
        // Container images of .NET set only the ports, so the ports are looked at too.
        string[] addresses = [WebHostDefaults.ServerUrlsKey, WebHostDefaults.HttpPortsKey, WebHostDefaults.HttpsPortsKey];
        var isUnset = addresses.All(key => string.IsNullOrEmpty(builder.Configuration[key])) && !builder.Configuration.GetSection("Kestrel:Endpoints").Exists();
        if (isUnset) builder.WebHost.UseUrls(DefaultAddress);
        builder.Services.AddSingleton<IPostConfigureOptions<HostOptions>>(s =>
            new PostConfigureOptions<HostOptions>(
                Options.DefaultName, o => o.ShutdownTimeout = s.GetRequiredService<ProviderRegistry>().Current.Options.DrainTimeout + Drain.CloseTimeout));
        builder.Services.AddHostedService<Announcement>();
        builder.Logging.AddFilter("Yarp", LogLevel.Warning);
        builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
        builder.Logging.AddFilter("Microsoft.Hosting.Lifetime", LogLevel.Warning);
        // The keys of data protection only sign affinity cookies, which no client needs after a restart.
        builder.Logging.AddFilter("Microsoft.AspNetCore.DataProtection", LogLevel.Error);
    }

    /// <summary>Makes every provider a simulated one. No key is read.</summary>
    private sealed class UseSandbox(SandboxServer sandbox, IEnumerable<IVideoAdapter> adapters) : IPostConfigureOptions<RemixProxyOptions>
    {
        private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(200);

        public void PostConfigure(string? name, RemixProxyOptions options)
        {
            options.Sandbox = true;
            foreach (var type in adapters.Select(a => a.Profile.Type).Where(t => !options.Providers.ContainsKey(t))) options.Providers[type] = new();
            foreach (var (provider, settings) in options.Providers)
            {
                var type = settings.Type ?? provider;
                var profile = adapters.FirstOrDefault(a => a.Profile.Type == type)?.Profile;
                settings.BaseUrl = new(sandbox.BaseUrl(type, provider));
                if (profile?.Signing is SigningScheme.BySigner { Name: GoogleSigner.Name })
                    (settings.ApiKey, settings.Secrets[GoogleSigner.Credentials]) = (null, sandbox.GoogleCredentials(type, provider));
                else if (!settings.Passthrough) settings.ApiKey = "sandbox";
                if (profile?.Project is not null) settings.Project ??= "sandbox";
                if (profile?.Storage is { Scheme: var scheme }) (settings.StorageUrl, settings.OutputUri) = (settings.BaseUrl, $"{scheme}://sandbox/videos/");
                settings.PollInterval = PollInterval;
            }
        }
    }
}
