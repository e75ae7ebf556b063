using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;

namespace RemixProxy.Host;

/// <summary>Describes mistakes of the person who starts the host in words, without a stack trace.</summary>
internal static class StartError
{
    /// <summary>What to mend; null where the exception is a defect of the program.</summary>
    public static string? Read(Exception e) => e switch
    {
        OptionsValidationException wrong => string.Join(Environment.NewLine + "  ", wrong.Failures),
        // The file is no JSON. The outer message names the file, the inner ones the line.
        InvalidDataException { InnerException: { } reason } => $"{e.Message} {reason.Message} {reason.InnerException?.Message}".TrimEnd(),
        PlatformNotSupportedException lacking => lacking.Message,
        IOException { InnerException: AddressInUseException } => $"{e.Message} Choose another address with --urls or ASPNETCORE_URLS.",
        _ => null,
    };
}
