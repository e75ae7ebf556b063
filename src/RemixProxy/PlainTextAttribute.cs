namespace RemixProxy;

/// <summary>A text of ASCII letters, digits and <paramref name="marks"/>.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class PlainTextAttribute(string marks) : Attribute
{
    public string Marks { get; } = marks;
}
