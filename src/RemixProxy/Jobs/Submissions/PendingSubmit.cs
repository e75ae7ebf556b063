namespace RemixProxy.Jobs.Submissions;

/// <summary>
/// A submit of unknown outcome that its provider can be asked for by the key that it carried: another RemixProxy, standing between this one and its provider,
/// said that it was still at it and tells repeats by their key; or the provider finds jobs by such a key.
/// </summary>
/// <param name="Provider">The configured name of the provider.</param>
/// <param name="Model">The model that was asked for there.</param>
/// <param name="Key">The key that was sent.</param>
/// <param name="OnlyFinds">Whether a repeat only looks for the job. Otherwise it sends the request there once more, with the same key.</param>
internal sealed record PendingSubmit(string Provider, string Model, string Key, bool OnlyFinds = false);
