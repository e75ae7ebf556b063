using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using RemixProxy.Cache.Embedding;
using RemixProxy.FunctionalTests.Kit;

namespace RemixProxy.FunctionalTests.Cache;

/// <summary>
/// Prompts as angles that the test names: their similarity is the cosine of what lies between. One without an angle stands at a right angle to all.
/// </summary>
internal sealed class AngleEmbedder : IPromptEmbedder
{
    private readonly ConcurrentDictionary<string, double> _angles = new(StringComparer.Ordinal);
    private int _calls;

    /// <summary>Prompts that were embedded.</summary>
    public int Calls => _calls;

    public string Identity { get; set; } = "angles";

    /// <summary>What embedding ends in.</summary>
    public Exception? Fails { get; set; }

    /// <summary>Whether it has nothing to say.</summary>
    public bool IsAway { get; set; }

    /// <summary>Places a prompt, in degrees.</summary>
    public string At(double degrees, string prompt)
    {
        _angles[prompt] = degrees;
        return prompt;
    }

    /// <summary>For <see cref="ProxyApp.Setup.Proxy"/>.</summary>
    public void Install(IReverseProxyBuilder proxy) => proxy.Services.Replace(ServiceDescriptor.Singleton<IPromptEmbedder>(this));

    public ValueTask<PromptVector?> EmbedAsync(string prompt, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _calls);
        if (Fails is { } e) throw e;
        if (IsAway) return default;
        var vector = new float[3];
        if (_angles.TryGetValue(prompt, out var degrees))
            (vector[1], vector[0]) = ((float)Math.Sin(degrees * Math.PI / 180), (float)Math.Cos(degrees * Math.PI / 180));
        else vector[2] = 1;
        return new(new PromptVector(vector, Identity, "fake", "angles-1", InputTokens: 3, DefaultThreshold: 0.9));
    }
}
