using FsCheck;
using FsCheck.Fluent;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using RemixProxy.Cache.Language;
using RemixProxy.Providers;
using RemixProxy.TestKit.Prompts;

namespace RemixProxy.Tests.Cache.Language;

/// <summary>What stands between two prompts.</summary>
public class LexicalConflictTests
{
    [Theory]
    [InlineData("make the car red", "make the car blue", "colours")]
    [InlineData("a dark green door", "a light green door", "colours")]
    [InlineData("a green door", "a dark green door", "colours")]
    [InlineData("a red car and a blue house", "a blue automobile and a red house", "colours")]
    [InlineData("paint it #ff0000", "paint it #00ff00", "colours")]
    [InlineData("mach das Auto rot", "mach das Auto blau", "colours")]
    [InlineData("車を赤くして", "車を青くして", "colours")]
    [InlineData("two dogs", "three dogs", "numbers")]
    [InlineData("a dog", "two dogs", "numbers")]
    [InlineData("2 dogs", "three dogs", "numbers")]
    [InlineData("twenty-five birds", "twenty birds", "numbers")]
    [InlineData("the first scene", "the second scene", "numbers")]
    [InlineData("at 10:30", "at 11:30", "numbers")]
    [InlineData("zoom by 50%", "zoom by 80 %", "numbers")]
    [InlineData("hold it for 5 seconds", "hold it for 5 minutes", "numbers")]
    [InlineData("at -5 degrees", "at 5 degrees", "numbers")]
    [InlineData("two dogs and three cats", "three dogs and two cats", "numbers")]
    [InlineData("zwei Hunde", "drei Hunde", "numbers")]
    [InlineData("a dog", "dogs", "singular and plural")]
    [InlineData("a dog on the lawn", "dogs on the lawn", "singular and plural")]
    [InlineData("a big dog barks", "big dogs bark", "singular and plural")]
    [InlineData("remove the tree", "remove the trees", "singular and plural")]
    [InlineData("a man crosses the street", "men cross the street", "singular and plural")]
    [InlineData("with snow", "without snow", "negation")]
    [InlineData("add snow", "don't add snow", "negation")]
    [InlineData("never show the face", "show the face", "negation")]
    [InlineData("a street with no cars", "a street with no people", "negation")]
    [InlineData("remove everything except the dog", "remove everything except the cat", "negation")]
    [InlineData("ein Haus ohne Garten", "ein Haus mit Garten", "negation")]
    [InlineData("add the tree", "remove the tree", "opposites")]
    [InlineData("pan left", "pan right", "directions")]
    [InlineData("a car drives from left to right", "a car drives from right to left", "directions")]
    [InlineData("the camera tilts up", "the camera tilts down", "opposites")]
    [InlineData("zoom in on the clock", "zoom out on the clock", "camera")]
    [InlineData("a close-up of a face", "a wide shot of a face", "camera")]
    [InlineData("pan across the room", "tilt across the room", "camera")]
    [InlineData("a harbour by day", "a harbour by night", "opposites")]
    [InlineData("a field in summer", "a field in winter", "opposites")]
    [InlineData("a man reads", "a woman reads", "opposites")]
    [InlineData("the door opens", "the door closes", "opposites")]
    [InlineData("he walks in the rain", "she walks in the rain", "opposites")]
    [InlineData("the cat sits in front of the box", "the cat sits behind the box", "opposites")]
    [InlineData("all lamps are lit", "no lamps are lit", "negation")]
    [InlineData("a happy boy", "a sad boy", "opposites")]
    [InlineData("more fog", "less fog", "opposites")]
    [InlineData("the lamp is on", "the lamp is off", "particles")]
    [InlineData("put the cat on the table", "put the cat under the table", "particles")]
    [InlineData("add the title \"Hello\"", "add the title \"Hallo\"", "quoted text")]
    [InlineData("add the title \"Hello\"", "add the title “HELLO”", "quoted text")]
    [InlineData("a sign says 'Open'", "a sign says 'open'", "quoted text")]
    [InlineData("turn day into night", "turn night into day", "order")]
    [InlineData("the dog chases the cat", "the cat chases the dog", "order")]
    [InlineData("the dog chases the cat", "the dog is chased by the cat", "order")]
    [InlineData("a red car and a blue house", "a blue car and a red house", "colours")]
    [InlineData("Let's eat, Grandma", "Let's eat Grandma", "punctuation")]
    [InlineData("No, zoom in", "No zoom in", "negation")]
    [InlineData("Let the red, white car go", "Let the red white, car go", "punctuation")]
    [InlineData("A woman, without her man, is nothing", "A woman: without her, man is nothing", "punctuation")]
    public void It_stands_between(string a, string b, string what)
    {
        Assert.Equal(what, LexicalConflict.Find(a, b, ConflictWords.Shipped));
        Assert.Equal(what, LexicalConflict.Find(b, a, ConflictWords.Shipped));
    }

    [Theory]
    [InlineData("a car drives through the city", "an automobile is driving through town")]
    [InlineData("a dog runs along the beach", "the dog is running along the shore")]
    [InlineData("a dog on a lawn", "one dog on the lawn")]
    [InlineData("two dogs", "2 dogs")]
    [InlineData("a 5-second clip of a fox", "a five second clip of a fox")]
    [InlineData("make the car red", "Change the car's colour to red")]
    [InlineData("remove the tree", "get rid of the tree")]
    [InlineData("a street without cars", "a street with no cars")]
    [InlineData("zoom in on the clock", "the camera zooms in on the clock")]
    [InlineData("add the title \"Hello\"", "add the title “Hello”")]
    [InlineData("the dog's bowl", "the dog’s bowl")]
    [InlineData("At sunset, a horse gallops across the plain", "A horse gallops across the plain at sunset")]
    [InlineData("the dog chases the cat", "the cat is chased by the dog")]
    [InlineData("let the door open", "the door should open")]
    [InlineData("a man who does not look up", "a man who doesn't look up")]
    [InlineData("a gray cat", "a grey cat")]
    public void Nothing_stands_between(string a, string b)
    {
        Assert.Null(LexicalConflict.Find(a, b, ConflictWords.Shipped));
        Assert.Null(LexicalConflict.Find(b, a, ConflictWords.Shipped));
    }

    [Fact]
    public void It_is_symmetric_and_never_between_a_prompt_and_itself()
    {
        string[] prompts = [.. PromptPairs.Contrasts.Concat(PromptPairs.Paraphrases).Concat(PromptPairs.Surface).SelectMany(p => new[] { p.A, p.B })];
        var words = Gen.Elements<string>([.. prompts.SelectMany(p => p.Split(' ')).Distinct(), ",", ".", "?", "\"", "'", "-", "", "🙂", "5", "\0", "\ud800"]);
        var texts = Gen.OneOf(Gen.Elements(prompts), words.ListOf().Select(w => string.Join(' ', w)), words.ListOf().Select(string.Concat));
        Prop.ForAll(texts.ToArbitrary(), texts.ToArbitrary(), (a, b) =>
            Find(a, b) == Find(b, a) && Find(a, new string(a)) is null && Find(a + " ", a) is null).QuickCheckThrowOnFailure();

        static string? Find(string a, string b) => LexicalConflict.Find(a, b, ConflictWords.Shipped);
    }

    [Theory]
    [InlineData("a")]
    [InlineData(" ")]
    [InlineData("'a ")]
    [InlineData("\"")]
    [InlineData("the red dog isn't left, ")]
    [InlineData("twenty-five ")]
    [InlineData("1,")]
    public void The_longest_prompts_take_no_longer_than_their_length_asks(string part)
    {
        var text = string.Concat(Enumerable.Repeat(part, 32_000 / part.Length));
        var time = System.Diagnostics.Stopwatch.StartNew();
        LexicalConflict.Find(text, text + "x", ConflictWords.Shipped);
        LexicalConflict.Find(text, "y " + text, ConflictWords.Shipped);
        Assert.True(time.Elapsed < TimeSpan.FromSeconds(2), $"{time.Elapsed}");
    }

    [Fact]
    public void Configuration_adds_words_and_a_reload_changes_them()
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["RemixProxy:Cache:Words:Colors:0"] = "glaucous",
            ["RemixProxy:Cache:Words:opposites:0"] = "calm/stormy",
            ["RemixProxy:Cache:Words:Numbers"] = "brace=2",
        }).Build();
        using var services = Services(configuration);
        var conflict = new LexicalConflict(services.GetRequiredService<ProviderRegistry>());
        Assert.Equal("colours", conflict.Find("a glaucous gull", "a gull"));
        Assert.Null(conflict.Find("a brace of gulls", "two gulls"));
        Assert.True(conflict.Between("a brace of gulls", "three gulls"));

        Assert.False(conflict.Between("an ecru sofa", "a sofa"));
        configuration["RemixProxy:Cache:Words:Colors:0"] = "ecru";
        configuration.Reload();
        Assert.True(conflict.Between("an ecru sofa", "a sofa"));
        Assert.False(conflict.Between("a glaucous gull", "a gull"));
    }

    [Theory]
    [InlineData("RemixProxy:Cache:Words:Colours:0", "teal")]
    [InlineData("RemixProxy:Cache:Words:Spellings:0", "a=b")]
    [InlineData("RemixProxy:Cache:Words:Opposites:0", "calm")]
    [InlineData("RemixProxy:Cache:Words:Opposites:0", "calm/")]
    [InlineData("RemixProxy:Cache:Words:Numbers:0", "brace=")]
    [InlineData("RemixProxy:Cache:Words:Colors:0", "*")]
    [InlineData("RemixProxy:Cache:Words:Colors:0", ",")]
    [InlineData("RemixProxy:Cache:Words:7:0", "teal")]
    public void What_is_wrong_in_the_configuration_is_named(string key, string value)
    {
        using var services = Services(new ConfigurationBuilder().AddInMemoryCollection([new(key, value)]).Build());
        var error = Assert.Throws<OptionsValidationException>(services.GetRequiredService<ProviderRegistry>);
        Assert.Contains(key[..key.LastIndexOf(':')], error.Message);
    }

    private static ServiceProvider Services(IConfiguration configuration)
    {
        var services = new ServiceCollection().AddLogging();
        services.AddReverseProxy().AddRemixProxy(configuration);
        return services.BuildServiceProvider();
    }
}
