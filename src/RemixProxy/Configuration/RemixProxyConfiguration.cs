using Microsoft.Extensions.Configuration;

namespace RemixProxy.Configuration;

/// <summary>The configuration handed to <c>AddRemixProxy</c>, whichever other ones the application has.</summary>
/// <param name="Root">Its root: the section <c>RemixProxy</c> and the providers' conventional key variables are read below it.</param>
internal sealed record RemixProxyConfiguration(IConfiguration Root);
