using StackExchange.Redis;

namespace RemixProxy.Redis;

/// <summary>Nothing: the defaults of StackExchange.Redis 1.2 are the ones that are meant.</summary>
internal static class RedisClientSettings
{
    public static void Apply(ConfigurationOptions configuration)
    {
    }
}
