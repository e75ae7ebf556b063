using RemixProxy.Contract;

namespace RemixProxy.Adapters;

/// <summary>Translates between the unified API and one provider's native wire format.</summary>
/// <remarks>
/// An adapter is pure. It turns unified requests into native ones and native responses into <see cref="VideoSnapshot"/>s. It does no I/O, reads no clock, draws
/// no random numbers and logs nothing. RemixProxy runs the exchanges, adds the credential and keeps what callers must see again.
/// </remarks>
public interface IVideoAdapter
{
    /// <summary>Describes the provider and its capabilities as data.</summary>
    ProviderProfile Profile { get; }

    /// <summary>
    /// The adapter for one account, where native requests or the profile depend on its region, project or storage. The proxy asks once for each account.
    /// </summary>
    /// <value>This adapter.</value>
    IVideoAdapter For(ProviderAccount account) => this;

    /// <summary>Plans a create, remix, edit or extend. Exactly one exchange costs money: the one marked <see cref="Exchange.Forward"/>.</summary>
    /// <exception cref="VideoRequestException">The provider's format can't express the request; the caller gets a 400.</exception>
    SubmitPlan Submit(SubmitRequest request);

    /// <summary>Plans a poll for the state of a job. For a finished job, the answer has fresh URLs where the provider refreshes them.</summary>
    /// <param name="nativeId">The provider's id of the job, unescaped.</param>
    ProviderStep Retrieve(string nativeId);

    /// <summary>
    /// Whether an id that only a caller names can be one of the account's videos: a model that stands in it must be one of the account's. Otherwise a caller
    /// could lead the account's key to any path.
    /// </summary>
    /// <param name="nativeId">The provider's id of a job, unescaped, of the characters and length that the profile allows.</param>
    /// <param name="models">The models that configuration or the profile name.</param>
    /// <value>True: there is no model in an id.</value>
    bool IsIdOf(string nativeId, IEnumerable<VideoModel> models) => true;

    /// <summary>
    /// Plans a look for the job of a submit whose answer was lost; null where the provider can't be asked. The plan ends in the job with its id, or, where the
    /// provider knows none, in a refusal of <see cref="ProviderErrorKind.NotFound"/>. That is no proof, because the submit may still arrive. The proxy never
    /// sends such a submit again.
    /// </summary>
    /// <param name="submitKey">The submit's <see cref="SubmitRequest.SubmitKey"/>.</param>
    /// <value>Null.</value>
    ProviderStep? Find(string submitKey) => null;

    /// <summary>
    /// Plans the deletion or cancellation of a job at the provider; null where the provider has neither. The proxy itself counts a native 404 or 410 as
    /// success.
    /// </summary>
    /// <param name="nativeId">The provider's id of the job, unescaped.</param>
    /// <param name="status">The last known state.</param>
    ProviderStep? Delete(string nativeId, VideoStatus status);

    /// <summary>
    /// Plans the cancellation of a job that was under way a moment ago; null where the provider has none. The plan ends in a failure with the code
    /// <c>cancelled</c> where the job was stopped. After any other end, and after a refusal, the proxy polls once more to see whether the job had ended.
    /// </summary>
    /// <param name="nativeId">The provider's id of the job, unescaped.</param>
    ProviderStep? Cancel(string nativeId);

    /// <summary>Builds the request for the bytes of an output.</summary>
    /// <param name="nativeId">The provider's id of the job, unescaped.</param>
    /// <param name="output">The output as the last snapshot described it.</param>
    /// <param name="variant"><c>video</c>, or another of <see cref="ProviderProfile.Variants"/>.</param>
    NativeRequest Content(string nativeId, NativeOutput output, string variant);

    /// <summary>
    /// Plans looks at what the vendor says of its models, for the host's command <c>models --check</c>: one look a model of the account, and those that list
    /// the vendor's video models.
    /// </summary>
    /// <param name="models">The account's models.</param>
    /// <param name="baseUrl">The account's base address.</param>
    /// <value>None: the vendor does not tell its models.</value>
    IEnumerable<ModelLook> Looks(IReadOnlyList<VideoModel> models, Uri baseUrl) => [];

    /// <summary>Reads the reason from a response that is not 2xx.</summary>
    ProviderError ReadError(NativeResponse response);
}
