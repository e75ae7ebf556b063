using Microsoft.Extensions.Options;

namespace RemixProxy.Cache.Language;

/// <summary>Validates the words that the configuration adds, by the same reading that later uses them.</summary>
internal sealed class CheckWords : IValidateOptions<RemixProxyOptions>
{
    public ValidateOptionsResult Validate(string? name, RemixProxyOptions options)
    {
        if (options.Cache.Words.Count == 0) return ValidateOptionsResult.Success;
        var errors = new List<(string Class, string Expected)>();
        ConflictWords.Build(options.Cache.Words, errors);
        return errors.Count == 0
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail(errors.Select(e => $"RemixProxy:Cache:Words:{e.Class} must be {e.Expected}."));
    }
}
