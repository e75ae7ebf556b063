namespace RemixProxy.TestKit.Redis;

/// <summary>The servers that the proxy is tried with.</summary>
public enum RedisVersion
{
    /// <summary>Without vector sets.</summary>
    Seven,

    /// <summary>With vector sets; a later one does too.</summary>
    Eight,
}
