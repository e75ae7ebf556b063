using Microsoft.Extensions.Options;

namespace RemixProxy.Configuration;

/// <summary>
/// Fills <see cref="RemixProxyOptions"/> from the configuration and keeps errors for the validation. A value that only another room can judge is validated in
/// that room.
/// </summary>
internal sealed class ReadOptions(RemixProxyConfiguration configuration) : IConfigureOptions<RemixProxyOptions>, IValidateOptions<RemixProxyOptions>
{
    public const string SectionName = "RemixProxy";

    private List<string> _errors = [];

    public void Configure(RemixProxyOptions options)
    {
        _errors = [];
        Read(new SectionReader(configuration.Root.GetSection(SectionName), _errors, typeof(RemixProxyOptions)), options);
    }

    /// <summary>Asks a reader for every key there is.</summary>
    internal static void Read(SectionReader root, RemixProxyOptions options)
    {
        options.Sandbox = root.Flag(nameof(options.Sandbox)) ?? options.Sandbox;
        options.DefaultModel = root.Text(nameof(options.DefaultModel)) ?? options.DefaultModel;
        options.AllowAnonymous = root.Flag(nameof(options.AllowAnonymous)) ?? options.AllowAnonymous;
        options.PublicBaseUrl = root.Address(nameof(options.PublicBaseUrl)) ?? options.PublicBaseUrl;
        options.AllowRaw = root.Flag(nameof(options.AllowRaw)) ?? options.AllowRaw;
        options.DrainTimeout = root.Duration(nameof(options.DrainTimeout)) ?? options.DrainTimeout;
        ReadRedis(root.Section(nameof(options.Redis), typeof(RedisOptions)), options.Redis);
        ReadJobs(root.Section(nameof(options.Jobs), typeof(JobsOptions)), options.Jobs);
        ReadCache(root.Section(nameof(options.Cache), typeof(CacheOptions)), options.Cache);
        ReadContentUrls(root.Section(nameof(options.ContentUrls), typeof(ContentUrlsOptions)), options.ContentUrls);
        ReadCors(root.Section(nameof(options.Cors), typeof(CrossOriginOptions)), options.Cors);
        ReadHttp(root.Section(nameof(options.Http), typeof(HttpOptions)), options.Http);
        ReadTelemetry(root.Section(nameof(options.Telemetry), typeof(TelemetryOptions)), options.Telemetry);
        ReadLimits(root.Section(nameof(options.Limits), typeof(LimitsOptions)), options.Limits);
        ReadModels(root, options);
        foreach (var client in root.Items(nameof(options.Clients), typeof(ClientOptions))) options.Clients.Add(ReadClient(client));
        foreach (var name in root.Names(nameof(options.Providers)))
            options.Providers[name] = ReadProvider(root.Section(nameof(options.Providers)).Section(name, typeof(ProviderOptions)));
        root.RejectUnknown();
    }

    public ValidateOptionsResult Validate(string? name, RemixProxyOptions options)
    {
        List<string> errors = [.. _errors];
        OutboundProxy.Read(options.Http, configuration.Root, errors);
        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }

    private static void ReadModels(SectionReader root, RemixProxyOptions options)
    {
        var models = root.Section(nameof(options.Models));
        foreach (var alias in root.Names(nameof(options.Models)))
        {
            if (models.List(alias) is not { } targets) models.Wrong(alias, "a target \"provider/model\" or a list of them");
            else options.Models[alias] = targets;
        }
    }

    private static void ReadJobs(SectionReader section, JobsOptions jobs)
    {
        jobs.Retention = section.Duration(nameof(jobs.Retention)) ?? jobs.Retention;
        jobs.MaxCount = (int?)section.Count(nameof(jobs.MaxCount)) ?? jobs.MaxCount;
        jobs.MaxBytes = section.Count(nameof(jobs.MaxBytes)) ?? jobs.MaxBytes;
        jobs.KeepPrompts = section.Flag(nameof(jobs.KeepPrompts)) ?? jobs.KeepPrompts;
        section.RejectUnknown();
    }

    private static void ReadRedis(SectionReader section, RedisOptions redis)
    {
        redis.ConnectionString = section.Filled(nameof(redis.ConnectionString), "removed, to keep everything in this process");
        redis.KeyPrefix = section.Plain(nameof(redis.KeyPrefix)) ?? redis.KeyPrefix;
        redis.Timeout = section.Duration(nameof(redis.Timeout)) ?? redis.Timeout;
        section.RejectUnknown();
    }

    private static void ReadCache(SectionReader section, CacheOptions cache)
    {
        cache.Mode = section.Word<CacheMode>(nameof(cache.Mode)) ?? cache.Mode;
        cache.Threshold = section.Number(nameof(cache.Threshold)) ?? cache.Threshold;
        cache.Ttl = section.Duration(nameof(cache.Ttl)) ?? cache.Ttl;
        ReadWords(section, cache);
        ReadEmbeddings(section.Section(nameof(cache.Embeddings), typeof(EmbeddingsOptions)), cache.Embeddings);
        section.RejectUnknown();
    }

    private static void ReadWords(SectionReader section, CacheOptions cache)
    {
        var words = section.Section(nameof(cache.Words));
        foreach (var name in section.Names(nameof(cache.Words))) cache.Words[name] = words.List(name) ?? [];
    }

    private static void ReadEmbeddings(SectionReader section, EmbeddingsOptions embeddings)
    {
        embeddings.Endpoint = section.Server(nameof(embeddings.Endpoint));
        embeddings.Model = section.Text(nameof(embeddings.Model));
        embeddings.ApiKey = section.Text(nameof(embeddings.ApiKey));
        embeddings.Dimensions = (int?)section.Count(nameof(embeddings.Dimensions));
        embeddings.Timeout = section.Duration(nameof(embeddings.Timeout)) ?? embeddings.Timeout;
        if (embeddings.Endpoint is not null && embeddings.Model is null) section.Wrong(nameof(embeddings.Model), "set where an Endpoint is");
        section.RejectUnknown();
    }

    private static void ReadContentUrls(SectionReader section, ContentUrlsOptions urls)
    {
        urls.Key = section.Filled(nameof(urls.Key), "removed, to have one made");
        if (urls.Key?.Length < ContentUrlsOptions.LeastKey)
            section.Wrong(nameof(urls.Key), Invariant($"at least {ContentUrlsOptions.LeastKey} characters long"));
        section.RejectUnknown();
    }

    private static void ReadCors(SectionReader section, CrossOriginOptions cors)
    {
        cors.Origins = section.Origins(nameof(cors.Origins)) ?? cors.Origins;
        section.RejectUnknown();
    }

    private static void ReadHttp(SectionReader section, HttpOptions http)
    {
        http.Proxy = section.Proxy(nameof(http.Proxy)) ?? http.Proxy;
        http.NoProxy = section.List(nameof(http.NoProxy)) ?? http.NoProxy;
        section.RejectUnknown();
    }

    private static void ReadTelemetry(SectionReader section, TelemetryOptions telemetry)
    {
        telemetry.TraceContextHosts = section.Hosts(nameof(telemetry.TraceContextHosts)) ?? telemetry.TraceContextHosts;
        section.RejectUnknown();
    }

    private static void ReadLimits(SectionReader section, LimitsOptions limits)
    {
        limits.MaxRequestBytes = section.Count(nameof(limits.MaxRequestBytes)) ?? limits.MaxRequestBytes;
        limits.BodyTimeout = section.Duration(nameof(limits.BodyTimeout)) ?? limits.BodyTimeout;
        limits.MaxBufferedBytes = section.Count(nameof(limits.MaxBufferedBytes)) ?? limits.MaxBufferedBytes;
        limits.MaxAnswerBytes = section.Count(nameof(limits.MaxAnswerBytes)) ?? limits.MaxAnswerBytes;
        limits.MaxClipBytes = section.Count(nameof(limits.MaxClipBytes)) ?? limits.MaxClipBytes;
        limits.MaxConcurrentSubmits = (int?)section.Count(nameof(limits.MaxConcurrentSubmits)) ?? limits.MaxConcurrentSubmits;
        limits.MaxHandOverBytes = section.Count(nameof(limits.MaxHandOverBytes)) ?? limits.MaxHandOverBytes;
        section.RejectUnknown();
    }

    private static ProviderOptions ReadProvider(SectionReader section)
    {
        var provider = new ProviderOptions();
        provider.Type = section.Text(nameof(provider.Type));
        provider.BaseUrl = section.Server(nameof(provider.BaseUrl));
        provider.ApiKey = section.Text(nameof(provider.ApiKey));
        ReadTexts(section, nameof(provider.Secrets), provider.Secrets);
        provider.Region = section.Plain(nameof(provider.Region));
        provider.Project = section.Plain(nameof(provider.Project));
        provider.OutputUri = section.Text(nameof(provider.OutputUri));
        provider.StorageUrl = section.Server(nameof(provider.StorageUrl));
        provider.Passthrough = section.Flag(nameof(provider.Passthrough)) ?? provider.Passthrough;
        provider.Enabled = section.Flag(nameof(provider.Enabled));
        provider.CreateModel = section.Text(nameof(provider.CreateModel));
        provider.RemixModel = section.Text(nameof(provider.RemixModel));
        provider.PollInterval = section.Duration(nameof(provider.PollInterval));
        provider.Timeout = section.Duration(nameof(provider.Timeout)) ?? provider.Timeout;
        provider.JobTimeout = section.Duration(nameof(provider.JobTimeout)) ?? provider.JobTimeout;
        provider.ConcurrentJobs = (int?)section.Count(nameof(provider.ConcurrentJobs));
        provider.AssetHosts = section.Hosts(nameof(provider.AssetHosts)) ?? provider.AssetHosts;
        foreach (var model in section.Items(nameof(provider.Models), typeof(ModelOptions))) provider.Models.Add(ReadModel(model));
        provider.BodyFormat = section.Word<BodyFormat>(nameof(provider.BodyFormat));
        provider.NothingCreatedOn = section.Counts(nameof(provider.NothingCreatedOn)) ?? provider.NothingCreatedOn;
        section.RejectUnknown();
        return provider;
    }

    private static ClientOptions ReadClient(SectionReader section)
    {
        var client = new ClientOptions();
        client.Name = section.Plain(nameof(client.Name));
        client.Keys = section.List(nameof(client.Keys)) ?? client.Keys;
        client.KeysSha256 = section.List(nameof(client.KeysSha256)) ?? client.KeysSha256;
        client.Providers = section.List(nameof(client.Providers)) ?? client.Providers;
        client.Models = section.List(nameof(client.Models)) ?? client.Models;
        client.RequestsPerMinute = (int?)section.Count(nameof(client.RequestsPerMinute));
        client.ConcurrentSubmits = (int?)section.Count(nameof(client.ConcurrentSubmits));
        client.QueueSubmits = (int?)section.Count(nameof(client.QueueSubmits)) ?? client.QueueSubmits;
        client.ConcurrentJobs = (int?)section.Count(nameof(client.ConcurrentJobs));
        client.SecondsPerDay = (int?)section.Count(nameof(client.SecondsPerDay));
        client.Admin = section.Flag(nameof(client.Admin)) ?? client.Admin;
        section.RejectUnknown();
        return client;
    }

    private static ModelOptions ReadModel(SectionReader section)
    {
        var model = new ModelOptions();
        model.Model = section.Text(nameof(model.Model));
        model.Path = section.Text(nameof(model.Path));
        ReadTexts(section, nameof(model.Fields), model.Fields);
        ReadTexts(section, nameof(model.Fixed), model.Fixed);
        model.Operations = section.List(nameof(model.Operations));
        model.WithImage = section.Text(nameof(model.WithImage));
        model.Inputs = section.List(nameof(model.Inputs));
        model.Sizes = section.List(nameof(model.Sizes));
        model.Seconds = section.List(nameof(model.Seconds));
        model.Audio = section.Word<ModelSound>(nameof(model.Audio));
        model.Outputs = (int?)section.Count(nameof(model.Outputs));
        section.RejectUnknown();
        return model;
    }

    private static void ReadTexts(SectionReader section, string key, IDictionary<string, string> texts)
    {
        var entries = section.Section(key);
        foreach (var name in section.Names(key))
            if (entries.Text(name) is { } text) texts[name] = text;
    }
}
