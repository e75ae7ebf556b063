using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using RemixProxy.Sandbox.Content;
using RemixProxy.Sandbox.Jobs;
using RemixProxy.Sandbox.Wire;

namespace RemixProxy.Sandbox.Providers;

/// <summary>The body of a create call at the Interactions API, read and checked.</summary>
internal sealed partial class GeminiWish
{
    private const double DefaultSeconds = 10;

    private static readonly string[] Tasks = ["text_to_video", "image_to_video", "reference_to_video", "edit", "extend", "upscale"];
    private static readonly string[] Deliveries = ["inline", "uri"];
    private static readonly string[] Aspects = ["16:9", "9:16"];
    private static readonly string[] Resolutions = ["360p", "720p", "1080p", "4k"];
    private static readonly string[] PartTypes = ["text", "image", "video"];

    private string? _task;
    private string? _aspect;
    private double? _seconds;
    private bool _inline;
    private bool _hasImage;

    private GeminiWish(string model) => Model = model;

    public string Model { get; }

    public string Prompt { get; private set; } = "";

    public string? PreviousId { get; private set; }

    public string? VideoUri { get; private set; }

    public string? VideoData { get; private set; }

    private JsonArray Input { get; } = [];

    private JobKind Kind => _task switch { "extend" => JobKind.Extend, "edit" or "upscale" => JobKind.Edit, _ => JobKind.Generate };

    private bool HasVideo => VideoUri is not null || VideoData is not null;

    /// <summary>Reads the body; what is wrong with it stands in the fields' problems.</summary>
    public static GeminiWish Read(BodyFields fields)
    {
        var wish = new GeminiWish(fields.Text("model") ?? "");
        wish.PreviousId = fields.Text("previous_interaction_id");
        wish.ReadInput(fields);
        wish.ReadGenerationConfig(fields);
        wish.ReadResponseFormat(fields);
        foreach (string name in (ReadOnlySpan<string>)["background", "store"])
        {
            if (fields.Flag(name) is not true)
                fields.Report(name, FieldFault.Value, "Video models need background and store to be true here.");
        }

        if (fields.Object("webhook_config") is { } webhook)
        {
            webhook.Allow("uris", "user_metadata");
            webhook.RejectUnknown();
        }

        fields.RejectUnknown();
        wish.CheckTask(fields);
        return wish;
    }

    public JobOrder ToOrder(Clip? source) => new(Kind, Model, Prompt)
    {
        SourceId = PreviousId,
        SourceClip = source,
        Shape = _aspect is null ? source?.Shape ?? ClipShape.Landscape : ClipLibrary.ShapeOf(_aspect),
        Seconds = _seconds ?? DefaultSeconds,
        Input = Input,
        Inline = _inline,
    };

    private void ReadInput(BodyFields fields)
    {
        var input = fields.Any("input", required: true);
        switch (input?.GetValueKind())
        {
            case null:
                return;
            case JsonValueKind.String:
                AddText(input.GetValue<string>());
                break;
            case JsonValueKind.Object when fields.Object("input") is { } part:
                ReadPart(part);
                break;
            case JsonValueKind.Array:
                foreach (var item in fields.Objects("input", maxCount: 50))
                    ReadItem(item);
                break;
            default:
                fields.Report("input", FieldFault.Type, "Expected a string, a part, or an array of parts or steps.");
                break;
        }

        if (string.IsNullOrWhiteSpace(Prompt))
            fields.Report("input", FieldFault.Value, "The input has no text.");
    }

    private void ReadItem(BodyFields item)
    {
        if (item.Any("type") is not JsonValue value || !value.TryGetValue(out string? type) || type != "user_input")
        {
            ReadPart(item);
            return;
        }

        foreach (var part in item.Objects("content", maxCount: 50))
            ReadPart(part);
        item.RejectUnknown();
    }

    private void ReadPart(BodyFields part)
    {
        string? type = part.Choice("type", PartTypes, required: true);
        if (type == "text")
        {
            AddText(part.Text("text", required: true) ?? "");
        }
        else if (type is not null)
        {
            string? mime = part.Text("mime_type", required: true);
            if (mime is not null && !mime.StartsWith(type + "/", StringComparison.Ordinal))
                part.Report("mime_type", FieldFault.Value, $"{mime} does not fit a part of type {type}.");
            AddMedia(type, mime, part.Text("uri"), part.Text("data"), part);
        }

        part.RejectUnknown();
    }

    private void AddText(string text)
    {
        Prompt = Prompt.Length == 0 ? text : $"{Prompt}\n{text}";
        Input.Add((JsonNode)new JsonObject { ["type"] = "text", ["text"] = text });
    }

    private void AddMedia(string type, string? mime, string? uri, string? data, BodyFields part)
    {
        if (uri is null == data is null)
            part.Report("", FieldFault.Value, "Expected exactly one of uri and data.");
        _hasImage |= type == "image";
        if (type == "video")
            (VideoUri, VideoData) = (uri, data);
        Input.Add((JsonNode)new JsonObject { ["type"] = type, ["mime_type"] = mime, ["uri"] = uri });
    }

    private void ReadGenerationConfig(BodyFields fields)
    {
        if (fields.Object("generation_config") is not { } config)
            return;
        config.Integer("seed", int.MinValue, int.MaxValue);
        if (config.Object("video_config") is { } video)
        {
            _task = video.Choice("task", Tasks);
            video.RejectUnknown();
        }

        config.RejectUnknown();
    }

    private void ReadResponseFormat(BodyFields fields)
    {
        if (fields.Object("response_format") is not { } format)
            return;
        format.Choice("type", ["video"], required: true);
        _inline = format.Choice("delivery", Deliveries) == "inline";
        _aspect = format.Choice("aspect_ratio", Aspects);
        format.Choice("resolution", Resolutions);
        if (format.Text("duration") is { } duration)
            _seconds = ReadDuration(format, duration);
        format.RejectUnknown();
    }

    private static double? ReadDuration(BodyFields format, string duration)
    {
        if (DurationText().IsMatch(duration))
        {
            double seconds = double.Parse(duration.AsSpan(0, duration.Length - 1), CultureInfo.InvariantCulture);
            if (seconds is >= 3 and <= 10)
                return seconds;
        }

        format.Report("duration", FieldFault.Value, $"Expected \"3s\" to \"10s\", received {duration}.");
        return null;
    }

    private void CheckTask(BodyFields fields)
    {
        bool hasSource = PreviousId is not null || HasVideo;
        _task ??= hasSource ? "edit" : _hasImage ? "image_to_video" : "text_to_video";
        if (_task is "edit" or "extend" or "upscale" && !hasSource)
            fields.Report("generation_config.video_config.task", FieldFault.Value, $"{_task} needs a video or a previous interaction.");
        if (_task is "text_to_video" && (hasSource || _hasImage))
            fields.Report("generation_config.video_config.task", FieldFault.Value, "text_to_video takes text only.");
        if (_task is "image_to_video" or "reference_to_video" && !_hasImage && !HasVideo)
            fields.Report("generation_config.video_config.task", FieldFault.Value, $"{_task} needs an image.");
        if (_task is "edit" or "upscale" && _seconds is not null)
            fields.Report("response_format.duration", FieldFault.Value, "The output of an edit follows the input: duration is not allowed.");
        if (PreviousId is not null && HasVideo)
            fields.Report("input", FieldFault.Value, "A previous interaction and a video part exclude each other.");
    }

    [GeneratedRegex(@"^[0-9]+(\.[0-9]+)?s\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex DurationText();
}
