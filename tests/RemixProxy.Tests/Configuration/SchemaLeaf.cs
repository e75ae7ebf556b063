namespace RemixProxy.Tests.Configuration;

/// <summary>A key of the configuration that has a value, and JSON values to try.</summary>
/// <param name="Path">Below <c>RemixProxy</c>, with <c>{}</c> for a name of the operator's.</param>
/// <param name="Good">Taken.</param>
/// <param name="Bad">Refused, by an editor as well as at the start.</param>
/// <param name="BadAtStart">Refused at the start; a schema can't say why.</param>
internal sealed record SchemaLeaf(string Path, string[] Good, string[] Bad, string[] BadAtStart);
