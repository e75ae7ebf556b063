using RemixProxy.Adapters;
using RemixProxy.Contract;
using RemixProxy.Exchanges;
using RemixProxy.Providers;

namespace RemixProxy.Operations.Submit;

/// <summary>A submit with everything resolved that decides which provider serves it.</summary>
/// <param name="Intent">The wish of the caller.</param>
/// <param name="Operation">The operation that is carried out: an edit of a video by its id is a remix.</param>
/// <param name="Source">The source video; null if the submit names none by id.</param>
/// <param name="Targets">The providers and models to try, in order; at least one.</param>
internal sealed record ResolvedSubmit(SubmitIntent Intent, VideoOperation Operation, SourceVideo? Source, IReadOnlyList<ModelTarget> Targets)
{
    /// <summary>Whether a field shapes what is sent to a target; <c>user</c>, <c>metadata</c> and unknown names often don't.</summary>
    /// <param name="field">Our name for the field.</param>
    public bool Sends(string field) =>
        SubmitIntent.Members.Contains(field) || Intent.Body.Find(field)?.Files.Any() == true
            || Targets.Any(t => t.Provider.FittingModel(t.Model)?.Takes(field, Operation) != false);
}

/// <summary>Decides which provider and model serve a submit.</summary>
internal static class SubmitPlanner
{
    /// <summary>The providers and models to try, in order.</summary>
    /// <param name="call">The call.</param>
    /// <param name="intent">The wish.</param>
    /// <param name="operation">The operation that is carried out: an edit of a video by its id is a remix.</param>
    /// <param name="source">The source video of a remix or extension by id.</param>
    /// <returns>At least one target, or 400 or 404.</returns>
    public static Result<ModelTarget[]> Targets(VideoCall call, SubmitIntent intent, VideoOperation operation, SourceVideo? source)
    {
        var named = source is not null ? OfSource(call, intent, operation, source) : OfModel(call, intent, operation);
        if (!named.TryGet(out var targets, out var error)) return error;
        call.Report.NoteProvider(targets[0].Provider);
        // Only the targets that can do the operation are tried. If none can, the first target's refusal is the answer.
        var checks = targets.Select(t => (Target: t, Refusal: Check(call, t, operation, intent))).ToArray();
        ModelTarget[] able = [.. checks.Where(c => c.Refusal is null).Select(c => c.Target)];
        return able.Length > 0 ? able : checks[0].Refusal!;
    }

    /// <summary>The providers of which a submit asks the first that has room, as far as can be told before anything is looked up.</summary>
    public static IEnumerable<Provider> AskedFirst(VideoCall call, SubmitIntent intent) => intent.SourceId switch
    {
        null => call.Providers.Resolve(intent.Model ?? call.Providers.Options.DefaultModel).Select(t => t.Provider),
        var id => VideoId.TryParse(id, out var source) && call.Providers.Find(source.Value.Provider) is { } provider ? [provider] : [],
    };

    /// <summary>The forms in which a target takes the source.</summary>
    public static SourceForms Forms(ProviderProfile profile, VideoOperation operation) => operation == VideoOperation.Extend
        ? profile.ExtendSources
        : profile.Sources;

    private static Result<ModelTarget[]> OfSource(VideoCall call, SubmitIntent intent, VideoOperation operation, SourceVideo source)
    {
        var target = new ModelTarget(source.Provider, source.Provider.EditModel(operation) ?? SourceModel(source));
        if (intent.Model is { } model)
        {
            // A bare model name is looked up at the source's provider only, so that an alias can't carry the video to another vendor.
            var named = call.AllProviders.Explicit(model) ?? new(source.Provider, model);
            var isKnown = named.Provider != source.Provider || named.Model != model || ProviderSet.Declares(source.Provider, model)
                || model == source.Job.Video.Model;
            if (!isKnown)
            {
                return ApiError.ModelNotFound(
                    $"{source.Provider.Name} has no model '{model}'. Name another provider's as 'provider/model'; see GET /v1/models.");
            }

            if (named.Provider != source.Provider || source.Provider.EditModel(operation) is not null) target = named;
        }

        if (!call.Providers.Allows(target)) return NotAllowed(intent.Model is null ? "the model that does this" : $"'{intent.Model}'");
        return target.Provider != source.Provider && Array.Find([target.Provider, source.Provider], p => p.HasCallersKeys) is { } own
            ? ApiError.Unsupported($"{own.Name} is called with its callers' own keys: its videos go to no other provider, nor theirs to it.", "model")
            : new[] { target };
    }

    private static Result<ModelTarget[]> OfModel(VideoCall call, SubmitIntent intent, VideoOperation operation)
    {
        var name = intent.Model ?? call.Providers.Options.DefaultModel;
        ModelTarget[] targets = [.. call.Providers.Resolve(name)];
        if (targets.Length == 0)
        {
            return call.AllProviders.Resolve(name).Count > 0
                ? NotAllowed($"'{name}'")
                : ApiError.ModelNotFound($"No enabled provider has the model '{name}'. See GET /v1/models.");
        }

        if (operation == VideoOperation.Create) return targets;
        // Aliases and the default name models that create. For an edit or extend of a file, their provider's own model for that is used.
        var isNamed = intent.Model is not null && (call.Providers.Explicit(name) is not null || !call.Providers.Aliases.ContainsKey(name));
        ModelTarget[] editing = Array.ConvertAll(
            targets, t => isNamed || Has(t, operation) ? t : t with { Model = t.Provider.EditModel(operation) ?? t.Model });
        ModelTarget[] allowed = [.. targets.Zip(editing).Where(t => t.First == t.Second || call.Providers.Allows(t.Second)).Select(t => t.Second)];
        return allowed.Length > 0 ? allowed : NotAllowed("the model that does this");
    }

    private static ApiError NotAllowed(string what) =>
        ApiError.NotAllowed($"This client may not use {what}. See GET /v1/models for what it may.", "model");

    private static bool Has(ModelTarget target, VideoOperation operation) =>
        target.Provider.FindModel(target.Model)?.Operations.HasFlag(operation) == true;

    private static string SourceModel(SourceVideo source) => source.Job.Video.Model is { Length: > 0 } model ? model : source.Provider.CreateModel;

    /// <returns>Why the target can't do the operation; null if it can.</returns>
    private static ApiError? Check(VideoCall call, ModelTarget target, VideoOperation operation, SubmitIntent intent)
    {
        var (provider, model) = target;
        if (provider.LacksKey) return Failures.NoCredential(provider);
        var profile = provider.Profile;
        var hasFile = intent.SourceFile is not null;
        if (!Can(profile, operation, hasFile))
        {
            var who = call.Providers.WhoCan("can", p => Can(p.Profile, operation, hasFile)) ?? "No enabled provider can.";
            return ApiError.Unsupported($"{provider.Name} can't {Verb(operation)}{(hasFile ? " an uploaded video" : "")}. {who}", hasFile ? "video" : null);
        }

        if (provider.FindModel(model) is { } declared && !declared.Operations.HasFlag(operation))
        {
            var able = call.Providers.Models.Where(m => m.Provider == provider && m.Model.Operations.HasFlag(operation))
                .Select(m => $"{provider.Name}/{m.Model.Id}");
            return ApiError.Unsupported($"{provider.Name}'s model '{model}' can't {Verb(operation)}. These can: {string.Join(", ", able)}.", "model");
        }

        return CheckImageIds(call, provider, intent) ?? InputCheck.Of(call, target, operation, intent);
    }

    private static bool Can(ProviderProfile profile, VideoOperation operation, bool hasFile) =>
        profile.Operations.HasFlag(operation) && (!hasFile || Forms(profile, operation).HasFlag(SourceForms.File));

    private static ApiError? CheckImageIds(VideoCall call, Provider provider, SubmitIntent intent)
    {
        if (provider.Profile.Images.HasFlag(SourceForms.Id) || intent.Images.FirstOrDefault(i => i.Image is NativeIdSource) is not { Name: { } name })
            return null;
        var who = call.Providers.WhoCan("take a 'file_id'", p => p.Profile.Images.HasFlag(SourceForms.Id));
        var message = $"{provider.Name} has no files to name: send the image itself, or its 'image_url'. {who}".TrimEnd();
        return ApiError.Unsupported(message, name + ".file_id");
    }

    private static string Verb(VideoOperation operation) => operation switch
    {
        VideoOperation.Create => "create",
        VideoOperation.Remix => "remix",
        VideoOperation.Edit => "edit",
        _ => "extend",
    };
}
