using System.Numerics.Tensors;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using RemixProxy.Configuration;
using RemixProxy.Providers;
using RemixProxy.Resilience;
using RemixProxy.Telemetry;

namespace RemixProxy.Cache.Embedding;

/// <summary>Turns prompts into vectors with the application's own generator, or else the configured endpoint, or else in this process.</summary>
internal sealed partial class PromptEmbedder : IPromptEmbedder, IDisposable
{
    /// <summary>The service key of an application's own generator.</summary>
    public const string ServiceKey = "RemixProxy";

    private readonly ProviderRegistry _registry;
    private readonly IEmbeddingGenerator<string, Embedding<float>> _builtIn;
    private readonly IEmbeddingGenerator<string, Embedding<float>>? _own;
    private readonly TraceContextPropagator _traceContext;
    private readonly OutboundProxy _proxy;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Lock _lock = new();
    private volatile Source _source;
    private volatile bool _defectLogged;

    /// <param name="registry">Has the settings in force.</param>
    /// <param name="builtIn">The built-in generator, which works in this process and without a budget.</param>
    /// <param name="own">The application's own generator; the application disposes it.</param>
    /// <param name="traceContext">Decides whether the endpoint gets the trace's ids.</param>
    /// <param name="proxy">The way to the endpoint.</param>
    /// <param name="time">The clock of budgets and breaker.</param>
    /// <param name="logger">The log, which gets neither prompts nor keys nor hosts.</param>
    public PromptEmbedder(
        ProviderRegistry registry,
        IEmbeddingGenerator<string, Embedding<float>> builtIn,
        IEmbeddingGenerator<string, Embedding<float>>? own,
        TraceContextPropagator traceContext,
        OutboundProxy proxy,
        TimeProvider time,
        ILogger logger)
    {
        _registry = registry;
        _builtIn = builtIn;
        _own = own;
        _traceContext = traceContext;
        _proxy = proxy;
        _time = time;
        _logger = logger;
        _source = NewSource(registry.Current.Options.Cache.Embeddings);
    }

    /// <summary>The server that makes the vectors; null while prompts stay in this process.</summary>
    public Dependency? Dependency => Current().Server;

    public DependencyState? State => Dependency?.State;

    public async ValueTask<PromptVector?> EmbedAsync(string prompt, CancellationToken cancellationToken)
    {
        var source = Lease();
        using var activity = VideoActivities.Embed(source.Provider, source.Metadata?.DefaultModelId, source.Server is not null);
        try
        {
            var vector = source.Server is { } server
                ? await server.RunAsync(ct => GenerateAsync(source, prompt, ct), source.Options.Timeout, cancellationToken)
                : await GenerateAsync(source, prompt, cancellationToken);
            activity?.Embedded(vector.InputTokens);
            return vector;
        }
        catch (Exception e) when (e is DependencyException or DependencyFaultException)
        {
            activity?.Failed(e);
            // The breaker has logged its faults already. And a prompt without a word has no direction, which is no fault.
            return null;
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            if (!_defectLogged) Log.Failed(_logger, e.GetType().Name);
            _defectLogged = true;
            activity?.Failed(e);
            return null;
        }
        finally
        {
            source.Release();
        }
    }

    public void Dispose() => _source.Release();

    private static async Task<PromptVector> GenerateAsync(Source source, string prompt, CancellationToken cancellationToken)
    {
        var embeddings = await source.Generator.GenerateAsync([prompt], source.Request, cancellationToken);
        if (embeddings is not [{ } embedding]) throw new DependencyFaultException($"it answers {embeddings.Count} vectors to one prompt");
        var (unit, length) = (Unit(embedding.Vector.Span), embedding.Vector.Length);
        if (source.Request?.Dimensions is { } expected && length != expected)
            throw new DependencyFaultException(Invariant($"its vector has {length} dimensions instead of {expected}"));
        var model = source.Metadata?.DefaultModelId ?? embedding.ModelId ?? "unknown";
        var tokens = embeddings.Usage?.InputTokenCount is { } count and <= int.MaxValue ? (int?)count : null;
        return new(unit, Identity(source, model, length), source.Provider, model, tokens, source.DefaultThreshold);
    }

    /// <summary>Scales a vector to unit length, in single precision.</summary>
    private static float[] Unit(ReadOnlySpan<float> vector)
    {
        if (vector.IsEmpty) throw new DependencyFaultException("its vector is empty");
        // The largest magnitude is NaN if any number is NaN. Dividing by it keeps the squares in range.
        var peak = MathF.Abs(TensorPrimitives.MaxMagnitude(vector));
        if (!float.IsFinite(peak)) throw new DependencyFaultException("its vector holds what is no number");
        if (peak == 0) throw new DependencyFaultException("its vector has no direction");
        var unit = new float[vector.Length];
        TensorPrimitives.Divide(vector, peak, unit);
        TensorPrimitives.Divide(unit, TensorPrimitives.Norm<float>(unit), unit);
        return unit;
    }

    /// <summary>A hash, because an endpoint's address may be long and should not be readable in the store.</summary>
    private static string Identity(Source source, string model, int dimensions) => $"{source.Kind}-" + Convert.ToHexStringLower(
        SHA256.HashData(Encoding.UTF8.GetBytes(Invariant($"{source.Provider}\n{source.Metadata?.ProviderUri?.AbsoluteUri}\n{model}\n{dimensions}")))
            .AsSpan(0, 16));

    private Source Lease()
    {
        while (true)
        {
            var source = Current();
            if (source.TryLease()) return source;
        }
    }

    private Source Current()
    {
        var options = _registry.Current.Options.Cache.Embeddings;
        var source = _source;
        if (source.IsFor(options)) return source;
        lock (_lock)
        {
            source = _source;
            // Reads the options again, because another thread may have built a later reload meanwhile.
            options = _registry.Current.Options.Cache.Embeddings;
            if (source.IsFor(options)) return source;
            _source = NewSource(options);
            source.Release();
            return _source;
        }
    }

    private Source NewSource(EmbeddingsOptions options)
    {
        if (_own is not null) return new(_own, options, "own", defaultThreshold: 0.95, NewServer());
        return options.Endpoint is null
            ? new(_builtIn, options, "builtin", defaultThreshold: 0.85, server: null)
            : new(new OpenAiEmbedder(options, _traceContext, _proxy), options, "endpoint", defaultThreshold: 0.95, NewServer());
    }

    private Dependency NewServer() => new("embedder", _time, _logger);

    /// <summary>A generator that lives as long as its settings are in force or a call uses it.</summary>
    private sealed class Source(
        IEmbeddingGenerator<string, Embedding<float>> generator, EmbeddingsOptions options, string kind, double defaultThreshold, Dependency? server)
    {
        private int _leases = 1;

        public IEmbeddingGenerator<string, Embedding<float>> Generator { get; } = generator;

        public EmbeddingsOptions Options { get; } = options;

        public string Kind { get; } = kind;

        public double DefaultThreshold { get; } = defaultThreshold;

        /// <summary>The server; null where the generator works in this process.</summary>
        public Dependency? Server { get; } = server;

        public EmbeddingGenerationOptions? Request { get; } = server is not null && options.Dimensions is { } length ? new() { Dimensions = length } : null;

        public EmbeddingGeneratorMetadata? Metadata { get; } = generator.GetService(typeof(EmbeddingGeneratorMetadata)) as EmbeddingGeneratorMetadata;

        public string Provider => Metadata?.ProviderName ?? Generator.GetType().Name;

        /// <summary>Whether it was made from equal settings. Most reloads change other settings only.</summary>
        public bool IsFor(EmbeddingsOptions options) => ReferenceEquals(options, Options)
            || (options.Endpoint == Options.Endpoint && options.Model == Options.Model && options.ApiKey == Options.ApiKey
                && options.Dimensions == Options.Dimensions && options.Timeout == Options.Timeout);

        public bool TryLease()
        {
            for (var leases = Volatile.Read(ref _leases); leases > 0;)
            {
                var before = Interlocked.CompareExchange(ref _leases, leases + 1, leases);
                if (before == leases) return true;
                leases = before;
            }

            return false;
        }

        public void Release()
        {
            if (Interlocked.Decrement(ref _leases) == 0) (Generator as OpenAiEmbedder)?.Dispose();
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.EmbedderFailed, LogLevel.Warning,
            "The built-in embedder failed ({Error}): a defect, said once. Such prompts are not compared with others.")]
        public static partial void Failed(ILogger logger, string error);
    }
}
