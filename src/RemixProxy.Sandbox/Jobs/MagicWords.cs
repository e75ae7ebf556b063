namespace RemixProxy.Sandbox.Jobs;

/// <summary>Words in a prompt that decide how its job goes; they stand alone and in capitals.</summary>
[Flags]
internal enum MagicWords
{
    None = 0,
    Fail = 1,
    Moderate = 2,
    Slow = 4,
    Expire = 8,
    Refuse = 16,
}
