using RemixProxy.Contract;

namespace RemixProxy.Adapters;

/// <summary>Speaks one provider's native wire format.</summary>
/// <remarks>
/// An adapter is pure. It turns unified requests into native ones and native responses into <see cref="VideoSnapshot"/>s. It does no I/O, reads no clock, draws
/// no random numbers and logs nothing. RemixProxy runs the exchanges, adds the credential and keeps what callers must see again.
/// </remarks>
public interface IVideoAdapter
{
    /// <summary>What the provider is and can do, as data.</summary>
    ProviderProfile Profile { get; }

    /// <summary>Plans a create, remix, edit or extend. The exchange marked <see cref="Exchange.Forward"/> is the one that costs money.</summary>
    /// <exception cref="VideoRequestException">The request can't be expressed; the caller gets a 400.</exception>
    SubmitPlan Submit(SubmitRequest request);

    /// <summary>Asks for the state of a job. A finished one is answered with fresh URLs where the provider refreshes them.</summary>
    /// <param name="nativeId">The provider's id of the job, unescaped.</param>
    ProviderStep Retrieve(string nativeId);

    /// <summary>Deletes or cancels a job upstream; null where the provider can't. A native 404 or 410 counts as success without the adapter's help.</summary>
    /// <param name="nativeId">The provider's id of the job, unescaped.</param>
    /// <param name="status">The state as last seen.</param>
    ProviderStep? Delete(string nativeId, VideoStatus status);

    /// <summary>The request for the bytes of an output.</summary>
    /// <param name="nativeId">The provider's id of the job, unescaped.</param>
    /// <param name="output">The output as the last snapshot described it.</param>
    /// <param name="variant"><c>video</c>, or another of <see cref="ProviderProfile.Variants"/>.</param>
    NativeRequest Content(string nativeId, NativeOutput output, string variant);

    /// <summary>Reads a response that is not 2xx.</summary>
    ProviderError ReadError(NativeResponse response);
}
