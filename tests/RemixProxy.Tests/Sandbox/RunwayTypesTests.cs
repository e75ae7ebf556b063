using System.Text.Json.Nodes;
using RemixProxy.Sandbox.Fields;
using RemixProxy.Sandbox.Providers;
using RemixProxy.TestKit;

namespace RemixProxy.Tests.Sandbox;

/// <summary>
/// The simulator's lists beside the types of Runway's own SDK. <c>Runway/sdk-4.20.1.json</c> has every field of every model as the TypeScript files
/// <c>text-to-video.ts</c>, <c>image-to-video.ts</c> and <c>video-to-video.ts</c> declare it; <c>Runway/calls.txt</c> has calls that were made with that SDK.
/// </summary>
public class RunwayTypesTests() : SandboxTestBase("runway")
{
    private static readonly string Folder = Path.Combine(Repository.Root, "tests", "RemixProxy.Tests", "Sandbox", "Runway");

    private static readonly JsonObject Types = JsonNode.Parse(File.ReadAllText(Path.Combine(Folder, "sdk-4.20.1.json")))!.AsObject();

    public static TheoryData<string, string> Models() => new(from endpoint in Types from model in endpoint.Value!.AsObject() select (endpoint.Key, model.Key));

    public static TheoryData<string, string, string> Calls() => new(
        from line in File.ReadAllLines(Path.Combine(Folder, "calls.txt"))
        let words = line.Split(' ', 3)
        select (words[0], words[1], words[2]));

    [Theory]
    [MemberData(nameof(Models))]
    public void Each_model_has_the_fields_that_the_types_name(string endpoint, string model)
    {
        var fields = ((ObjectRule)ModelsOf(endpoint).Options[model]).Fields!;
        Assert.Empty(Differences(fields, Types[endpoint]![model]!.AsObject(), ""));
    }

    [Fact]
    public void There_are_no_other_models() =>
        Assert.All(Types, endpoint => Assert.Equal(endpoint.Value!.AsObject().Select(m => m.Key).Order(), ModelsOf(endpoint.Key).Options.Keys.Order()));

    [Theory]
    [MemberData(nameof(Calls))]
    public async Task A_call_of_the_sdk_is_taken_or_refused(string end, string endpoint, string body)
    {
        var reply = await SendAsync("POST", "/v1/" + endpoint, body);
        Assert.True(reply.Status == (end == "taken" ? 200 : 400), reply.Text);
        Assert.Equal(end == "taken" ? 1 : 0, Server.Submits);
        if (end == "refused") Assert.NotEmpty(reply.Json["issues"]!.AsArray());
    }

    [Fact]
    public async Task Null_is_no_value()
    {
        var refused = await SendAsync("POST", "/v1/text_to_video", """{"model":"h3_max","promptText":"x","seed":null}""");
        Assert.Equal((400, "seed"), (refused.Status, refused.Json["issues"]![0]!["path"]![0]!.GetValue<string>()));
    }

    internal override void Authorize(HttpRequestMessage request)
    {
        base.Authorize(request);
        request.Headers.Add("X-Runway-Version", "2024-11-06");
    }

    private static VariantRule ModelsOf(string endpoint) => (VariantRule)(endpoint switch
    {
        "text_to_video" => RunwayFields.TextToVideo,
        "image_to_video" => RunwayFields.ImageToVideo,
        _ => RunwayFields.VideoToVideo,
    });

    private static IEnumerable<string> Differences(FieldList fields, JsonObject types, string path)
    {
        var names = fields.Fields.Keys.Where(name => name != "model").ToArray();
        foreach (var name in names.Except(types.Select(t => t.Key))) yield return $"{path}{name} is in no type";
        foreach (var (name, type) in types)
        {
            if (!fields.Fields.TryGetValue(name, out var rule)) yield return $"{path}{name} is missing";
            else if (rule.IsRequired != (type!["required"] is not null)) yield return $"{path}{name} is required: {rule.IsRequired}";
            else if (!IsSame(rule, type, path + name)) yield return $"{path}{name} is {rule}, but {type.ToJsonString()}";
        }
    }

    private static bool IsSame(FieldRule rule, JsonNode type, string path) => (rule, type.AsObject()) switch
    {
        (_, { } t) when t["type"]?.GetValue<string>() == "unknown" => true,
        (WordRule word, { } t) => Words(t).SequenceEqual(word.Words.Order(StringComparer.Ordinal)),
        (WholeRule { Only: { } only }, { } t) => Words(t).SequenceEqual(only.Select(number => $"{number}").Order(StringComparer.Ordinal)),
        (WholeRule or NumberRule, { } t) => Is(t, "number"),
        (TextRule or MediaRule, { } t) => Is(t, "string"),
        (FlagRule { Only: null }, { } t) => Is(t, "boolean"),
        (ListRule list, { } t) => t["list"] is { } item && IsSame(list.Item, item, path),
        (ObjectRule { Fields: { } fields }, { } t) => ObjectOf(t) is { } types && !Differences(fields, types, path + ".").Any(),
        (EitherRule either, { } t) => t["either"] is JsonArray types && types.Count == either.Options.Count
            && types.All(one => either.Options.Any(option => IsSame(option, one!, path))),
        _ => false,
    };

    private static bool Is(JsonObject type, string name) => type["type"]?.GetValue<string>() == name;

    private static IEnumerable<string> Words(JsonObject type) =>
        (type["is"] is { } only ? [only.ToString()] : type["words"]?.AsArray().Select(w => w!.ToString()) ?? []).Order(StringComparer.Ordinal);

    // Of several objects the list has all fields; those that only some of them have are not required, and a condition says the rest.
    private static JsonObject? ObjectOf(JsonObject type)
    {
        if (type["either"] is not JsonArray several) return type["object"] as JsonObject;
        var objects = several.Select(one => one!["object"]!.AsObject()).ToArray();
        var all = new JsonObject();
        foreach (var (name, field) in objects.SelectMany(o => o))
        {
            var copy = field!.DeepClone();
            if (!objects.All(o => o.ContainsKey(name))) copy.AsObject().Remove("required");
            all[name] = copy;
        }

        return all;
    }
}
