using RemixProxy.Adapters;
using RemixProxy.Contract;
using RemixProxy.Providers.Kit;

namespace RemixProxy.Tests.Providers.Kit;

/// <summary>In which form a medium reaches the provider.</summary>
public class MediaInputTests
{
    private static readonly MediaInput Image = new("input_reference", SourceForms.Url | SourceForms.File, "{provider} takes a URL or a file.");

    [Fact]
    public void A_file_goes_in_the_body_as_long_as_it_may_and_is_uploaded_beyond()
    {
        var input = Image with { AsDataUrl = true, DataUrlLimit = 31, InlineTypes = ["image/png"], Upload = (_, file, use) => use("up:" + file.Name) };

        // 22 characters of prefix; six bytes are eight of base64, seven are twelve.
        Assert.Equal("data:image/png;base64,", Bring(input, File("a.png", "image/png", 6)).Inline?.Prefix);
        Assert.Equal("up:a.png", Bring(input, File("a.png", "image/png", 7)).Url);
        Assert.Equal("up:a.gif", Bring(input, File("a.gif", "image/gif", 1)).Url);
        Assert.Equal("up:a.png", Bring(input with { MaxInlineBytes = 5 }, File("a.png", "image/png", 6)).Url);
        Assert.Equal("", Bring(Image, File("a.gif", "image/gif; a=b", 1L << 40)).Inline?.Prefix);
    }

    [Fact]
    public void Type_is_told_without_its_parameters()
    {
        Assert.Equal("image/gif", Bring(Image, File("a.gif", "image/gif; a=b", 1)).Type);
        Assert.Null(Bring(Image, new UrlSource("https://a.example/b")).Type);
    }

    [Fact]
    public void Another_form_is_refused_by_name()
    {
        var byId = Assert.Throws<VideoRequestException>(() => Bring(Image, new NativeIdSource("x")));
        Assert.Equal(("invalid_value", "input_reference", "mine takes a URL or a file."), (byId.Code, byId.Param, byId.Message));
        Assert.Throws<VideoRequestException>(() => Bring(Image, null));
        Assert.Throws<VideoRequestException>(() => Bring(Image with { MaxInlineBytes = 0 }, File("a.png", "image/png", 1)));
    }

    private static NativeMedia Bring(MediaInput input, MediaSource? source)
    {
        NativeMedia? brought = null;
        input.Bring(
            new() { Operation = VideoOperation.Create, Model = "m", Prompt = "p", BaseUrl = new("https://mine.example/"), Provider = "mine" }, source,
            media => (brought = media) is var _ ? new Answer(new() { Status = VideoStatus.Queued }) : null!);
        return brought!;
    }

    private static FileSource File(string name, string type, long length) =>
        new(new(name, type, length, _ => throw new InvalidOperationException("An adapter opens no files.")));
}
