namespace RemixProxy.FunctionalTests.Kit;

/// <summary>Tests that run while no other does.</summary>
[CollectionDefinition(nameof(Undisturbed), DisableParallelization = true)]
public class Undisturbed;
