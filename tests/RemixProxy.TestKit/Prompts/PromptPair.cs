namespace RemixProxy.TestKit.Prompts;

/// <summary>A pair of <c>tests/Prompts</c>; its README says what the fields mean.</summary>
internal sealed record PromptPair(string A, string B, string Style, string Kind);
