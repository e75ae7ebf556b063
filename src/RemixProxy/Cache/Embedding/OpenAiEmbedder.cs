using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Microsoft.Extensions.AI;
using RemixProxy.Contract;
using RemixProxy.Resilience;

namespace RemixProxy.Cache.Embedding;

/// <summary>Asks any OpenAI-compatible endpoint for embeddings. The exceptions name neither prompt, key nor host.</summary>
internal sealed class OpenAiEmbedder : IEmbeddingGenerator<string, Embedding<float>>
{
    /// <summary>More than the vector of any model takes as text.</summary>
    private const int MaxVectorBytes = 1 << 20;

    /// <summary>A number of characters that no model refuses as too long.</summary>
    private const int CertainlyShort = 400;

    private readonly HttpClient _http;
    private readonly Uri _address;
    private readonly AuthenticationHeaderValue _key;
    private readonly string _model;
    private readonly int? _dimensions;
    private readonly EmbeddingGeneratorMetadata _metadata;

    /// <param name="options">Has an endpoint and a model.</param>
    /// <param name="traceContext">Decides whether the endpoint gets the trace's ids.</param>
    /// <param name="proxy">The way out.</param>
    public OpenAiEmbedder(EmbeddingsOptions options, DistributedContextPropagator traceContext, IWebProxy proxy)
    {
        _model = options.Model ?? throw new ArgumentException("An endpoint needs a model.", nameof(options));
        _dimensions = options.Dimensions;
        var endpoint = new Uri(options.Endpoint!.AbsoluteUri.TrimEnd('/'));
        _address = new(endpoint.AbsoluteUri + "/embeddings");
        // Some servers refuse a request without a key, though they accept any key.
        _key = new("Bearer", options.ApiKey ?? "none");
        _metadata = new("openai", endpoint, _model, _dimensions);
        _http = new(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            Proxy = proxy,
            PooledConnectionLifetime = TimeSpan.FromMinutes(2),
            ActivityHeadersPropagator = traceContext,
        })
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
    }

    /// <exception cref="DependencyFaultException">The endpoint did not answer with embeddings.</exception>
    public async Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
        IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        string[] inputs = [.. values];
        var mayBeTooLong = inputs.Any(i => i.Length > CertainlyShort);
        var answer = await SendAsync(
            Request(inputs, options?.Dimensions ?? _dimensions), (inputs.Length + 1L) * MaxVectorBytes, mayBeTooLong, cancellationToken);
        try
        {
            using var json = JsonDocument.Parse(answer);
            return Read(json.RootElement);
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException or KeyNotFoundException)
        {
            throw new DependencyFaultException("its answer can't be read");
        }
    }

    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceKey is not null ? null : serviceType == typeof(EmbeddingGeneratorMetadata) ? _metadata : serviceType.IsInstanceOfType(this) ? this : null;

    public void Dispose() => _http.Dispose();

    private async Task<ReadOnlyMemory<byte>> SendAsync(ReadOnlyMemory<byte> body, long maxAnswerBytes, bool mayBeTooLong, CancellationToken cancellationToken)
    {
        try
        {
            using var request = new HttpRequestMessage(
                HttpMethod.Post, _address)
            {
                Content = new ReadOnlyMemoryContent(body) { Headers = { ContentType = new("application/json") } },
                Headers = { Authorization = _key }
            };
            using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            var status = (int)response.StatusCode;
            if (response.StatusCode != HttpStatusCode.OK)
                throw new DependencyFaultException(Invariant($"it answers {status}"), byRequest: mayBeTooLong && status is (400 or 413 or 422));
            await using var answer = await response.Content.ReadAsStreamAsync(cancellationToken);
            return await BoundedRead.ToEndAsync(answer, maxAnswerBytes, cancellationToken) ?? throw new DependencyFaultException("its answer is too large");
        }
        catch (Exception e) when (e is not OperationCanceledException and not DependencyFaultException)
        {
            var cause = e as HttpRequestException ?? e.InnerException as HttpRequestException;
            throw new DependencyFaultException($"it can't be reached: {cause?.HttpRequestError.ToString() ?? e.GetType().Name}");
        }
    }

    /// <summary>The request has no <c>encoding_format</c>, because every server knows the default, which is numbers.</summary>
    private ReadOnlyMemory<byte> Request(string[] inputs, int? dimensions)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("model"u8, _model);
            json.WriteStartArray("input"u8);
            foreach (var input in inputs) json.WriteStringValue(input);
            json.WriteEndArray();
            if (dimensions is { } length) json.WriteNumber("dimensions"u8, length);
            json.WriteEndObject();
        }

        return buffer.WrittenMemory;
    }

    private GeneratedEmbeddings<Embedding<float>> Read(JsonElement answer)
    {
        var data = answer.GetProperty("data"u8);
        var vectors = new Embedding<float>?[data.GetArrayLength()];
        foreach (var (position, entry) in data.EnumerateArray().Index())
        {
            var index = entry.TryGetProperty("index"u8, out var number) && number.TryGetInt32(out var named) ? named : position;
            if (index < 0 || index >= vectors.Length || vectors[index] is not null) throw new FormatException();
            vectors[index] = new(Vector(entry.GetProperty("embedding"u8))) { ModelId = _model };
        }

        return new(vectors.OfType<Embedding<float>>()) { Usage = Usage(answer) };
    }

    private static UsageDetails? Usage(JsonElement answer)
    {
        if (!answer.TryGetProperty("usage"u8, out var usage) || usage.ValueKind != JsonValueKind.Object) return null;
        return new() { InputTokenCount = Count(usage, "prompt_tokens"), TotalTokenCount = Count(usage, "total_tokens") };
    }

    private static long? Count(JsonElement usage, string name) =>
        usage.TryGetProperty(name, out var count) && count.ValueKind == JsonValueKind.Number && count.TryGetInt64(out var value) && value >= 0 ? value : null;

    /// <summary>Reads numbers, or little-endian floats in base64.</summary>
    private static float[] Vector(JsonElement embedding)
    {
        if (embedding.ValueKind != JsonValueKind.String) return [.. embedding.EnumerateArray().Select(n => n.GetSingle())];
        var bytes = embedding.GetBytesFromBase64();
        if (bytes.Length % sizeof(float) != 0) throw new FormatException();
        var vector = new float[bytes.Length / sizeof(float)];
        for (var i = 0; i < vector.Length; i++) vector[i] = BinaryPrimitives.ReadSingleLittleEndian(bytes.AsSpan(i * sizeof(float)));
        return vector;
    }
}
