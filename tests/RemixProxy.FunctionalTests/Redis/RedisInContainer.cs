using DotNet.Testcontainers.Builders;
using Testcontainers.Redis;

namespace RemixProxy.FunctionalTests.Redis;

/// <summary>A Redis 8 in a container, for those who neither stop nor pause it.</summary>
internal static class RedisInContainer
{
    /// <summary>Starts it; null where no Docker answers.</summary>
    public static async Task<(string ConnectionString, IAsyncDisposable Container)?> TryStartAsync()
    {
        try
        {
            var container = new RedisBuilder("redis:8").Build();
            await container.StartAsync();
            return (container.GetConnectionString(), container);
        }
        catch (DockerUnavailableException)
        {
            return null;
        }
    }
}
