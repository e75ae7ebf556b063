using System.Globalization;

namespace RemixProxy;

/// <summary>
/// The least and the longest value of a duration, in .NET's constant format (<c>[d.]hh:mm:ss[.fffffff]</c>). <c>[Range(typeof(TimeSpan), …)]</c> is not used,
/// because it finds a converter by reflection, which trimming forbids.
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
