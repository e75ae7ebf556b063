using System.Globalization;
using Microsoft.Extensions.Logging.Console;
using RemixProxy.Adapters;
using RemixProxy.Contract;
using RemixProxy.Exchanges;
using RemixProxy.Providers;

namespace RemixProxy.Host.Commands;

/// <summary>Prints the models of all enabled providers, or compares them with what their vendors say.</summary>
internal static class ModelsCommand
{
    private const int Fine = 0;
    private const int Changed = 1;

    /// <summary>Something could not be asked; also for wrong arguments and a wrong configuration.</summary>
    public const int NotAsked = 2;

    private static readonly VideoOperation[] Submits = [VideoOperation.Create, VideoOperation.Remix, VideoOperation.Edit, VideoOperation.Extend];

    /// <summary>Leaves the standard output to the command.</summary>
    public static void LogToErrors(this WebApplicationBuilder builder) =>
        builder.Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);

    /// <summary>Runs the command. The application does not start: nothing listens, and no job is touched.</summary>
    /// <returns>The exit code: 0 where all is as declared, 1 where a model is gone or differs, else 2 where something was not checked.</returns>
    public static async Task<int> RunModelsAsync(this WebApplication app, bool checks)
    {
        var set = app.Services.GetRequiredService<ProviderRegistry>().Current;
        if (set.Providers.Count == 0)
        {
            await Console.Error.WriteLineAsync(Announcement.NoProvider);
            return checks ? NotAsked : Fine;
        }

        if (!checks)
        {
            foreach (var provider in set.Providers) await PrintAsync(provider);
            return Fine;
        }

        // YARP reads routes and clusters here. The looks go through the providers' clusters.
        app.MapReverseProxy(_ => { });
        var check = new ModelCheck(app.Services.GetRequiredService<ExchangeRunner>(), Console.Out);
        foreach (var provider in set.Providers) await check.RunAsync(provider);
        await Console.Out.WriteLineAsync(check.Summary);
        return check.HasChanges ? Changed : check.IsWhole ? Fine : NotAsked;
    }

    private static async Task PrintAsync(Provider provider)
    {
        await Console.Out.WriteLineAsync($"{provider.Name}: {provider.Profile.DisplayName}");
        foreach (var model in provider.Models)
        {
            string[] parts =
            [
                string.Join(", ", Submits.Where(o => model.Operations.HasFlag(o)).Select(o => o.Name())),
                model.Sizes.Count == 0 ? "any size" : string.Join(", ", model.Sizes.Select(s => s.Pixels.ToString()).Distinct(StringComparer.Ordinal)),
                model.Seconds is { } lengths ? LengthsOf(lengths) : "any length",
                InputsOf(model),
                $"sound {model.Sound.ToString().ToLowerInvariant()}",
            ];
            await Console.Out.WriteLineAsync($"  {provider.Name}/{model.Id}: {string.Join("; ", parts)}");
        }
    }

    private static string LengthsOf(Durations lengths)
    {
        var values = lengths.Values;
        return (values.Count > 2 && values[^1] - values[0] == values.Count - 1
            ? $"{Durations.Text(values[0])}-{Durations.Text(values[^1])}"
            : string.Join(", ", values.Select(Durations.Text))) + " s";
    }

    private static string InputsOf(VideoModel model)
    {
        ModelInputs[] both = [model.Inputs, model.SourceInputs];
        string[] inputs =
        [
            .. both.Any(i => i.FirstFrame) ? ["first_frame"] : Array.Empty<string>(), .. both.Any(i => i.LastFrame) ? ["last_frame"] : Array.Empty<string>(),
            .. Counted("reference_images", both.Max(i => i.ReferenceImages)), .. Counted("reference_videos", both.Max(i => i.ReferenceVideos)),
            .. Counted("reference_audio", both.Max(i => i.ReferenceAudio)),
        ];
        return inputs.Length > 0 ? string.Join(", ", inputs) : "no inputs";
    }

    private static IEnumerable<string> Counted(string input, int most) => most switch
    {
        0 => [],
        int.MaxValue => [input],
        _ => [string.Create(CultureInfo.InvariantCulture, $"{input}:{most}")],
    };
}
