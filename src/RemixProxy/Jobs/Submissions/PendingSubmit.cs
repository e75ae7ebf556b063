namespace RemixProxy.Jobs.Submissions;

/// <summary>A submit that another RemixProxy, standing between this one and the provider, said it was still at. It tells repeats by their key.</summary>
/// <param name="Provider">The configured name of that RemixProxy.</param>
/// <param name="Model">The model that was asked for there.</param>
/// <param name="Key">The key that was sent.</param>
internal sealed record PendingSubmit(string Provider, string Model, string Key);
