using System.Text.Json;
using System.Text.Json.Nodes;
using RemixProxy.Adapters;
using RemixProxy.Contract;
using RemixProxy.Providers.Kit;

namespace RemixProxy.Providers.OpenAi;

/// <summary>
/// The body of a submit: what the caller wrote, under the caller's names, with those members replaced, added or left out that this proxy decides.
/// </summary>
/// <param name="request">The request.</param>
/// <param name="others">The fields that are not members here, for a request that nobody wrote.</param>
internal sealed class OpenAiBody(SubmitRequest request, IReadOnlyDictionary<string, JsonElement> others)
{
    private const string Video = "video";

    private readonly List<Member> _members = [];

    /// <summary>Whether only a form can carry the body.</summary>
    public bool HasFile => SourceFile is not null || Image is not null || request.Written.Form?.Any(p => p.File is not null) == true;

    private bool IsWritten => request.Written.Fields.Count > 0 || request.Written.Form is not null;

    private MediaFile? SourceFile => (request.Source as FileSource)?.File;

    // A caller who wrote the image as a data URL wants it sent so.
    private MediaFile? Image => IsWritten ? null : (request.InputReference as FileSource)?.File;

    /// <summary>Sets a member.</summary>
    /// <param name="name">Its name in the API; the caller's own name for it stands in the body.</param>
    /// <param name="value">The value; null: the member is left out.</param>
    /// <param name="asWritten">Whether the caller's own spelling of the value stays, where there is one.</param>
    public void Set(string name, JsonNode? value, bool asWritten = false) => _members.Add(new(name, value, asWritten));

    /// <summary>Sets a member that OpenAI's own API takes as text only. Under another name the caller's own spelling stays.</summary>
    public void SetText(string name, string? value, bool asWritten) =>
        _members.Add(new(name, value, asWritten && request.Written.NameOf(name) != name) { IsText = request.Written.NameOf(name) == name });

    /// <summary>The body as JSON.</summary>
    public NativeObject ToJson()
    {
        if (request.Configured is not { } model) return Plain();
        var body = new NativeObject();
        foreach (var (name, value) in Plain())
        {
            if (!model.Spellings.TryGetValue(MeaningOf(name), out var spelling)) body.Put(name, value);
            else if (value is JsonElement element) body.Add(spelling.Name, spelling.Write(element));
            else if (value is JsonNode node) body.Add(spelling.Name, spelling.Write(JsonElement.Parse(node.ToJsonString())));
            else body.Put(spelling.Name, value);
        }

        body.Add(model.Fixed);
        return body;
    }

    private NativeObject Plain()
    {
        var body = new NativeObject();
        foreach (var (name, value) in request.Written.Fields)
        {
            if (Find(name) is not { } member || (member.AsWritten && member.Value is not null)) body.Add(name, (JsonElement?)value);
            else if (member.Value is { } ours) body.Add(name, member.IsText ? ours : Like(value, ours));
        }

        var unwritten = _members.Where(m => !request.Written.Fields.Any(f => f.Key == request.Written.NameOf(m.Name)));
        foreach (var member in unwritten) body.Add(member.Name, member.Value);
        if (!IsWritten) body.Add(others);
        return body;
    }

    /// <summary>The body as a form: the caller's own parts, else the members of the JSON body as OpenAI's SDKs write them.</summary>
    public MultipartBody ToForm()
    {
        var parts = new List<MultipartPart>();
        var set = new HashSet<string>(StringComparer.Ordinal);
        foreach (var part in request.Written.Form ?? ToJson().ToForm().Parts)
        {
            var member = request.Written.Form is null ? null : Find(BaseOf(part.Name));
            // The source is set below.
            if (member?.Name == Video) continue;
            var isFirst = member is not null && set.Add(member.Name);
            if (member is null || member is { AsWritten: true, Value: not null }) parts.Add(part);
            else if (isFirst && member.Value is { } ours) parts.Add(part with { Text = ours.ToString() });
        }

        if (request.Written.Form is not null)
        {
            var missing = new NativeObject();
            foreach (var member in _members.Where(m => !set.Contains(m.Name))) missing.Add(member.Name, member.Value);
            parts.AddRange(missing.ToForm().Parts);
        }

        if (Image is { } image) parts.Add(new("input_reference", null, image));
        if (SourceFile is { } source) parts.Add(new(Video, null, source));
        if (request.Configured is { } model && request.Written.Form is not null)
        {
            parts = parts.ConvertAll(p => Spelled(p, model));
            parts.RemoveAll(p => model.Fixed.ContainsKey(BaseOf(p.Name)));
            parts.AddRange(new NativeObject { model.Fixed }.ToForm().Parts);
        }

        return new(parts);
    }

    private MultipartPart Spelled(MultipartPart part, ConfiguredModel model)
    {
        var field = BaseOf(part.Name);
        if (!model.Spellings.TryGetValue(MeaningOf(field), out var spelling)) return part;
        if (part.Text is null) return part with { Name = spelling.Name + part.Name[field.Length..] };
        var written = spelling.Write(JsonSerializer.SerializeToElement(part.Text, VideoJsonContext.Default.String));
        // input_reference[image_url] stands for the field itself where the field has a form of its own.
        return part with { Name = spelling.Form is null ? spelling.Name + part.Name[field.Length..] : spelling.Name, Text = written?.ToString() };
    }

    /// <summary>Our name for a field that the caller wrote under another one.</summary>
    private string MeaningOf(string name) => request.Written.Names.FirstOrDefault(n => n.Value == name).Key ?? name;

    private Member? Find(string name) => _members.FirstOrDefault(m => request.Written.NameOf(m.Name) == name);

    private static string BaseOf(string name) => name.IndexOf('[') is > 0 and var bracket ? name[..bracket] : name;

    // A number stays a number.
    private static JsonNode Like(JsonElement written, JsonNode ours) =>
        written.ValueKind == JsonValueKind.Number && ours.GetValueKind() == JsonValueKind.String && ours.GetValue<string>() is var text
            && text.All(c => char.IsAsciiDigit(c) || c == '.')
                ? JsonNode.Parse(text)!
                : ours;

    private sealed record Member(string Name, JsonNode? Value, bool AsWritten)
    {
        public bool IsText { get; init; }
    }
}
