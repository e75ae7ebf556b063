namespace RemixProxy.Host.Commands;

/// <summary>What the host is started for: to serve, or for the command <c>models</c>.</summary>
internal sealed record CommandLine
{
    private const string Models = "models";
    private const string Check = "--check";
    private const string Usage = "Without a command the host serves. `models` prints the models that it knows, `models --check` asks their vendors about them. "
        + "Configuration follows as --RemixProxy:Key=value.";

    private CommandLine()
    {
    }

    /// <summary>Whether the models are printed, and nothing is served.</summary>
    public bool IsModels { get; private init; }

    /// <summary>Whether vendors are asked.</summary>
    public bool Checks { get; private init; }

    /// <summary>The arguments that are configuration.</summary>
    public required string[] Settings { get; init; }

    /// <summary>What is wrong with the arguments; null where nothing is.</summary>
    public string? Error { get; private init; }

    /// <summary>Reads the arguments.</summary>
    public static CommandLine Read(string[] args)
    {
        // Without a command they are .NET's to read.
        if (args is not [var command, .. var rest] || IsSetting(command)) return new() { Settings = args };
        if (command != Models) return new() { Settings = [], Error = $"There is no command '{command}'. {Usage}" };
        var (checks, settings) = (false, new List<string>());
        for (var i = 0; i < rest.Length; i++)
        {
            if (rest[i] == Check)
            {
                checks = true;
                continue;
            }

            var hasValue = rest[i].Contains('=');
            if (!IsSetting(rest[i]) || (!hasValue && (i + 1 == rest.Length || IsSetting(rest[i + 1]))))
                return new() { Settings = [], Error = $"'{rest[i]}' is nothing that {Models} understands. {Usage}" };
            settings.Add(rest[i]);
            if (!hasValue) settings.Add(rest[++i]);
        }

        return new() { IsModels = true, Checks = checks, Settings = [.. settings] };
    }

    private static bool IsSetting(string argument) => argument.StartsWith('-') || argument.StartsWith('/') || argument.Contains('=');
}
