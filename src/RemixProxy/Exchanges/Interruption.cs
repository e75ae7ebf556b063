namespace RemixProxy.Exchanges;

/// <summary>Why an exchange came to no end of its own.</summary>
internal enum Interruption
{
    /// <summary>The provider was not reached: nothing was connected.</summary>
    Unreachable,

    /// <summary>The credential can't be had, so nothing was sent.</summary>
    Unsigned,

    /// <summary>It was connected to and gave no answer, as far as can be told: for figures only, money is decided by whether a byte was sent.</summary>
    HungUp,

    /// <summary>The answer began and then broke, or could not be taken.</summary>
    Broken,

    /// <summary>Time ran out.</summary>
    TimedOut,

    /// <summary>The caller, for whom alone it was, hung up.</summary>
    Cancelled,
}
