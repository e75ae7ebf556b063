using Microsoft.Extensions.Options;

namespace RemixProxy.Redis;

/// <summary>Validates the connection string, which only the client of Redis can judge.</summary>
internal sealed class CheckRedis : IValidateOptions<RemixProxyOptions>
{
    public ValidateOptionsResult Validate(string? name, RemixProxyOptions options) =>
        options.Redis.ConnectionString is not { } connection || IsConnection(connection)
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail(
                "RemixProxy:Redis:ConnectionString must be a connection string of StackExchange.Redis, e.g. redis:6379,password=…,ssl=true.");

    private static bool IsConnection(string text)
    {
        try
        {
            RedisDatabase.Read(text);
            return true;
        }
        catch (Exception e) when (e is ArgumentException or FormatException)
        {
            return false;
        }
    }
}
