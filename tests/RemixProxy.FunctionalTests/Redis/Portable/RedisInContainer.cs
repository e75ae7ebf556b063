namespace RemixProxy.FunctionalTests.Redis;

/// <summary>None: Testcontainers is one of the current packages.</summary>
internal static class RedisInContainer
{
    public static Task<(string ConnectionString, IAsyncDisposable Container)?> TryStartAsync() => Task.FromResult<(string, IAsyncDisposable)?>(null);
}
