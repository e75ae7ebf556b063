using System.Text.Json;
using RemixProxy.Adapters;
using RemixProxy.Contract;

namespace RemixProxy.Providers.Kit;

/// <summary>
/// The base of adapters whose provider makes a video as a task. The answer to a submit has the task's id; polls return the state and, in the end, the outputs.
/// </summary>
/// <remarks>
/// Override <see cref="Answered"/> where a provider needs more than one call for an answer. List the provider's words for the state in <see
/// cref="ProviderProfile.Statuses"/>.
/// </remarks>
public abstract class TaskAdapter : IVideoAdapter
{
    /// <inheritdoc />
    public abstract ProviderProfile Profile { get; }

    /// <inheritdoc />
    public virtual IVideoAdapter For(ProviderAccount account) => this;

    /// <summary>The rules for reading the provider's refusals.</summary>
    protected abstract ErrorRules Errors { get; }

    /// <inheritdoc />
    public SubmitPlan Submit(SubmitRequest request)
    {
        var model = request.Configured ?? ModelOf(request.Model);
        Check(request, model);
        var wish = new Wish(request, model);
        return wish.ToPlan(request.Operation switch
        {
            VideoOperation.Create => Create(wish),
            VideoOperation.Extend => Extend(wish),
            _ => Edit(wish),
        });
    }

    /// <inheritdoc />
    public virtual ProviderStep Retrieve(string nativeId) => Ask(new(HttpMethod.Get, Target(nativeId)), nativeId);

    /// <inheritdoc />
    public virtual bool IsIdOf(string nativeId, IEnumerable<VideoModel> models) => true;

    /// <inheritdoc />
    public virtual ProviderStep? Find(string submitKey) => null;

    /// <inheritdoc />
    public virtual ProviderStep? Delete(string nativeId, VideoStatus status) => null;

    /// <inheritdoc />
    public virtual ProviderStep? Cancel(string nativeId) => null;

    /// <inheritdoc />
    public virtual NativeRequest Content(string nativeId, NativeOutput output, string variant) =>
        new(HttpMethod.Get, output.Url) { Authenticated = !output.Public };

    /// <inheritdoc />
    public virtual IEnumerable<ModelLook> Looks(IReadOnlyList<VideoModel> models, Uri baseUrl) => [];

    /// <inheritdoc />
    public ProviderError ReadError(NativeResponse response) => Errors.Read(response);

    /// <summary>The model of a native name. An unknown name is treated like the first model of the profile.</summary>
    protected virtual VideoModel ModelOf(string id) => Profile.FindModel(id) ?? Profile.Models[0] with { Id = id };

    /// <summary>Plans a create and returns its first step.</summary>
    protected abstract ProviderStep Create(Wish wish);

    /// <summary>Plans a remix or an edit and returns its first step. Override it where a model of the profile has one of them.</summary>
    protected virtual ProviderStep Edit(Wish wish) => throw new NotSupportedException($"{Profile.Type} declares an edit and has none.");

    /// <summary>Plans an extend and returns its first step. Override it where a model of the profile has it.</summary>
    protected virtual ProviderStep Extend(Wish wish) => throw new NotSupportedException($"{Profile.Type} declares an extend and has none.");

    /// <summary>The path of a task, relative to the provider's base.</summary>
    protected abstract string Target(string nativeId);

    /// <summary>Reads the body of a 2xx answer to a submit or a poll.</summary>
    /// <param name="root">A JSON object.</param>
    /// <param name="nativeId">The id of the polled task; null for a submit, whose answer has the id.</param>
    protected abstract VideoSnapshot Read(JsonElement root, string? nativeId);

    /// <summary>Decides what follows a 2xx answer to a submit or a poll: the end, or another call where the answer is incomplete.</summary>
    /// <param name="response">The answer.</param>
    /// <param name="nativeId">The id of the polled task; null for a submit.</param>
    /// <exception cref="JsonException">The answer is no JSON object.</exception>
    protected virtual ProviderStep Answered(NativeResponse response, string? nativeId) => new Answer(Read(response.ReadObject(), nativeId));

    /// <summary>Makes the exchange of a submit.</summary>
    /// <param name="target">The path, relative to the provider's base.</param>
    /// <param name="body">The body.</param>
    protected Exchange Post(string target, NativeBody body) => Ask(new(HttpMethod.Post, target) { Body = body }, null);

    /// <summary>Makes the exchange of a submit or a poll.</summary>
    /// <param name="request">The request.</param>
    /// <param name="nativeId">The id of the polled task; null for a submit.</param>
    protected Exchange Ask(NativeRequest request, string? nativeId) => new(request, response => Answered(response, nativeId));

    /// <summary>Makes the exchange of a delete or a cancel. Any 2xx answer means that the video is gone.</summary>
    protected static Exchange Remove(HttpMethod method, string target, string nativeId, string message) =>
        new(new(method, target), _ => new Answer(VideoSnapshot.Failed("cancelled", message, nativeId)));

    /// <summary>Makes the exchange of a cancel. A 2xx answer means that the job is stopped, unless it shows that the job had ended before.</summary>
    protected Exchange Stop(HttpMethod method, string target, string nativeId) => new(new(method, target), response =>
    {
        var said = response.Body.IsEmpty ? null : Read(response.ReadObject(), nativeId);
        // The word may lag behind: what is being stopped can still be called in progress.
        var hadEnded = said is { Status: VideoStatus.Completed } or { Status: VideoStatus.Failed, Error.Code: not "cancelled" };
        return new Answer(hadEnded ? said! : VideoSnapshot.Failed("cancelled", "The video was cancelled.", nativeId));
    });

    /// <summary>Makes a preliminary exchange, e.g. a cancel before a delete.</summary>
    protected static Exchange Before(HttpMethod method, string target, ProviderStep next) => new(new(method, target), _ => next) { Forward = false };

    /// <summary>Makes a snapshot of the state that a native word names. A success without outputs is a failure.</summary>
    /// <param name="word">One of <see cref="ProviderProfile.Statuses"/>. Null and any other word mean in progress.</param>
    /// <param name="outputs">The outputs of a success.</param>
    /// <param name="code">The error code, where the answer has one; null: the word's own code, else <c>provider_error</c> or <c>no_output</c>.</param>
    /// <param name="message">The error message, where the answer has one; null: the word's own message, else a general one.</param>
    protected VideoSnapshot State(string? word, IReadOnlyList<NativeOutput> outputs, string? code = null, string? message = null)
    {
        var status = Profile.FindStatus(word);
        return status.Status switch
        {
            VideoStatus.Failed => VideoSnapshot.Failed(code ?? status.Code ?? "provider_error", message ?? status.Message),
            VideoStatus.Completed when outputs.Count == 0 => VideoSnapshot.Failed(
                code ?? status.Code ?? "no_output", message ?? status.Message ?? "The provider reported success without a video."),
            VideoStatus.Completed => new() { Status = VideoStatus.Completed, Outputs = outputs },
            var underWay => new() { Status = underWay, UnknownWord = Profile.Statuses.Contains(status) ? null : word },
        };
    }

    /// <summary>Checks, for a provider whose videos end with an image only where they start from one.</summary>
    /// <exception cref="VideoRequestException">The request has a last frame without a first.</exception>
    protected static void RequireFirstFrame(SubmitRequest request)
    {
        if (request.LastFrame is not null && request.InputReference is null)
            throw new VideoRequestException(
                "unsupported_parameter", "last_frame",
                $"'{request.Model}' ends with an image only where it starts from one: send an 'input_reference' too.");
    }

    /// <summary>Checks, for a provider whose videos start from an image only where they refer to no other image or video.</summary>
    /// <exception cref="VideoRequestException">The request has a first frame beside references.</exception>
    protected static void RefuseFrameBesideReferences(SubmitRequest request)
    {
        if (request.InputReference is not null && request.ReferenceImages.Count + request.ReferenceVideos.Count > 0)
            throw new VideoRequestException(
                "unsupported_parameter", "input_reference",
                $"'{request.Model}' starts from an image only without references: send it in 'reference_images', or leave out the others.");
    }

    /// <summary>The path of a model, each segment escaped.</summary>
    /// <exception cref="VideoRequestException">It leads elsewhere.</exception>
    protected static string PathOf(SubmitRequest request, string path) => NativeRequest.Segments(path) ?? throw NoModel(request);

    /// <summary>What a name is that can't be a model's.</summary>
    protected static VideoRequestException NoModel(SubmitRequest request) =>
        new("invalid_value", "model", $"'{request.Model}' is not the name of a model of {request.Provider}; see GET /v1/models.");

    private void Check(SubmitRequest request, VideoModel model)
    {
        if (!model.Operations.HasFlag(request.Operation))
        {
            var able = string.Join(", ", Profile.Models.Where(m => m.Operations.HasFlag(request.Operation)).Select(m => m.Id));
            throw new VideoRequestException(
                "unsupported_operation", "model", $"'{request.Model}' can't {request.Operation.Name()} videos; these can: {able}.");
        }

        if (model.MaxPrompt is { } max && request.Prompt.Length > max)
            throw new VideoRequestException(
                "invalid_value", "prompt", Invariant($"'{request.Model}' takes prompts of at most {max} characters; this one has {request.Prompt.Length}."));
        if (request.Operation != VideoOperation.Create && request.InputReference is not null && !model.SourceInputs.FirstFrame)
            throw VideoRequestException.ImageBesideSource(request.Provider);
        if (request.Operation == VideoOperation.Create && model.NeedsImage && request.InputReference is null)
            throw new VideoRequestException(
                "missing_required_parameter", "input_reference",
                $"'{request.Model}' makes videos from an image only: send an input_reference, or use '{Profile.CreateModel}'.");
    }
}
