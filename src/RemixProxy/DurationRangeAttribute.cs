using System.Globalization;

namespace RemixProxy;

/// <summary>
/// The bounds of a duration, as .NET's constant format writes it. <c>[Range(typeof(TimeSpan), …)]</c> finds a converter by reflection, which trimming forbids.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class DurationRangeAttribute(string minimum, string maximum) : Attribute
{
    public string Minimum { get; } = minimum;

    public string Maximum { get; } = maximum;

    public TimeSpan Least => Parse(Minimum);

    public TimeSpan Longest => Parse(Maximum);

    private static TimeSpan Parse(string text) => TimeSpan.ParseExact(text, "c", CultureInfo.InvariantCulture);
}
