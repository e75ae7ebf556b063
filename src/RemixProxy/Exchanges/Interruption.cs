namespace RemixProxy.Exchanges;

/// <summary>Why an exchange did not finish.</summary>
internal enum Interruption
{
    /// <summary>The proxy could not connect to the provider.</summary>
    Unreachable,

    /// <summary>The proxy could not obtain the credential, so it sent nothing.</summary>
    Unsigned,

    /// <summary>
    /// The proxy probably connected, but the provider gave no answer. This serves only the metrics: whether a byte was sent decides about money.
    /// </summary>
    HungUp,

    /// <summary>The answer broke off, or the proxy could not read it.</summary>
    Broken,

    /// <summary>Time ran out.</summary>
    TimedOut,

    /// <summary>The caller hung up, and nobody else needed the exchange.</summary>
    Cancelled,
}
