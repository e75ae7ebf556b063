namespace RemixProxy;

/// <summary>Allows only ASCII letters, digits and <paramref name="marks"/> in a text.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class PlainTextAttribute(string marks) : Attribute
{
    public string Marks { get; } = marks;
}
