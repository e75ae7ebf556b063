using StackExchange.Redis;

namespace RemixProxy.Redis;

/// <summary>Has StackExchange.Redis 3 do what version 1.2 does, where its defaults are others.</summary>
internal static class RedisClientSettings
{
    public static void Apply(ConfigurationOptions configuration)
    {
        // What can't be sent fails at once: nothing waits for the connection until its caller is long gone.
        configuration.BacklogPolicy = BacklogPolicy.FailFast;
        // In RESP3 a vector search answers a map.
        configuration.Protocol = RedisProtocol.Resp2;
    }
}
