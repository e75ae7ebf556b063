using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace RemixProxy.TestKit;

/// <summary>Keeps what is logged, with its exceptions' texts.</summary>
internal sealed class LogLines : ILogger
{
    private readonly ConcurrentQueue<string> _lines = new();

    public IReadOnlyList<string> All => [.. _lines];

    public IReadOnlyList<string> Warnings => [.. _lines.Where(l => l.StartsWith(nameof(LogLevel.Warning), StringComparison.Ordinal))];

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _lines.Enqueue($"{logLevel} [{eventId.Id}] {formatter(state, exception)} {exception}");
}
