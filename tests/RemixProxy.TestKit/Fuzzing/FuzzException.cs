namespace RemixProxy.TestKit.Fuzzing;

/// <summary>A random case failed.</summary>
internal sealed class FuzzException(string message, Exception? inner) : Exception(message, inner);
